"""Create a release on the command line."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.releases.actions.make import make_release
from annotations.releases.actions.order import order_release
from annotations.releases.management.commands.export_corpus import add_filters, filters_of
from annotations.releases.models import Release
from annotations.releases.split import PARTS
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.errors import Refusal


class Command(BaseCommand):
    help = """Create a numbered release of a corpus that never changes: its articles and spans from one snapshot, split
        into parts. Runs at once, without a worker."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("corpus", metavar="SLUG")
        parser.add_argument("--name", default="", help="name, in addition to its number")
        parser.add_argument("--notes", default="", help="notes for the data sheet and the manifest")
        parser.add_argument("--seed", help="another seed gives another split; default: that of the last release")
        parser.add_argument(
            "--shares",
            nargs=3,
            type=int,
            metavar=("TRAIN", "DEV", "TEST"),
            help="in percent; default: those of the last release, else 80 10 10",
        )
        parser.add_argument("--json", action="store_true", help="print the manifest on stdout")
        add_filters(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            release, _ = order_release(
                user=command_line_user(),
                corpus=get_corpus(command_line_user(), options["corpus"]),
                name=options["name"],
                notes=options["notes"],
                selection=filters_of(options),
                seed=options["seed"],
                shares=options["shares"] and dict(zip(PARTS, options["shares"], strict=True)),
            )
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        make_release(release_id=release.pk)
        release.refresh_from_db()
        if release.state != Release.State.MADE:
            raise CommandError(f"release {release.number} failed: {release.reason}")
        self._show(release, as_json=options["json"])

    def _show(self, release: Release, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(release.manifest, ensure_ascii=False))
            return
        counts = release.counts
        parts = ", ".join(f"{counts['parts'][part]['articles']} {part}" for part in PARTS)
        self.stdout.write(f"release {release.number}: {counts['articles']} articles ({parts}), {counts['spans']} spans")
        if others := release.left_out_articles:
            self.stdout.write(f"{others} other articles were left out: --stage any includes all")
        self.stdout.write(f"SHA-256 {release.sha256}")
