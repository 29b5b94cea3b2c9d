"""A format's file as a stream, and the refusal of one that would leave something out."""

from collections.abc import Iterator
from typing import Any

from annotations.exports.choices import check_offsets
from annotations.exports.queries import context_of, export_records
from annotations.exports.releases.models import Release
from annotations.exports.releases.queries import check_part, context_of_release, release_records
from annotations.exports.selection import Selection
from annotations.formats.protocol import Format
from annotations.formats.report import Report
from annotations.formats.utf16 import CODE_POINTS
from corpusapp.articles.models import Corpus
from corpusapp.refusals import Conflict

_NAMED = 3


class Incomplete(Conflict):
    """A strict export would leave something out; `current` is the report of it."""

    title = "The format cannot hold all of it"


def stream(corpus: Corpus, form: Format, selection: Selection, *, strict: bool = False) -> Iterator[bytes]:
    """The file, as the corpus stands when the first piece is asked for.

    Strict refuses `Incomplete` here, after a dry run; what came in meanwhile and cannot be held breaks the stream off.
    """
    check_offsets(form, selection.offsets)
    if strict:
        refuse_losses(form, dry_run(corpus, form, selection))
    records = export_records(corpus, selection)
    return form.chunks(records, Report(strict=strict), context_of(corpus, selection))


def dry_run(corpus: Corpus, form: Format, selection: Selection) -> Report:
    """What an export would leave out or carry in another way, counted; the first of each kind one by one."""
    check_offsets(form, selection.offsets)
    return form.check(export_records(corpus, selection), context_of(corpus, selection))


def stream_release(
    release: Release, form: Format, *, part: str = "", offsets: str = CODE_POINTS, strict: bool = False
) -> Iterator[bytes]:
    """The file of a made release, or of one part of it, in another format; read from its own file. As `stream`."""
    check_offsets(form, offsets)
    check_part(part)
    if strict:
        refuse_losses(form, dry_run_release(release, form, part=part, offsets=offsets))
    records = release_records(release, part)
    return form.chunks(records, Report(strict=strict), context_of_release(release, offsets))


def dry_run_release(release: Release, form: Format, *, part: str = "", offsets: str = CODE_POINTS) -> Report:
    """As `dry_run`, of a made release."""
    check_offsets(form, offsets)
    check_part(part)
    return form.check(release_records(release, part), context_of_release(release, offsets))


def refuse_losses(form: Format, report: Report) -> None:
    """Refuse where the report tells of any."""
    if not report.whole:
        raise Incomplete(losses(form, report.as_dict()), field="strict", current=report.as_dict())


def losses(form: Format, report: dict[str, Any]) -> str:
    """How many, and the first of them."""
    counts = report["losses"] | report["faults"]
    told = [entry["message"] for entry in report["examples"] if entry["kind"] in counts][:_NAMED]
    number = sum(counts.values())
    what = "1 loss" if number == 1 else f"{number} losses"
    return f"{form.title} cannot hold all of it ({what}): {'; '.join(told)}. Take another format, or leave strict out"
