"""A format's file as a stream with its report, and the refusal of one that would leave something out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from annotations.exports import reports
from annotations.exports.format_choices import check_offsets
from annotations.exports.sources import Source
from annotations.formats.protocol import Format
from annotations.formats.report import Report
from corpusapp.core.errors import Conflict

_NAMED = 3


class Incomplete(Conflict):
    """A strict export would leave something out; `current` is the report of it."""

    title = "The format cannot hold everything"


@dataclass
class Stream:
    """The file, piece by piece. When the last piece has been taken, its report is kept under `name`."""

    chunks: Iterator[bytes]
    name: str = field(default_factory=reports.new_name)


def stream(source: Source, form: Format, *, strict: bool = False) -> Stream:
    """The file, as its source stands when the first piece is asked for.

    Strict refuses `Incomplete` here, after a dry run; what came in meanwhile and cannot be held breaks the stream off.
    """
    check_offsets(form, source.offsets)
    if strict:
        refuse_losses(form, dry_run(source, form))
    # Before the first piece, so that what cannot be read is refused and breaks nothing off.
    report, context = Report(strict=strict), source.context()
    records = source.records(report)

    def chunks() -> Iterator[bytes]:
        with reports.told() as telling:
            report.each = telling.tell
            yield from form.chunks(records, report, context)
            reports.keep(source.owner, made.name, report.of_writing() | source.more(form.name), telling)

    made = Stream(chunks())
    return made


def dry_run(source: Source, form: Format) -> Report:
    """The report of a file that nobody keeps: what would be left out or carried in another way, counted; the first of
    each kind one by one."""
    check_offsets(form, source.offsets)
    report = Report()
    for _ in form.chunks(source.records(report), report, source.context()):
        pass
    return report


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
    return (
        f"{form.title} cannot hold everything ({what}): {'; '.join(told)}. Choose another format, or leave strict out"
    )
