"""doccano's JSON Lines for sequence labelling.

Written: `id`, `text` and `label` as `[start, end, label]`, which doccano imports. What it cannot hold is under
`corpusapp`, which doccano keeps as metadata. Offsets are code points in both. Read: exports of 1.x with and without
relations, and older ones (`data`, `labels`, `annotations`), as lines or as an array, and archives of one file per
annotator, whose spans are merged. Labels of whole texts, relations and comments are not supported and reported; other
keys become metadata.
"""

import json
from collections.abc import Iterator
from typing import IO, Any

from annotations.formats import json_text
from annotations.formats.archive import is_archive, read_members, seekable
from annotations.formats.companion import KEY, StoredCompanion, companion, split_shown
from annotations.formats.grouping import GroupedObjects
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record
from annotations.formats.report import UNSEEN, Report
from annotations.formats.span_collector import SpanCollector, merge_versions

_SPANS = ("label", "labels", "entities", "annotations")
_UNMAPPED = {"relations": "relations between spans", "Comments": "comments", "comments": "comments"}
_OWN = {"id", "doc_id", "text", "data", "meta", "username", KEY, *_SPANS, *_UNMAPPED}


# The member with examples that nobody has annotated.
_UNKNOWN = "unknown.jsonl: "


class Doccano(Format):
    name, title, media_type, extension = "doccano", "doccano JSONL", "application/x-ndjson", "jsonl"

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        for number, record in enumerate(records, 1):
            shown, hidden = split_shown(record, context.plain_states, report)
            line: dict[str, Any] = {"id": number if record.id is None else record.id, "text": record.text}
            line["label"] = [[span.start, span.end, span.label] for span in shown]
            if stored := companion(record, shown, hidden):
                line[KEY] = stored
            yield (json_text.dumps(line) + "\n").encode()

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        with seekable(source) as file:
            if is_archive(file):
                yield from _merged_annotators(file, report)
                return
            for place, line in _lines(file, report):
                yield _record(line, place, report)


def _merged_annotators(file: IO[bytes], report: Report) -> Iterator[Record]:
    with GroupedObjects() as groups:
        for name, data in read_members(file, (".jsonl", ".json"), report):
            for place, line in _lines(data, report, f"{name}: "):
                key = json.dumps([line.get("id"), _text(line)])
                groups.add(key, {"place": place, "line": line})
        for _, items in groups.all():
            records = [_record(item["line"], item["place"], report) for item in items]
            if all(_UNKNOWN in item["place"] for item in items):
                report.note(UNSEEN, "no annotator has worked on it", items[0]["place"])
            yield from merge_versions(records, items[0]["place"], report)


def _lines(file: IO[bytes], report: Report, within: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, object) of each line, or each element of an array, with a text."""
    for place, line in json_text.objects(file, report, within):
        if isinstance(_text(line), str):
            yield place, line
        else:
            report.refuse("text", "there is no text: export a text project as JSONL", place, "text")


def _text(line: dict[str, Any]) -> Any:
    return line.get("text", line.get("data"))


def _record(line: dict[str, Any], place: str, report: Report) -> Record:
    collector = SpanCollector(_text(line), report, place)
    stored = StoredCompanion(line.get(KEY))
    for key in _SPANS:
        value = line.get(key)
        if value is not None and not isinstance(value, list):
            report.refuse("spans", f"{key} must be a list", place, key)
        for number, span in enumerate(value if isinstance(value, list) else ()):
            _collect(span, f"{key}[{number}]", collector, stored, place, report)
    for key, what in _UNMAPPED.items():
        for _ in line[key] if isinstance(line.get(key), list) else ():
            report.lose(what, f"{what} have no place here", place)
    meta = {key: value for key, value in line.items() if key not in _OWN}
    if isinstance(line.get("meta"), dict):
        meta = line["meta"] | meta
    name = line.get("id", line.get("doc_id"))
    return stored.record(collector, report, place, id=name if isinstance(name, int | str) else None, meta=meta)


def _collect(
    span: Any, field: str, collector: SpanCollector, stored: StoredCompanion, place: str, report: Report
) -> None:
    if isinstance(span, str):
        report.lose("labels of texts", f"{span[:40]!r} is a label of the whole text, which is not supported", place)
    elif isinstance(span, list) and len(span) == 3:
        start, end, label = span
        stored.add_shown(collector, start, end, label, field)
    elif isinstance(span, dict) and type(span.get("label")) is int:
        reason = "the label is a number that only doccano knows: export with text labels"
        report.refuse("label", reason, place, f"{field}.label")
    elif isinstance(span, dict):
        start, end = (span.get(f"{edge}_offset", span.get(edge)) for edge in ("start", "end"))
        stored.add_shown(collector, start, end, span.get("label"), field, quote=span.get("text"))
    else:
        report.refuse("spans", "a span must be [start, end, label]", place, field)
