"""Import files and folders from the command line."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.suggestions.queries import Progress
from annotations.suggestions.waiting import wait_for_batch
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.actions.corpora import create_corpus
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Corpus, ImportBatch
from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.files import read_paths
from corpusapp.intake.records import LENGTHS
from corpusapp.refusals import Refusal


class Command(BaseCommand):
    help = "Import .txt and .jsonl files, or folders of them, into a corpus, which is made where it is absent."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--corpus", required=True, metavar="SLUG")
        parser.add_argument("--source", default="", metavar="NAME", help="for articles that name no source")
        parser.add_argument("--add-labels", action="store_true", help="make labels that the corpus does not have")
        parser.add_argument("--no-suggest", action="store_true", help="ask for no suggestions")
        parser.add_argument("--wait", action="store_true", help="return when this import's suggestions stand")
        parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        if len(options["source"]) > LENGTHS["source"]:
            raise CommandError(f"--source has more than {LENGTHS['source']} characters: shorten it")
        user = command_line_user()
        try:
            corpus = Corpus.objects.filter(slug=options["corpus"]).first()
            corpus = corpus or create_corpus(user=user, slug=options["corpus"])
            batch = import_articles(
                user=user,
                corpus=corpus,
                items=_with_source(read_paths(options["paths"]), options["source"]),
                origin=ImportBatch.Origin.COMMAND,
                add_labels=options["add_labels"],
                suggest=not options["no_suggest"],
                progress=self._say_imported,
            )
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        suggestions = wait_for_batch(batch.pk, self._say_suggested) if options["wait"] else None
        self._report(batch, suggestions, as_json=options["json"])

    def _say_imported(self, batch: ImportBatch) -> None:
        self.stderr.write(f"{batch.added} added, {batch.duplicates} duplicates, {batch.failed} failed")

    def _say_suggested(self, progress: Progress) -> None:
        self.stderr.write(f"suggestions: {progress.done + progress.failed} of {progress.total} articles")

    def _report(self, batch: ImportBatch, suggestions: Progress | None, *, as_json: bool) -> None:
        problems = list(batch.problems.values("item", "line", "reason"))
        counts = {name: getattr(batch, name) for name in ("added", "duplicates", "changed", "failed")}
        if as_json:
            self.stdout.write(json.dumps({**counts, "problems": problems}, ensure_ascii=False))
        else:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))
            for problem in batch.problems.all():
                self.stdout.write(f"  {problem}")
        for article_id, error in suggestions.failures if suggestions else ():
            self.stderr.write(f"no suggestions for article {article_id}: {error}")
        if batch.failed and not (batch.added or batch.duplicates):
            raise CommandError("nothing was imported: the problems above say why")


def _with_source(items: Iterable[Draft | Failure], source: str) -> Iterator[Draft | Failure]:
    for item in items:
        yield replace(item, source=source) if source and isinstance(item, Draft) and not item.source else item
