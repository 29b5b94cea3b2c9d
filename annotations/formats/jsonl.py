"""JSON Lines: one article per line, in UTF-8, with as few escapes as possible.

The fields are those of spaCy and Prodigy (text, tokens, spans, meta, hashes) and some of our own; nothing is lost.
Hashes are 32-bit numbers of the text, and of the text with its spans; Prodigy can set its own instead. `offsets` is
the unit of a line: code points or utf16. Read: with `answer` accept, or none, spans without a state are confirmed; with
reject they are rejected; with ignore they are left out and reported. Spans without offsets are left out.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from json.encoder import encode_basestring as _quoted
from typing import IO, Any

from annotations.formats import json_text
from annotations.formats.archive import seekable
from annotations.formats.protocol import Context, Format
from annotations.formats.records import CONFIRMED, REJECTED, Record, SpanRecord, progress_fields
from annotations.formats.report import Report
from annotations.formats.span_collector import SpanCollector, read_progress, read_zones
from annotations.formats.tokens import Tokens, tokenize
from annotations.formats.utf16 import CODE_POINTS, UTF16, line_in_code_points, line_in_utf16

NAME, MEDIA_TYPE, SUFFIX = "jsonl", "application/x-ndjson", "jsonl"
_STATE_OF_ANSWER = {"accept": CONFIRMED, "reject": REJECTED, "ignore": None}
# Labels, and combinations of state, score and pipeline, whose JSON is cached.
_CACHED = 4096
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
        if context.offsets == CODE_POINTS and not self.needs_tokens:
            return (encode_record(record) for record in records)
        made = (self._line(record, report, context) for record in records)
        return lines(line_in_utf16(line) | {"offsets": UTF16} if context.offsets == UTF16 else line for line in made)

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
    line["spans"] = [_span(record.text, span, tokens) for span in record.spans]
    return line | _after_spans(record)


def encode_record(record: Record) -> bytes:
    """The bytes of `line_of` without tokens. The spans, most of the line, are formatted directly."""
    spans = json_text.on_one_line(_encode_spans(record.text, record.spans))
    before, after = json_text.dumps(_before_spans(record)), json_text.dumps(_after_spans(record))
    return f'{before[:-1]},"spans":[{spans}],{after[1:]}\n'.encode()


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


def _encode_spans(text: str, spans: Iterable[SpanRecord]) -> str:
    """JSON of the spans. An export has millions, so that shared parts are cached."""
    return ",".join(
        [
            f'{{"id":{_or_null(pk)},"start":{start},"end":{end},"label":{_encode_label(label)},'
            f'"text":{_quoted(text[start:end])},{_encode_state(state, score, pipeline)}'
            f'"revision":{_or_null(revision)}}}'
            for start, end, label, state, score, pipeline, pk, revision in spans
        ]
    )


_encode_label = lru_cache(_CACHED)(_quoted)


# Typed, because 1 and 1.0 are equal but have different JSON.
@lru_cache(_CACHED, typed=True)
def _encode_state(state: str, score: float | None, pipeline: str | None) -> str:
    is_usual = type(score) is float and 0 <= score <= 1
    return (
        f'"state":"{state}","score":{repr(score) if is_usual else json_text.dumps(score)},'
        f'"pipeline":{"null" if pipeline is None else _quoted(pipeline)},'
    )


def _or_null(number: int | None) -> int | str:
    return "null" if number is None else number


def _span(text: str, span: SpanRecord, tokens: Tokens | None) -> dict[str, Any]:
    value = span.as_json(text[span.start : span.end])
    if tokens and (found := tokens.covering(span.start, span.end)):
        value |= {"token_start": found[0], "token_end": found[1]}
    return value


def _tokens(text: str, tokens: Tokens) -> list[dict[str, Any]]:
    return [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": text[end : end + 1] == " "}
        for number, (start, end) in enumerate(tokens.ranges)
    ]


def _hashes(record: Record) -> dict[str, int]:
    spans = "".join([f"{start}\0{end}\0{label}\0{state}\0" for start, end, label, state, *_ in record.spans])
    return {"_input_hash": _hash(f"{record.text}\0"), "_task_hash": _hash(f"{record.text}\0{spans}")}


def _hash(parts: str) -> int:
    """The hash of parts that each end with NUL."""
    return int.from_bytes(hashlib.blake2b(parts.encode(), digest_size=4).digest(), "big", signed=True)


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
                quote=span.get("text"),
            )


def _text(line: dict[str, Any], key: str) -> str:
    return line[key] if isinstance(line.get(key), str) else ""
