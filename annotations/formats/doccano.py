"""doccano's JSON Lines for sequence labelling.

Written: `id`, `text` and `label` as `[start, end, label]`, which doccano imports as they are; what it has no place for
stands under `corpusapp`, which doccano keeps as metadata and gives back. Offsets are code points on both sides. Read:
the exports of 1.x with and without relations, and older ones (`data`, `labels`, `annotations`). Labels of whole texts,
relations and comments have no place here and are told; other keys become metadata.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO

from annotations.formats import json_text
from annotations.formats.collecting import SpanCollector
from annotations.formats.companion import KEY, Restored, companion, shown_and_beside
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record
from annotations.formats.report import Report

_SPANS = ("label", "labels", "entities", "annotations")
_UNMAPPED = {"relations": "relations between spans", "Comments": "comments", "comments": "comments"}
_OWN = {"id", "doc_id", "text", "data", "meta", "username", KEY, *_SPANS, *_UNMAPPED}


class Doccano(Format):
    name, title, media_type, extension = "doccano", "doccano JSONL", "application/x-ndjson", "jsonl"

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        for number, record in enumerate(records, 1):
            shown, beside = shown_and_beside(record, context.plain_states, report)
            line: dict[str, Any] = {"id": number if record.id is None else record.id, "text": record.text}
            line["label"] = [[span.start, span.end, span.label] for span in shown]
            if held := companion(record, shown, beside):
                line[KEY] = held
            yield (json_text.dumps(line) + "\n").encode()

    def _read(self, source: BinaryIO, report: Report) -> Iterator[Record]:
        for place, line in json_text.lines(source, report):
            text = line.get("text", line.get("data"))
            if isinstance(text, str):
                yield _record(line, text, place, report)
            else:
                report.refuse("text", "there is no text: export a text project as JSONL", place, "text")


def _record(line: dict[str, Any], text: str, place: str, report: Report) -> Record:
    collector = SpanCollector(text, report, place)
    restored = Restored(line.get(KEY))
    for key in _SPANS:
        value = line.get(key)
        if value is not None and not isinstance(value, list):
            report.refuse("spans", f"{key} must be a list", place, key)
        for number, span in enumerate(value if isinstance(value, list) else ()):
            _collect(span, f"{key}[{number}]", collector, restored, place, report)
    for key, what in _UNMAPPED.items():
        for _ in line.get(key) or ():
            report.lose(what, f"{what} have no place here", place)
    meta = {key: value for key, value in line.items() if key not in _OWN}
    if isinstance(line.get("meta"), dict):
        meta = line["meta"] | meta
    name = line.get("id", line.get("doc_id"))
    return restored.record(collector, report, place, id=name if isinstance(name, int | str) else None, meta=meta)


def _collect(span: Any, field: str, collector: SpanCollector, restored: Restored, place: str, report: Report) -> None:
    if isinstance(span, str):
        report.lose("labels of texts", f"{span[:40]!r} is a label of the whole text, which has no place here", place)
    elif isinstance(span, list) and len(span) == 3:
        restored.add_shown(collector, *span, field=field)
    elif isinstance(span, dict) and type(span.get("label")) is int:
        reason = "the label is a number that only doccano knows: export with text labels"
        report.refuse("label", reason, place, f"{field}.label")
    elif isinstance(span, dict):
        restored.add_shown(collector, span.get("start_offset"), span.get("end_offset"), span.get("label"), field)
    else:
        report.refuse("spans", "a span must be [start, end, label]", place, field)
