"""Build a synthetic corpus of any size."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.suggestions.actions.fill_corpus import fill_corpus, synthetic_articles
from annotations.suggestions.actions.fill_entities import fill_entities
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.actions.corpora import create_corpus
from corpusapp.core.errors import Refusal


class Command(BaseCommand):
    help = "Create a synthetic corpus for benchmarks. The corpus must not exist."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--articles", type=int, required=True, metavar="N")
        parser.add_argument("--spans", type=int, default=40, metavar="N", help="suggestions per article (default: 40)")
        parser.add_argument(
            "--words", type=int, default=500, metavar="N", help="approximate words per article (default: 500)"
        )
        parser.add_argument(
            "--entities", type=int, default=0, metavar="N",
            help="link the names to so many entities, of which the first are the most frequent (default: 0)",
        )  # fmt: skip
        parser.add_argument("--seed", type=int, default=1, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("articles", "spans", "words", "entities"):
            if options[name] < 0:
                raise CommandError(f"--{name} must be zero or more, not {options[name]}")
        try:
            corpus = create_corpus(user=command_line_user(), slug=options["slug"])
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        generated = synthetic_articles(
            options["articles"], spans=options["spans"], words=options["words"], seed=options["seed"],
            entities=options["entities"],
        )  # fmt: skip
        ids = fill_entities(corpus=corpus, count=options["entities"]) if options["entities"] else []
        stored = fill_corpus(corpus=corpus, articles=generated, entities=ids, progress=self._say)
        self.stdout.write(f"{stored} articles in {corpus.slug}")

    def _say(self, stored: int) -> None:
        self.stderr.write(f"{stored} articles")
