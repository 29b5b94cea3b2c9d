"""Tasks of Label Studio as records: from its JSON, its JSON-MIN, its target storages, and archives of such files.

The spans of all annotations of a task come together, those marked as ground truth alone where there are such; cancelled
annotations are passed over. The text is what the regions are on (`label_studio_fields`); the rest of the data becomes
metadata. Regions on another field and other regions (choices, relations, HTML) are told, and so is a text that the task
only names by its address.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from annotations.formats import json_text
from annotations.formats.archive import is_archive, members_of, sought
from annotations.formats.collecting import SpanCollector
from annotations.formats.companion import KEY, Restored
from annotations.formats.label_studio_fields import Fields, stands_elsewhere, tag_of, texts_of
from annotations.formats.records import CONFIRMED, SUGGESTED, Record
from annotations.formats.report import UNSEEN, Report

# So many tasks of a file tell which key holds the text.
_LEARNT_FROM = 1000


def read(source: BinaryIO, report: Report) -> Iterator[Record]:
    with sought(source) as file:
        if not is_archive(file):
            yield from _read_file(file, "", "", report)
            return
        configurations = [data.read().decode(errors="replace") for _, data in members_of(file, (".xml",), Report())]
        file.seek(0)
        for name, data in members_of(file, (".json",), report):
            yield from _read_file(data, f"{name}: ", "".join(configurations[:1]), report)


def _read_file(file: BinaryIO, within: str, configuration: str, report: Report) -> Iterator[Record]:
    start, fields = file.tell(), Fields()
    fields.configure(configuration)
    for _, task in islice(_tasks(file, within, fields, Report()), _LEARNT_FROM):
        fields.learn(task)
    file.seek(start)
    for place, task in _tasks(file, within, fields, report):
        yield from _record(task, fields, place, report)


def _tasks(file: BinaryIO, within: str, fields: Fields, report: Report) -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, task) of all that a file holds, rows of JSON-MIN as the tasks that they are of."""
    number, held = 0, None
    try:
        for number, value in enumerate(_values(file, fields), 1):
            place = f"{within}task {number}"
            try:
                task = _task(json_text.checked(value))
            except json_text.Malformed as problem:
                report.refuse("task", problem.reason, place, problem.field)
                continue
            # One row for each annotation of a task, one after another.
            if held and _of_rows(task) and _of_rows(held[1]) and _same_task(held[1], task):
                held[1]["annotations"] += task["annotations"]
                continue
            if held:
                yield held
            held = place, task
    except json_text.Malformed as problem:
        place = f"{within}task {number + 1}"
        if held:
            yield held
        held = None
        report.refuse("file", f"{problem.reason}: what follows could not be read", place)
    if held:
        yield held


def _values(file: BinaryIO, fields: Fields) -> Iterator[Any]:
    """The tasks of an array, of one object, of objects one after another, or under `tasks` beside a configuration."""
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
    """A task with its data and annotations, whatever the shape of the export."""
    inner = value.get("task")
    if isinstance(inner, dict) and isinstance(inner.get("data"), dict) and "result" in value:
        return inner | {"annotations": [value]}
    return value if isinstance(value.get("data"), dict) else _task_of_row(value)


def _task_of_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of JSON-MIN: keys of the data and names of the tags that made regions stand side by side.

    It does not say which tag regions are on: the one that made them stands for it.
    """
    result, data = [], {}
    for key, value in row.items():
        regions = value if isinstance(value, list) else []
        if regions and all(isinstance(region, dict) and "labels" in region for region in regions):
            result += [{"type": "labels", "to_name": key, "value": region} for region in regions]
        elif key != "id":
            data[key] = value
    return {"id": row.get("id"), "data": data, "annotations": [{"result": result}], "rows": True}


def _of_rows(task: dict[str, Any]) -> bool:
    return task.get("rows") is True


def _same_task(one: dict[str, Any], other: dict[str, Any]) -> bool:
    same_id = one["id"] is not None and one["id"] == other["id"]
    return same_id and max(texts_of(one).values(), key=len, default="") in texts_of(other).values()


def _record(task: dict[str, Any], fields: Fields, place: str, report: Report) -> Iterator[Record]:
    texts = texts_of(task)
    elsewhere = [key for key, text in texts.items() if stands_elsewhere(text)]
    key = fields.main(texts) or (elsewhere[0] if len(elsewhere) == 1 else None)
    if key is None:
        told = f"which of {', '.join(sorted(texts)[:10])} is the text cannot be told" if texts else "there is no text"
        return report.refuse("text", f"{told}: name it text in the task's data", place, "data.text")
    if key in elsewhere:
        reason = f"the text stands elsewhere, at {texts[key].strip()[:200]}: put the texts themselves into the tasks"
        return report.refuse("text", reason, place, f"data.{key}")
    reading = _Reading(texts, key, task["data"].get(KEY), fields, place, report)
    for field, annotation in _annotations(task, place, report):
        reading.take(annotation.get("result"), field, CONFIRMED, None, None)
    for field, prediction in _objects(task, "predictions"):
        reading.take(
            prediction.get("result"), field, SUGGESTED, prediction.get("model_version"), prediction.get("score")
        )
    meta = {name: value for name, value in task["data"].items() if name not in (KEY, key)}
    if isinstance(task.get("meta"), dict):
        meta = task["meta"] | meta
    name = task.get("id")
    given = {"id": name if isinstance(name, int | str) else None, "meta": meta}
    yield reading.restored.record(reading.collector, report, place, **given)
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
    _tell_others(task, place, report)
    return truths or kept


def _tell_others(task: dict[str, Any], place: str, report: Report) -> None:
    """What else may hold spans: annotations that are named by their numbers alone, and drafts."""
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


class _Reading:
    """One task while its regions are read."""

    def __init__(self, texts: dict[str, str], key: str, held: Any, fields: Fields, place: str, report: Report) -> None:
        self.collector, self.restored = SpanCollector(texts[key], report, place), Restored(held)
        self._texts, self._key, self._fields = texts, key, fields
        self._place, self._report = place, report

    def take(self, regions: Any, field: str, state: str, pipeline: Any, score: Any) -> None:
        for number, region in enumerate(regions if isinstance(regions, list) else ()):
            place = f"{field}.result[{number}]"
            value = region.get("value") if isinstance(region, dict) else None
            kind = region.get("type") if isinstance(region, dict) else None
            if kind != "labels" or not isinstance(value, dict):
                told = str(kind)[:40] if kind else "no type"
                self._report.lose("regions", f"{place}: a region of {told} has no place here", self._place)
            elif (key := self._fields.key(tag_of(region), self._texts)) not in (None, self._key):
                reason = f"{place}: a region on {key!r} has no place here: the article is the text of {self._key!r}"
                self._report.lose("other field", reason, self._place)
            else:
                self._take_region(region, value, place, state, pipeline, score)

    def _take_region(
        self, region: dict[str, Any], value: dict[str, Any], place: str, state: str, pipeline: Any, score: Any
    ) -> None:
        labels = value.get("labels")
        if not isinstance(labels, list) or not labels:
            return self._report.refuse("label", "the region has no label", self._place, f"{place}.value.labels")
        offsets = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
        given: dict[str, Any] = {"quote": self._quote(value.get("text"))}
        if state == SUGGESTED:
            given |= {"state": state, "pipeline": pipeline, "score": region.get("score", score)}
        for label in labels:
            start, end = offsets.get("start"), offsets.get("end")
            self.restored.add_shown(self.collector, start, end, label, f"{place}.value", **given)
        return None

    def _quote(self, words: Any) -> Any:
        """The words of a region, in which Label Studio writes line ends as a backslash and an n."""
        written = isinstance(words, str) and "\\n" in words and words not in self._texts[self._key]
        return words.replace("\\n", "\n") if written else words
