"""Label Studio's JSON: an array of tasks, with annotations (people's) and predictions (machines').

Written: confirmed spans as one annotation, suggested ones as a prediction for each pipeline (its `model_version`), the
rest under `data.corpusapp`, which Label Studio keeps. The regions belong to `<Labels name="label" toName="text">` over
`<Text name="text" value="$text">`. Offsets are code points, as Label Studio counts.

Reading stands in `label_studio_reading`.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, BinaryIO

from annotations.formats import json_text
from annotations.formats.companion import KEY, companion, shown_and_beside
from annotations.formats.label_studio_reading import read
from annotations.formats.protocol import Context, Format
from annotations.formats.records import SUGGESTED, Record, SpanRecord
from annotations.formats.report import Report


class LabelStudio(Format):
    name, title, media_type, extension = "label-studio", "Label Studio JSON", "application/json", "json"

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        opening = "[\n"
        for number, record in enumerate(records, 1):
            yield (opening + json_text.dumps(_task(record, number, report, context))).encode()
            opening = ",\n"
        yield b"\n]\n" if opening == ",\n" else b"[]\n"

    def _read(self, source: BinaryIO, report: Report) -> Iterator[Record]:
        return read(source, report)


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
