"""Check the files of releases."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.releases.queries.files import WHOLE, check_release
from annotations.releases.queries.releases import made_releases
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.models import Corpus
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.errors import Refusal


class Command(BaseCommand):
    help = "Check the file of every release against its hash. Fails if one has changed or is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("corpora", metavar="SLUG", nargs="*", help="default: all corpora")

    def handle(self, *args: Any, **options: Any) -> None:
        user = command_line_user()
        try:
            corpora = [get_corpus(user, slug) for slug in options["corpora"]] or list(Corpus.objects.visible_to(user))
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        broken = sum(self._checked(corpus) for corpus in corpora)
        if broken:
            raise CommandError(f"{broken} changed or missing: restore the files in releases/ from a backup")

    def _checked(self, corpus: Corpus) -> int:
        """The number of changed or missing files of a corpus."""
        broken = 0
        for release in made_releases(corpus):
            check = check_release(release)
            broken += check.state != WHOLE
            self.stdout.write(f"{corpus.slug} release {release.number}: {check.state} {release.sha256}")
        return broken
