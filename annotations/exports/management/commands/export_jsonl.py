"""Labelled data out on the command line: the same lines as by REST."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.exports.selection import Selection
from annotations.exports.streaming import stream
from annotations.formats import jsonl
from annotations.review.models import Stage, State
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.permissions import get_corpus
from corpusapp.refusals import Refusal


class Command(BaseCommand):
    help = "Write the articles of a corpus with their spans and zones as JSON Lines, as they stand at one moment."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("corpus", metavar="SLUG")
        parser.add_argument("--state", nargs="+", choices=State.values, default=[State.CONFIRMED.value])
        parser.add_argument("--stage", nargs="+", choices=Stage.values, default=[])
        parser.add_argument("--chrome", action="store_true", help="with the spans that touch site furniture")
        parser.add_argument("--output", type=Path, metavar="FILE", help="written whole or not at all; default stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            corpus = get_corpus(command_line_user(), options["corpus"])
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        states, stages = tuple(options["state"]), tuple(options["stage"])
        lines = stream(corpus, jsonl.JsonLines(), Selection(states=states, stages=stages, chrome=options["chrome"]))
        if options["output"] is None:
            sys.stdout.buffer.writelines(lines)
            return
        try:
            _write_whole(options["output"], lines)
        except OSError as error:
            raise CommandError(f"{options['output']} cannot be written: {error.strerror}") from error


def _write_whole(path: Path, lines: Iterator[bytes]) -> None:
    """A reader finds the former file or the new one, never a part."""
    draft = path.with_name(f"{path.name}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(lines)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
