"""Streams of a format's file with their reports, and dry runs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from annotations.exports import store
from annotations.exports.format_choices import check_offsets
from annotations.exports.sources import Source
from annotations.formats.protocol import Format
from annotations.formats.report import Report
from corpusapp.core.errors import Conflict

# Losses that a refusal quotes.
_QUOTED = 3
# Bytes that are sent together.
_JOINED = 64 * 1024


class Incomplete(Conflict):
    """A strict export would leave something out; `current` is the report of it."""

    title = "The format cannot hold everything"


@dataclass
class Stream:
    """A file in chunks. Its report is stored under `name` after the last chunk."""

    chunks: Iterator[bytes]
    name: str


def stream(source: Source, form: Format, *, strict: bool = False) -> Stream:
    """The file as a stream, from one snapshot that begins with the first chunk.

    With `strict`, raises `Incomplete` after a dry run; a loss that appears later breaks off the stream.
    """
    check_offsets(form, source.offsets)
    if strict:
        refuse_losses(form, dry_run(source, form))
    # Before the first chunk, so that an error is a refusal and not a broken stream.
    report, context = Report(strict=strict), source.context()
    records = source.records(report)

    def chunks() -> Iterator[bytes]:
        with store.loss_log() as log:
            report.each = log.add
            yield from _joined(form.chunks(records, report, context))
            store.keep_report(source.owner, name, report.of_writing() | source.more(form.name), log)

    name = store.new_report_name()
    return Stream(chunks(), name)


def _joined(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The first chunk at once, and later ones together: each that is sent costs the server and the client a call."""
    joined: list[bytes] = []
    size = _JOINED
    try:
        for chunk in chunks:
            joined.append(chunk)
            size += len(chunk)
            if size >= _JOINED:
                yield b"".join(joined)
                joined, size = [], 0
    except Exception:
        if joined:
            yield b"".join(joined)
        raise
    if joined:
        yield b"".join(joined)


def dry_run(source: Source, form: Format) -> Report:
    """The report of a file that is not stored: what would be left out or stored in another way."""
    check_offsets(form, source.offsets)
    report = Report()
    for _ in form.chunks(source.records(report), report, source.context()):
        pass
    return report


def refuse_losses(form: Format, report: Report) -> None:
    """Raise `Incomplete` if the report has losses."""
    if not report.whole:
        raise Incomplete(losses_message(form, report.of_writing()), field="strict", current=report.of_writing())


def losses_message(form: Format, report: dict[str, Any]) -> str:
    """The number of losses, and the first ones."""
    counts = report["losses"] | report["faults"]
    quoted = [entry["message"] for entry in report["examples"] if entry["kind"] in counts][:_QUOTED]
    number = sum(counts.values())
    what = "1 loss" if number == 1 else f"{number} losses"
    return (
        f"{form.title} cannot hold everything ({what}): {'; '.join(quoted)}. Choose another format, or leave strict out"
    )
