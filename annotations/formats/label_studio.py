"""Label Studio's JSON: an array of tasks, with annotations (people's) and predictions (machines').

Written: confirmed spans as one annotation, suggested ones as a prediction for each pipeline (its `model_version`), the
rest under `data.corpusapp`, which Label Studio keeps. The note of a linked region (`meta.text`) names its entity:
`entity: Iran`, then an identifier a line. The regions belong to `<Labels name="label" toName="text">` over
`<Text name="text" value="$text">`. Offsets are code points, as in Label Studio.

Read: its JSON, JSON-MIN, target storages, and archives of such files. The spans of all annotations of a task are
merged, or only those marked as ground truth if there are any; cancelled annotations are skipped. The text is the field
that the regions are on (`label_studio_fields`); the other data become metadata. Regions on another field, other regions
(choices, relations, HTML) and texts that a task only links to are reported.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby, islice
from typing import IO, Any

from annotations.formats import json_text
from annotations.formats.archive import is_archive, read_members, seekable
from annotations.formats.companion import KEY, StoredCompanion, companion, split_shown
from annotations.formats.entities import compact, entity_of, identifier_in
from annotations.formats.label_studio_fields import Fields, is_link, tag_of, texts_of
from annotations.formats.protocol import Context, Format
from annotations.formats.records import CONFIRMED, SUGGESTED, EntityRecord, Record, SpanRecord
from annotations.formats.report import UNSEEN, Report
from annotations.formats.span_collector import SpanCollector
from annotations.linkers.identifiers import ADDRESSES, URI

# Tasks of a file that are read to find the field of the text.
_SAMPLED_TASKS = 1000
_ENTITY = "entity: "


class LabelStudio(Format):
    name, title, media_type, extension = "label-studio", "Label Studio JSON", "application/json", "json"

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        opening = "[\n"
        for number, record in enumerate(records, 1):
            yield (opening + json_text.dumps(_task_of_record(record, number, report, context))).encode()
            opening = ",\n"
        yield b"\n]\n" if opening == ",\n" else b"[]\n"

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        return _read_tasks(source, report)


def _task_of_record(record: Record, number: int, report: Report, context: Context) -> dict[str, Any]:
    shown, others = split_shown(record, context.plain_states | {SUGGESTED}, report)
    predicted = [span for span in shown if span.state == SUGGESTED and SUGGESTED not in context.plain_states]
    annotated = [span for span in shown if span not in predicted]
    data: dict[str, Any] = {"text": record.text}
    if stored := companion(record, shown, others):
        data[KEY] = stored
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
    if span.entity is not None:
        region["meta"] = {"text": _note(span.entity)}
    return region if span.score is None else region | {"score": span.score}


def _note(entity: EntityRecord) -> list[str]:
    """The note of a region that names its entity."""
    name = " ".join(entity.name.split())
    return [f"{_ENTITY}{name}", *map(compact, sorted(entity.identifiers))]


def _entity(note: list[str]) -> EntityRecord | None:
    """The entity that the note of a region names, in the words of a person or of an export."""
    lines = [line.strip() for one in note for line in one.splitlines()]
    names = [line.removeprefix(_ENTITY).strip() for line in lines if line.startswith(_ENTITY)]
    pairs = [pair for line in lines if (pair := identifier_in(line)) and (names or pair[0] in (*ADDRESSES, URI))]
    return entity_of(None, names[0] if names else None, pairs)


def _read_tasks(source: IO[bytes], report: Report) -> Iterator[Record]:
    with seekable(source) as file:
        if not is_archive(file):
            yield from _read_file(file, "", "", report)
            return
        configurations = [data.read().decode(errors="replace") for _, data in read_members(file, (".xml",), Report())]
        file.seek(0)
        for name, data in read_members(file, (".json",), report):
            yield from _read_file(data, f"{name}: ", "".join(configurations[:1]), report)


def _read_file(file: IO[bytes], within: str, configuration: str, report: Report) -> Iterator[Record]:
    start, fields = file.tell(), Fields()
    fields.configure(configuration)
    for _, task in islice(_tasks(file, within, fields, Report()), _SAMPLED_TASKS):
        fields.learn(task)
    file.seek(start)
    for place, task in _tasks(file, within, fields, report):
        yield from _record(task, fields, place, report)


def _tasks(file: IO[bytes], within: str, fields: Fields, report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, task) of a file. Consecutive rows of JSON-MIN become one task."""
    number = 0
    current: tuple[str, dict[str, Any]] | None = None
    try:
        for number, value in enumerate(_values(file, fields), 1):
            place = f"{within}task {number}"
            try:
                task = _task(json_text.checked(value))
            except json_text.Malformed as problem:
                report.refuse("task", problem.reason, place, problem.field)
                continue
            # JSON-MIN has a row for each annotation.
            if current and _is_of_rows(task) and _is_of_rows(current[1]) and _same_task(current[1], task):
                current[1]["annotations"] += task["annotations"]
                continue
            if current:
                yield current
            current = place, task
    except json_text.Malformed as problem:
        place = f"{within}task {number + 1}"
        if current:
            yield current
        current = None
        report.refuse("file", f"{problem.reason}: what follows could not be read", place)
    if current:
        yield current


def _values(file: IO[bytes], fields: Fields) -> Iterator[Any]:
    """The tasks of an array, of consecutive objects, or of `tasks` in an object with a configuration."""
    stream = json_text.Stream(file)
    if stream.peek() == "[":
        yield from stream.items()
    while stream.peek():
        value = stream.value()
        if isinstance(value, dict) and isinstance(value.get("tasks"), list):
            if isinstance(value.get("label_config"), str):
                fields.configure(value["label_config"])
            yield from value["tasks"]
        else:
            yield value


def _task(value: dict[str, Any]) -> dict[str, Any]:
    """A task with its data and annotations, from any shape of export."""
    inner = value.get("task")
    if isinstance(inner, dict) and isinstance(inner.get("data"), dict) and "result" in value:
        return inner | {"annotations": [value]}
    return value if isinstance(value.get("data"), dict) else _task_of_row(value)


def _task_of_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of JSON-MIN, which has keys of the data next to names of the tags that made regions.

    The tag that made a region replaces the tag that it is on, which the row does not have.
    """
    result: list[dict[str, Any]] = []
    data: dict[str, Any] = {}
    for key, value in row.items():
        regions = value if isinstance(value, list) else []
        if regions and all(isinstance(region, dict) and "labels" in region for region in regions):
            result += [{"type": "labels", "to_name": key, "value": region} for region in regions]
        elif key != "id":
            data[key] = value
    return {"id": row.get("id"), "data": data, "annotations": [{"result": result}], "rows": True}


def _is_of_rows(task: dict[str, Any]) -> bool:
    return task.get("rows") is True


def _same_task(one: dict[str, Any], other: dict[str, Any]) -> bool:
    same_id = one["id"] is not None and one["id"] == other["id"]
    return same_id and max(texts_of(one).values(), key=len, default="") in texts_of(other).values()


def _record(task: dict[str, Any], fields: Fields, place: str, report: Report) -> Iterator[Record]:
    texts = texts_of(task)
    links = [key for key, text in texts.items() if is_link(text)]
    key = fields.main(texts) or (links[0] if len(links) == 1 else None)
    if key is None:
        reason = f"which of {', '.join(sorted(texts)[:10])} is the text cannot be told" if texts else "there is no text"
        return report.refuse("text", f"{reason}: name it text in the task's data", place, "data.text")
    if key in links:
        reason = f"the text stands elsewhere, at {texts[key].strip()[:200]}: put the texts themselves into the tasks"
        return report.refuse("text", reason, place, f"data.{key}")
    reader = _TaskReader(texts, key, task["data"].get(KEY), fields, place, report)
    for field, annotation in _annotations(task, place, report):
        reader.add(annotation.get("result"), field, CONFIRMED, None, None)
    for field, prediction in _objects(task, "predictions"):
        reader.add(prediction.get("result"), field, SUGGESTED, prediction.get("model_version"), prediction.get("score"))
    meta = {name: value for name, value in task["data"].items() if name not in (KEY, key)}
    if isinstance(task.get("meta"), dict):
        meta = task["meta"] | meta
    name = task.get("id")
    given = {"id": name if isinstance(name, int | str) else None, "meta": meta}
    yield reader.stored.record(reader.collector, report, place, **given)
    return None


def _annotations(task: dict[str, Any], place: str, report: Report) -> list[tuple[str, dict[str, Any]]]:
    found = _objects(task, "annotations") or _objects(task, "completions")
    kept = [(field, annotation) for field, annotation in found if not annotation.get("was_cancelled")]
    if len(kept) < len(found):
        report.note("cancelled", f"{len(found) - len(kept)} cancelled annotations were passed over", place)
    truths = [(field, annotation) for field, annotation in kept if annotation.get("ground_truth") is True]
    if len(kept) > 1:
        how = "those marked as ground truth count" if truths else "their spans come in together"
        report.note("several annotations", f"{len(kept)} annotations: {how}", place)
    if not kept and KEY not in task["data"]:
        report.note(UNSEEN, "nobody has annotated it", place)
    _report_others(task, place, report)
    return truths or kept


def _report_others(task: dict[str, Any], place: str, report: Report) -> None:
    """Report drafts, and annotations that only have their ids."""
    for key in ("annotations", "completions", "predictions"):
        value = task.get(key)
        if isinstance(value, list) and len(_objects(task, key)) < len(value):
            report.lose(key, f"{key} are given by their numbers alone: export them whole", place)
    if drafts := _objects(task, "drafts"):
        report.note("drafts", f"{len(drafts)} drafts, which nobody has submitted, were passed over", place)


def _objects(task: dict[str, Any], key: str) -> list[tuple[str, dict[str, Any]]]:
    value = task.get(key)
    found = value if isinstance(value, list) else []
    return [(f"{key}[{number}]", item) for number, item in enumerate(found) if isinstance(item, dict)]


class _TaskReader:
    """Reads the regions of one task."""

    def __init__(
        self, texts: dict[str, str], key: str, stored: Any, fields: Fields, place: str, report: Report
    ) -> None:
        self.collector, self.stored = SpanCollector(texts[key], report, place), StoredCompanion(stored)
        self._texts, self._key, self._fields = texts, key, fields
        self._place, self._report = place, report

    def add(self, regions: Any, field: str, state: str, pipeline: Any, score: Any) -> None:
        for number, region in enumerate(regions if isinstance(regions, list) else ()):
            place = f"{field}.result[{number}]"
            value = region.get("value") if isinstance(region, dict) else None
            kind = region.get("type") if isinstance(region, dict) else None
            if kind != "labels" or not isinstance(value, dict):
                kind_name = str(kind)[:40] if kind else "no type"
                self._report.lose("regions", f"{place}: a region of {kind_name} has no place here", self._place)
            elif (key := self._fields.key(tag_of(region), self._texts)) not in (None, self._key):
                reason = f"{place}: a region on {key!r} has no place here: the article is the text of {self._key!r}"
                self._report.lose("other field", reason, self._place)
            else:
                self._add_region(region, value, place, state, pipeline, score)

    def _add_region(
        self, region: dict[str, Any], value: dict[str, Any], place: str, state: str, pipeline: Any, score: Any
    ) -> None:
        labels = value.get("labels")
        if not isinstance(labels, list) or not labels:
            return self._report.refuse("label", "the region has no label", self._place, f"{place}.value.labels")
        global_offsets = value.get("globalOffsets")
        offsets = global_offsets if isinstance(global_offsets, dict) else value
        given: dict[str, Any] = {"quote": self._quote(value.get("text"))}
        if state == SUGGESTED:
            given |= {"state": state, "pipeline": pipeline, "score": region.get("score", score)}
        for label in labels:
            start, end = offsets.get("start"), offsets.get("end")
            if note := _lines(region):
                given["entity"] = self.stored.entity((start, end, label), note, _note, partial(_entity, note))
            self.stored.add_shown(self.collector, start, end, label, f"{place}.value", **given)
        return None

    def _quote(self, words: Any) -> Any:
        """The text of a region. Label Studio writes line breaks in it as a backslash and an n."""
        escaped = isinstance(words, str) and "\\n" in words and words not in self._texts[self._key]
        return words.replace("\\n", "\n") if escaped else words


def _lines(region: dict[str, Any]) -> list[str]:
    """The note of a region."""
    meta = region.get("meta")
    value = meta.get("text") if isinstance(meta, dict) else None
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str)]
