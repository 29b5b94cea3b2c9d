"""Export a corpus on the command line, in any format."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.exports.format_choices import check_offsets, known_format
from annotations.exports.queries.records import STAGE
from annotations.exports.queries.streaming import dry_run, refuse_losses
from annotations.exports.selection import ANY, Selection
from annotations.exports.sources import CorpusSource, Source
from annotations.exports.store import loss_log
from annotations.formats.protocol import Format
from annotations.formats.registry import formats
from annotations.formats.report import Report, Strict
from annotations.formats.utf16 import CODE_POINTS, UTF16
from annotations.releases.queries.files import ReleaseSource
from annotations.releases.queries.releases import get_made_release
from annotations.releases.split import PARTS
from annotations.review.models import Stage, State
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.errors import Invalid, Refusal


class Command(BaseCommand):
    help = "Export the articles of a corpus with their spans and zones in any format, from one snapshot."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("corpus", metavar="SLUG")
        parser.add_argument("--format", choices=[form.name for form in formats.written()], default="jsonl")
        parser.add_argument("--strict", action="store_true", help="fail if anything would be left out")
        parser.add_argument("--report", type=Path, metavar="FILE", help="what was left out and why, as JSON Lines")
        parser.add_argument("--release", type=int, metavar="NUMBER", help="export this release, not the current corpus")
        parser.add_argument("--part", choices=PARTS, default="", help="part of the release; default: all of it")
        self.add_selection(parser)

    def add_selection(self, parser: ArgumentParser) -> None:
        add_filters(parser)
        parser.add_argument("--utf16", action="store_true", help="offsets for JavaScript, in jsonl and jsonl-tokens")
        parser.add_argument(
            "--output", type=Path, metavar="FILE", help="written completely or not at all; default: stdout"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            source = _source(options)
            form = known_format(options["format"])
            check_offsets(form, source.offsets)
            if options["strict"]:
                refuse_losses(form, dry_run(source, form))
            report = self._write(source, form, options)
        except (Refusal, Strict) as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            where = error.filename or options["output"] or "the output"
            raise CommandError(f"{where} cannot be written: {error.strerror}") from error
        self._show(report)
        for version in source.more(form.name).get("versions", ()):
            self.stderr.write(f"bytes may differ from earlier exports: {version}", style_func=str)

    def _write(self, source: Source, form: Format, options: dict[str, Any]) -> Report:
        with loss_log() as log:
            report = Report(strict=options["strict"], each=log.add)
            chunks = form.chunks(source.records(report), report, source.context())
            if options["output"] is None:
                sys.stdout.buffer.writelines(chunks)
            else:
                write_whole(options["output"], chunks)
            if options["report"]:
                write_whole(options["report"], log.lines(report.counts()))
        return report

    def _show(self, report: Report) -> None:
        """Write the report to stderr, because stdout is for the data."""
        for entry in report.lost:
            self.stderr.write(f"left out or changed: {entry}", style_func=str)
        if lost := sum(report.losses.values()):
            self.stderr.write(f"{lost} in total; --strict fails instead", style_func=str)
        if others := report.left_out_articles[STAGE]:
            self.stderr.write(f"{others} other articles were left out: --stage any includes all", style_func=str)


def _source(options: dict[str, Any]) -> Source:
    corpus, selection = get_corpus(command_line_user(), options["corpus"]), filters_of(options)
    offsets = UTF16 if options["utf16"] else CODE_POINTS
    if (number := options.get("release")) is None:
        if options.get("part"):
            raise Invalid("only a release has parts: add --release")
        return CorpusSource(corpus, replace(selection, offsets=offsets))
    if options["stage"] or selection != Selection():
        raise Invalid("a release already has its filters: leave the filters out")
    return ReleaseSource(get_made_release(corpus, number), options["part"], offsets)


def add_filters(parser: ArgumentParser) -> None:
    """The filters of exports and releases."""
    parser.add_argument("--state", nargs="+", choices=State.values, default=[State.CONFIRMED.value])
    parser.add_argument(
        "--stage", nargs="+", choices=[*Stage.values, ANY], help="stages of articles; default: done; any: all of them"
    )
    parser.add_argument("--label", nargs="+", default=[], metavar="NAME", help="only spans of these labels")
    parser.add_argument("--source", default="", metavar="NAME")
    parser.add_argument("--published-from", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--published-to", type=date.fromisoformat, metavar="DATE")
    parser.add_argument("--chrome", action="store_true", help="include spans in boilerplate")
    parser.add_argument("--finished-by", action="store_true", help="include who finished each article")


def filters_of(options: dict[str, Any]) -> Selection:
    return Selection(
        states=tuple(options["state"]),
        stages=tuple(options["stage"] or Selection().stages),
        labels=tuple(options["label"]),
        source=options["source"],
        published_from=options["published_from"],
        published_to=options["published_to"],
        chrome=options["chrome"],
        finished_by=options["finished_by"],
    )


def write_whole(path: Path, chunks: Iterator[bytes]) -> None:
    """Replace the file atomically."""
    draft = path.with_name(f"{path.name}.part")
    try:
        with draft.open("wb") as file:
            file.writelines(chunks)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
