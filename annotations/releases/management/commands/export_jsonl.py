"""Export a corpus as JSON Lines on the command line."""

from argparse import ArgumentParser

from annotations.formats import jsonl
from annotations.releases.management.commands import export_corpus


class Command(export_corpus.Command):
    help = "Export the articles of a corpus with their spans and zones as JSON Lines, from one snapshot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("corpus", metavar="SLUG")
        parser.set_defaults(format=jsonl.NAME, strict=False, report=None)
        self.add_selection(parser)
