"""Load the sample corpus that comes with the project."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from annotations.suggestions.actions.wait_for_batch import wait_for_batch
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.accounts.models import User
from corpusapp.articles.actions.corpora import create_corpus, set_member
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Corpus, ImportBatch, Role
from corpusapp.intake.files import read_paths

SAMPLE = Path("corpusapp/sample/articles.jsonl")
SLUG, NAME = "sample", "Sample: Iran–Syria diplomacy"
GUIDELINES = (
    "Mark each name as it stands in the text. Titles and offices stay out of persons: “President [Bashar al-Assad]”. "
    "Keep the long names of committees and resolutions whole. The agency in a dateline is an ORG, its city a GPE."
)


class Command(BaseCommand):
    help = "Load the sample corpus and request its suggestions. Existing articles do not change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--manager", default="", metavar="USERNAME", help="make this user its manager")
        parser.add_argument("--wait", action="store_true", help="wait until its suggestions are stored")

    def handle(self, *args: Any, **options: Any) -> None:
        user = command_line_user()
        corpus = Corpus.objects.filter(slug=SLUG).first()
        corpus = corpus or create_corpus(user=user, slug=SLUG, name=NAME, guidelines=GUIDELINES)
        if manager := User.objects.filter(username=options["manager"]).first():
            set_member(user=user, corpus=corpus, member=manager, role=Role.MANAGER)
        items = read_paths([settings.BASE_DIR / SAMPLE])
        batch = import_articles(user=user, corpus=corpus, items=items, origin=ImportBatch.Origin.COMMAND)
        if options["wait"]:
            wait_for_batch(batch.pk)
        self.stdout.write(f"{batch.added} sample articles added, {batch.duplicates} existed already")
