"""A format's file as a stream with its report, and the refusal of one that would leave something out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from annotations.exports import reports
from annotations.exports.choices import check_offsets
from annotations.exports.queries import context_of, export_records
from annotations.exports.selection import Selection
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record
from annotations.formats.report import Report
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases.models import Release
from annotations.releases.queries import check_part, context_of_release, release_records, versions_differ
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Conflict

_NAMED = 3


class Incomplete(Conflict):
    """A strict export would leave something out; `current` is the report of it."""

    title = "The format cannot hold all of it"


@dataclass
class Stream:
    """The file, piece by piece. When the last piece has been taken, its report is kept under `name`."""

    chunks: Iterator[bytes]
    name: str = field(default_factory=reports.new_name)


def stream(corpus: Corpus, form: Format, selection: Selection, *, strict: bool = False) -> Stream:
    """The file, as the corpus stands when the first piece is asked for.

    Strict refuses `Incomplete` here, after a dry run; what came in meanwhile and cannot be held breaks the stream off.
    """
    check_offsets(form, selection.offsets)
    records, context = partial(export_records, corpus, selection), context_of(corpus, selection)
    if strict:
        refuse_losses(form, checked(form, records, context))
    return _reported(corpus, form, records, context, strict)


def dry_run(corpus: Corpus, form: Format, selection: Selection) -> Report:
    """What an export would leave out or carry in another way, counted; the first of each kind one by one."""
    check_offsets(form, selection.offsets)
    return checked(form, partial(export_records, corpus, selection), context_of(corpus, selection))


def checked(form: Format, records: Callable[[Report], Iterator[Record]], context: Context) -> Report:
    """The report of a file that nobody keeps."""
    report = Report()
    for _ in form.chunks(records(report), report, context):
        pass
    return report


def stream_release(
    release: Release, form: Format, *, part: str = "", offsets: str = CODE_POINTS, strict: bool = False
) -> Stream:
    """The file of a made release, or of one part of it, in another format; read from its own file. As `stream`."""
    check_offsets(form, offsets)
    check_part(part)
    if strict:
        refuse_losses(form, dry_run_release(release, form, part=part, offsets=offsets))
    records = release_records(release, part)
    versions = {"versions": versions_differ(release, form.name)}
    return _reported(release, form, lambda report: records, context_of_release(release, offsets), strict, versions)


def dry_run_release(release: Release, form: Format, *, part: str = "", offsets: str = CODE_POINTS) -> Report:
    """As `dry_run`, of a made release."""
    check_offsets(form, offsets)
    check_part(part)
    return form.check(release_records(release, part), context_of_release(release, offsets))


def _reported(
    owner: Corpus | Release,
    form: Format,
    records: Callable[[Report], Iterator[Record]],
    context: Context,
    strict: bool,
    more: dict[str, Any] | None = None,
) -> Stream:
    def chunks() -> Iterator[bytes]:
        with reports.told() as telling:
            report = Report(strict=strict, each=telling.tell)
            yield from form.chunks(records(report), report, context)
            reports.keep(owner, made.name, report.of_writing() | (more or {}), telling)

    made = Stream(chunks())
    return made


def refuse_losses(form: Format, report: Report) -> None:
    """Refuse where the report tells of any."""
    if not report.whole:
        raise Incomplete(losses(form, report.of_writing()), field="strict", current=report.of_writing())


def losses(form: Format, report: dict[str, Any]) -> str:
    """How many, and the first of them."""
    counts = report["losses"] | report["faults"]
    told = [entry["message"] for entry in report["examples"] if entry["kind"] in counts][:_NAMED]
    number = sum(counts.values())
    what = "1 loss" if number == 1 else f"{number} losses"
    return f"{form.title} cannot hold all of it ({what}): {'; '.join(told)}. Take another format, or leave strict out"
