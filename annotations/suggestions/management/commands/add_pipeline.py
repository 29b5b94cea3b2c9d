"""Add a spaCy pipeline. A command only, never a page: loading a pipeline runs its code."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.suggestions.actions.promote_model import promote_model
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.errors import Refusal


class Command(BaseCommand):
    help = "Add a spaCy pipeline from a folder as a model of a corpus. Loading a pipeline runs its code."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a folder with config.cfg and meta.json")
        parser.add_argument("--corpus", required=True, metavar="SLUG")
        parser.add_argument("--promote", action="store_true", help="use it for the corpus's suggestions at once")

    def handle(self, **options: Any) -> None:
        # Imports spaCy, which takes seconds: not when commands are only listed.
        from annotations.suggestions.actions.add_pipeline import add_pipeline

        user = command_line_user()
        try:
            corpus = get_corpus(user, options["corpus"])
            model = add_pipeline(user=user, corpus=corpus, path=options["path"])
            if options["promote"]:
                promote_model(user=user, model=model)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(f"model {model.pk} of {corpus.slug}: {model.name} ({model.digest})")
