"""JSON Lines: one article per line, in UTF-8, with as few escapes as possible.

The fields are those of spaCy and Prodigy (text, tokens, spans, meta, hashes) and some of our own; nothing is lost.
Hashes are 32-bit numbers of the text, and of the text with its spans; Prodigy can set its own instead. `offsets` is
the unit of a line: code points or utf16. Read: with `answer` accept, or none, spans without a state are confirmed; with
reject they are rejected; with ignore they are left out and reported. Spans without offsets are left out.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

import orjson

from annotations.formats import json_text
from annotations.formats.archive import seekable
from annotations.formats.protocol import Context, Format
from annotations.formats.records import (
    CONFIRMED,
    REJECTED,
    Record,
    SpanRecord,
    entities_of,
    progress_fields,
    scores_of,
    spans_as_json,
)
from annotations.formats.report import Report
from annotations.formats.span_collector import SpanCollector, read_progress, read_zones
from annotations.formats.tokens import Tokens, tokenize
from annotations.formats.utf16 import CODE_POINTS, UTF16, line_in_code_points, line_in_utf16

NAME, MEDIA_TYPE, SUFFIX = "jsonl", "application/x-ndjson", "jsonl"
_STATE_OF_ANSWER = {"accept": CONFIRMED, "reject": REJECTED, "ignore": None}
# The least float that json writes without an exponent.
_LEAST_USUAL = 1e-4
_KNOWN_KEYS = {
    "id", "external_id", "title", "language", "split", "text", "tokens", "spans", "zones", "meta", "answer", "offsets",
    "stage", "finished_at", "finished_by", "decided",
}  # fmt: skip


def lines(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Each object as a line. Line ends in strings are escaped."""
    for record in records:
        yield (json_text.dumps(record) + "\n").encode()


class JsonLines(Format):
    name, title, media_type, extension = NAME, "JSON Lines", MEDIA_TYPE, SUFFIX

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        for record in records:
            line = self._line(record, report, context)
            if context.offsets == UTF16:
                line = line_in_utf16(line) | {"offsets": UTF16}
            yield _encoded(line, record)

    def _line(self, record: Record, report: Report, context: Context) -> dict[str, Any]:
        return line_of(record)

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        with seekable(source) as file:
            for place, line in json_text.objects(file, report):
                if not isinstance(line.get("text"), str):
                    report.refuse("text", "there is no text: add one", place, "text")
                    continue
                if line.get("offsets") == UTF16:
                    line = line_in_code_points(line)
                yield _record(line, place, report)


class TokenLines(JsonLines):
    """With spaCy's tokens. A span on token boundaries has the numbers of its first and last token."""

    name, title, needs_tokens = "jsonl-tokens", "JSON Lines with tokens", True

    def _line(self, record: Record, report: Report, context: Context) -> dict[str, Any]:
        return line_of(record, tokenize(record.text, record.language or context.language, report))


def line_of(record: Record, tokens: Tokens | None = None) -> dict[str, Any]:
    line = _before_spans(record)
    if tokens:
        line["tokens"] = _tokens(record.text, tokens)
    line["spans"] = spans_as_json(record.spans, record.text)
    if tokens:
        _add_token_numbers(line["spans"], tokens)
    return line | _after_spans(record)


def encode_record(record: Record) -> bytes:
    """The bytes of `line_of` without tokens."""
    return _encoded(line_of(record), record)


def _encoded(line: dict[str, Any], record: Record) -> bytes:
    """The line of a record as `lines` writes it: by orjson, in a tenth of the time."""
    if not {*map(type, record.meta.values())} <= {str}:
        line["meta"] = orjson.Fragment(json_text.dumps(line["meta"]))
    if not _has_unusual_scores(record.spans):
        try:
            return json_text.encoded_on_one_line(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        except orjson.JSONEncodeError:
            # A number of more than 64 bits, from another tool's file.
            pass
    return b"".join(lines([line | {"meta": dict(record.meta)}]))


def _has_unusual_scores(spans: Sequence[SpanRecord]) -> bool:
    """Whether there is a score that orjson writes in another way: json has an exponent of two digits."""
    unusual = [score for score in filter(None, scores_of(spans)) if not _LEAST_USUAL <= score <= 1]
    unusual += [one.score for one in entities_of(spans) if one.score and not _LEAST_USUAL <= one.score <= 1]
    return bool(unusual)


def _before_spans(record: Record) -> dict[str, Any]:
    return {
        "id": record.id,
        "external_id": record.external_id,
        "title": record.title,
        "language": record.language,
        **progress_fields(record),
        "text": record.text,
        "offsets": CODE_POINTS,
    }


def _after_spans(record: Record) -> dict[str, Any]:
    zones = [{"start": zone.start, "end": zone.end, "kind": zone.kind} for zone in record.zones]
    split = {"split": record.split} if record.split else {}
    return {"zones": zones, "meta": dict(record.meta), **split, **_hashes(record)}


def _add_token_numbers(spans: Iterable[dict[str, Any]], tokens: Tokens) -> None:
    for span in spans:
        if found := tokens.covering(span["start"], span["end"]):
            span |= {"token_start": found[0], "token_end": found[1]}


def _tokens(text: str, tokens: Tokens) -> list[dict[str, Any]]:
    return [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": text[end : end + 1] == " "}
        for number, (start, end) in enumerate(tokens.ranges)
    ]


def _hashes(record: Record) -> dict[str, int]:
    """Of parts that each end with NUL: the text, and the text with its spans."""
    digest = hashlib.blake2b(f"{record.text}\0".encode(), digest_size=4)
    of_text = _number(digest)
    parts = [f"{start}\0{end}\0{label}\0{state}\0" for start, end, label, state, *_ in record.spans]
    digest.update("".join(parts).encode())
    return {"_input_hash": of_text, "_task_hash": _number(digest)}


def _number(digest: "hashlib.blake2b") -> int:
    return int.from_bytes(digest.digest(), "big", signed=True)


def _record(line: dict[str, Any], place: str, report: Report) -> Record:
    collector = SpanCollector(line["text"], report, place)
    _collect(line, collector, place, report)
    for key in sorted(line.keys() - _KNOWN_KEYS):
        if not key.startswith("_"):
            report.note(f"key {key}", "has no meaning here and was passed over", place)
    meta = line.get("meta")
    if meta is not None and not isinstance(meta, dict):
        report.note("meta", "meta must be an object; the article comes in without it", place)
    return Record(
        text=line["text"],
        spans=collector.spans(),
        id=line["id"] if isinstance(line.get("id"), int | str) else None,
        external_id=_text(line, "external_id"),
        title=_text(line, "title"),
        language=_text(line, "language"),
        split=_text(line, "split"),
        meta=meta if isinstance(meta, dict) else {},
        zones=read_zones(line.get("zones"), line["text"], report, place),
        **read_progress(line, line["text"], report, place),
    )


def _collect(line: dict[str, Any], collector: SpanCollector, place: str, report: Report) -> None:
    answer = line.get("answer") or "accept"
    if answer not in _STATE_OF_ANSWER:
        report.refuse("answer", "an answer is accept, reject or ignore: the spans are left out", place, "answer")
        return
    spans = line.get("spans") or []
    if not isinstance(spans, list):
        report.refuse("spans", "spans must be a list", place, "spans")
        return
    for number, span in enumerate(spans):
        field = f"spans[{number}]"
        if not isinstance(span, dict):
            report.refuse("spans", "a span must be an object with start, end and label", place, field)
        elif _STATE_OF_ANSWER[answer] is None:
            report.lose("ignored", f"{field} of an article that was answered with ignore", place)
        else:
            collector.add(
                span.get("start"),
                span.get("end"),
                span.get("label"),
                field=field,
                state=span.get("state", _STATE_OF_ANSWER[answer]),
                score=span.get("score"),
                pipeline=span.get("pipeline"),
                id=span.get("id"),
                revision=span.get("revision"),
                entity=span.get("entity"),
                quote=span.get("text"),
            )


def _text(line: dict[str, Any], key: str) -> str:
    return line[key] if isinstance(line.get(key), str) else ""
