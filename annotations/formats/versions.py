"""One document as several people annotated it."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from annotations.formats.records import CONFIRMED, Record, SpanRecord, reading_order
from annotations.formats.report import Report


def merged(versions: Iterable[Record], document: str, report: Report) -> Iterator[Record]:
    """One record for each text that the annotators of a document saw, with the spans of all of them."""
    by_text: dict[str, list[Record]] = {}
    for record in versions:
        by_text.setdefault(record.text, []).append(record)
    for records in by_text.values():
        if len(records) > 1:
            reason = f"{len(records)} versions by several people: their spans come in together"
            report.note("several annotations", reason, document)
        spans: dict[tuple[int, int, str], SpanRecord] = {}
        for span in (span for record in records for span in record.spans):
            if span.triple not in spans or span.state == CONFIRMED:
                spans[span.triple] = span
        yield replace(records[0], spans=tuple(reading_order(spans.values())))
