"""Label Studio's JSON: an array of tasks, with annotations (people's) and predictions (machines').

Written: confirmed spans as one annotation, suggested ones as a prediction for each pipeline (its `model_version`), the
rest under `data.corpusapp`, which Label Studio keeps. The regions belong to `<Labels name="label" toName="text">` over
`<Text name="text" value="$text">`. Offsets are code points, as Label Studio counts.

Read: the spans of all annotations of a task together, of those marked as ground truth where there are such; cancelled
ones are passed over. Old releases counted UTF-16 units: where the offsets do not give the region's own text and
UTF-16 offsets do, these are taken, and it is noted. Other regions (choices, relations, HTML) are told.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, BinaryIO

from annotations.formats import json_text
from annotations.formats.collecting import SpanCollector
from annotations.formats.companion import KEY, Restored, companion, shown_and_beside
from annotations.formats.protocol import Context, Format
from annotations.formats.records import CONFIRMED, SUGGESTED, Record, SpanRecord
from annotations.formats.report import Report
from corpusapp.text.utf16 import Utf16


class LabelStudio(Format):
    name, title, media_type, extension = "label-studio", "Label Studio JSON", "application/json", "json"

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        opening = "[\n"
        for number, record in enumerate(records, 1):
            yield (opening + json_text.dumps(_task(record, number, report, context))).encode()
            opening = ",\n"
        yield b"\n]\n" if opening == ",\n" else b"[]\n"

    def _read(self, source: BinaryIO, report: Report) -> Iterator[Record]:
        number = 0
        try:
            for number, task in enumerate(_tasks(source), 1):
                place = f"task {number}"
                try:
                    task = json_text.checked(task)
                except json_text.Malformed as problem:
                    report.refuse("task", problem.reason, place, problem.field)
                    continue
                if (text := _text(task)) is None:
                    report.refuse("text", "there is no text in the task's data", place, "data.text")
                else:
                    yield _record(task, text, place, report)
        except json_text.Malformed as problem:
            report.refuse("file", f"{problem.reason}: what follows could not be read", f"task {number + 1}")


def _task(record: Record, number: int, report: Report, context: Context) -> dict[str, Any]:
    shown, others = shown_and_beside(record, context.plain_states | {SUGGESTED}, report)
    predicted = [span for span in shown if span.state == SUGGESTED and SUGGESTED not in context.plain_states]
    annotated = [span for span in shown if span not in predicted]
    data: dict[str, Any] = {"text": record.text}
    if held := companion(record, shown, others):
        data[KEY] = held
    annotation = {"result": _regions(record.text, annotated), "was_cancelled": False, "ground_truth": False}
    return {
        "id": number if record.id is None else record.id,
        "data": data,
        "annotations": [annotation] if annotated else [],
        "predictions": [
            {"model_version": pipeline, "result": _regions(record.text, spans)}
            for pipeline, spans in _by_pipeline(predicted)
        ],
    }


def _by_pipeline(spans: Iterable[SpanRecord]) -> Iterator[tuple[str, list[SpanRecord]]]:
    ordered = sorted(spans, key=lambda span: span.pipeline or "")
    for pipeline, group in groupby(ordered, key=lambda span: span.pipeline or ""):
        yield pipeline, list(group)


def _regions(text: str, spans: Iterable[SpanRecord]) -> list[dict[str, Any]]:
    return [_region(text, span) for span in spans]


def _region(text: str, span: SpanRecord) -> dict[str, Any]:
    region: dict[str, Any] = {
        "id": f"{span.start}-{span.end}-{span.label}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {
            "start": span.start,
            "end": span.end,
            "text": text[span.start : span.end],
            "labels": [span.label],
        },
    }
    return region if span.score is None else region | {"score": span.score}


def _tasks(source: BinaryIO) -> Iterator[Any]:
    """The tasks of an array, of one object, or of objects one after another."""
    stream = json_text.Stream(source)
    if stream.peek() == "[":
        yield from stream.items()
    while stream.peek():
        yield stream.value()


def _text(task: dict[str, Any]) -> str | None:
    """`data.text`; under another name where it is the only text."""
    data = task.get("data")
    if not isinstance(data, dict):
        return None
    if isinstance(data.get("text"), str):
        return data["text"]
    texts = [value for value in data.values() if isinstance(value, str)]
    return texts[0] if len(texts) == 1 else None


def _record(task: dict[str, Any], text: str, place: str, report: Report) -> Record:
    reading = _Task(text, task["data"].get(KEY), place, report)
    for field, annotation in _annotations(task, place, report):
        reading.take(annotation.get("result"), field, CONFIRMED, None, None)
    for field, prediction in _objects(task, "predictions"):
        reading.take(
            prediction.get("result"), field, SUGGESTED, prediction.get("model_version"), prediction.get("score")
        )
    meta = {key: value for key, value in task["data"].items() if key != KEY and value is not text}
    if isinstance(task.get("meta"), dict):
        meta = task["meta"] | meta
    name = task.get("id")
    given = {"id": name if isinstance(name, int | str) else None, "meta": meta}
    return reading.restored.record(reading.collector, report, place, **given)


def _annotations(task: dict[str, Any], place: str, report: Report) -> list[tuple[str, dict[str, Any]]]:
    found = _objects(task, "annotations") or _objects(task, "completions")
    kept = [(field, annotation) for field, annotation in found if not annotation.get("was_cancelled")]
    if len(kept) < len(found):
        report.note("cancelled", f"{len(found) - len(kept)} cancelled annotations were passed over", place)
    truths = [(field, annotation) for field, annotation in kept if annotation.get("ground_truth") is True]
    if len(kept) > 1:
        how = "those marked as ground truth count" if truths else "their spans come in together"
        report.note("several annotations", f"{len(kept)} annotations: {how}", place)
    return truths or kept


def _objects(task: dict[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    value = task.get(key)
    found = value if isinstance(value, list) else []
    return [(f"{key}[{number}]", item) for number, item in enumerate(found) if isinstance(item, dict)]


class _Task:
    """One task while its regions are read."""

    def __init__(self, text: str, held: Any, place: str, report: Report) -> None:
        self.collector, self.restored = SpanCollector(text, report, place), Restored(held)
        self._text, self._place, self._report = text, place, report

    def take(self, regions: Any, field: str, state: str, pipeline: Any, score: Any) -> None:
        for number, region in enumerate(regions if isinstance(regions, list) else ()):
            place = f"{field}.result[{number}]"
            value = region.get("value") if isinstance(region, dict) else None
            kind = region.get("type") if isinstance(region, dict) else None
            if kind != "labels" or not isinstance(value, dict):
                told = str(kind)[:40] if kind else "no type"
                self._report.lose("regions", f"{place}: a region of {told} has no place here", self._place)
                continue
            self._take_region(region, value, place, state, pipeline, score)

    def _take_region(
        self, region: dict[str, Any], value: dict[str, Any], place: str, state: str, pipeline: Any, score: Any
    ) -> None:
        start, end = self._offsets(value, place)
        labels = value.get("labels")
        if not isinstance(labels, list) or not labels:
            return self._report.refuse("label", "the region has no label", self._place, f"{place}.value.labels")
        given: dict[str, Any] = {"quote": value.get("text")}
        if state == SUGGESTED:
            given |= {"state": state, "pipeline": pipeline, "score": region.get("score", score)}
        for label in labels:
            self.restored.add_shown(self.collector, start, end, label, f"{place}.value", **given)
        return None

    def _offsets(self, value: dict[str, Any], place: str) -> tuple[Any, Any]:
        offsets = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
        start, end, quote = offsets.get("start"), offsets.get("end"), value.get("text")
        if type(start) is not int or type(end) is not int or not isinstance(quote, str):
            return start, end
        if self._text[max(start, 0) : max(end, 0)] == quote or self._text.isascii():
            return start, end
        utf16 = Utf16(self._text)
        if 0 <= start < end <= utf16.length:
            points = utf16.points(start), utf16.points(end, up=True)
            if self._text[points[0] : points[1]] == quote:
                self._report.note("utf16", f"{place}: offsets in UTF-16 units, as old releases wrote", self._place)
                return points
        return start, end
