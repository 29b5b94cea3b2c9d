"""Tasks in the shapes that Label Studio exports."""

import io
import json
import zipfile

import pytest

from annotations.formats import json_text
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.report import Report

TEXT = "😀 Nestlé opened in Vevey."


def read(data):
    report = Report()
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return list(formats.get("label-studio").read(io.BytesIO(data), report)), report


def region(start, end, label, **more):
    quote = TEXT[start:end] if isinstance(start, int) else ""
    value = {"start": start, "end": end, "text": quote, "labels": [label]} | more.pop("value", {})
    return {
        "id": "gew3t9fgkg",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "origin": "manual",
        "value": value,
    } | more


def task(*annotations, predictions=(), **more):
    return {
        "id": 31,
        "data": {"text": TEXT, "page": 3},
        "annotations": [
            {"id": 9, "completed_by": 1, "was_cancelled": False, "ground_truth": False, "lead_time": 4.2} | annotation
            for annotation in annotations
        ],
        "predictions": list(predictions),
        "drafts": [],
        "meta": {},
        "project": 8,
        "created_at": "2026-03-01T10:00:00.000000Z",
    } | more


def states(record):
    return [(record.text[span.start : span.end], span.label, span.state) for span in record.spans]


def test_annotations_are_decided_and_predictions_are_not():
    prediction = {"model_version": "ner 3", "score": 0.4, "result": [region(19, 24, "GPE"), region(2, 8, "ORG")]}
    (record,), report = read([task({"result": [region(2, 8, "ORG")]}, predictions=[prediction])])
    assert states(record) == [("Nestlé", "ORG", "confirmed"), ("Vevey", "GPE", "suggested")]
    assert (record.spans[1].pipeline, record.spans[1].score) == ("ner 3", 0.4)
    assert (record.id, record.meta) == (31, {"page": 3})
    assert report.whole


def test_several_annotations_of_a_task():
    two = [{"result": [region(2, 8, "ORG")]}, {"result": [region(19, 24, "GPE")]}]
    cancelled = {"result": [region(0, 1, "FACE")], "was_cancelled": True}
    (record,), report = read([task(*two, cancelled)])
    assert [label for _, label, _ in states(record)] == ["ORG", "GPE"]
    assert report.notes == {"several annotations": 1, "cancelled": 1}
    (record,), _ = read([task(two[0], two[1] | {"ground_truth": True})])
    assert [label for _, label, _ in states(record)] == ["GPE"]


def test_offsets_in_utf16_of_old_releases():
    (record,), report = read([task({"result": [region(3, 9, "ORG", value={"text": "Nestlé"})]})])
    assert states(record) == [("Nestlé", "ORG", "confirmed")]
    assert report.notes == {"counting": 1} and "UTF-16" in str(report.examples[0])


def test_what_has_no_place_is_told():
    regions = [
        region(2, 8, "ORG"),
        {"type": "choices", "value": {"choices": ["sports"]}},
        {"type": "relation", "from_id": "a", "to_id": "b"},
        region("/p[1]", "/p[1]", "ORG"),
        region(0, 400, "ORG", value={"text": "Zug"}),
        region(0, 1, "ORG", value={"labels": []}),
    ]
    (record,), report = read([task({"result": regions}), {"id": 1, "data": {"image": 5}}, 7])
    assert states(record) == [("Nestlé", "ORG", "confirmed")]
    assert report.losses == {"regions": 2, "words": 1}
    assert report.faults == {"offsets": 1, "label": 1, "text": 1, "task": 1}
    assert "task 1" in {entry.where for entry in report.examples}


def test_the_only_text_is_the_text():
    given = task({"result": [region(2, 8, "ORG")]}, data={"article": TEXT, "page": 3})
    assert states(read([given])[0][0]) == [("Nestlé", "ORG", "confirmed")]
    assert read(given)[0][0].text == TEXT
    assert len(read("\n".join([json.dumps(given)] * 3).encode())[0]) == 3


def on(name, start, end, label, words):
    return region(start, end, label, to_name=name, value={"text": words})


COLUMNS = {"id": "a-1", "title": "Vevey today", "本文": TEXT, "origin": "Lake Post"}


def test_the_text_is_what_the_regions_quote():
    tasks = [
        task(data=COLUMNS | {"本文": "No span here."}),
        task({"result": [on("t", 2, 8, "ORG", "Nestlé"), on("t", 19, 24, "GPE", "Vevey")]}, data=COLUMNS),
    ]
    (first, second), report = read(tasks)
    assert (first.text, second.text) == ("No span here.", TEXT)
    assert [label for _, label, _ in states(second)] == ["ORG", "GPE"]
    assert second.meta == {key: value for key, value in COLUMNS.items() if key != "本文"}
    assert report.whole


def test_line_ends_in_the_words_of_a_region():
    """As Label Studio writes them: a backslash and an n."""
    given = task({"result": [on("text", 0, 9, "ORG", "Nestlé\\nAG")]}, data={"text": "Nestlé\nAG"})
    assert states(read([given])[0][0]) == [("Nestlé\nAG", "ORG", "confirmed")]


def test_a_region_on_another_field_is_told():
    result = [on("t", 2, 8, "ORG", "Nestlé"), on("t", 19, 24, "GPE", "Vevey"), on("head", 0, 5, "GPE", "Vevey")]
    (record,), report = read([task({"result": result}, data=COLUMNS)])
    assert record.text == TEXT and [span.label for span in record.spans] == ["ORG", "GPE"]
    assert report.losses == {"other field": 1}
    assert "a region on 'title' has no place here: the article is the text of '本文'" in str(report.examples[0])


def test_the_configuration_tells_the_field():
    config = '<View><Labels name="l" toName="t"/><Text name="t" value="$b"/><Text name="u" value="$a"/></View>'
    given = task({"result": [on("t", 0, 5, "GPE", "Vevey")]}, data={"a": "Vevey", "b": "Vevey."})
    assert read({"label_config": config, "tasks": [given]})[0][0].text == "Vevey."
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("config.xml", config)
        archive.writestr("tasks/1.json", json.dumps([given]))
        archive.writestr("tasks/2.json", json.dumps({"id": 5, "result": [], "task": given}))
    found, report = read(packed.getvalue())
    assert [record.text for record in found] == ["Vevey.", "Vevey."] and report.whole


@pytest.mark.parametrize("address", ["https://example.org/a.txt", "s3://bucket/a.txt", "/data/upload/3/a.txt"])
def test_a_text_that_stands_elsewhere_is_refused_by_its_address(address):
    given = task({"result": [on("t", 0, 5, "GPE", "Vevey")]}, data={"title": "Lake", "article": address})
    for one in (given, task(data={"text": address})):
        found, report = read([one])
        assert found == [] and report.faults == {"text": 1}
        assert f"stands elsewhere, at {address}" in str(report.examples[0])


def test_which_text_is_meant_must_be_told():
    found, report = read([task(data={"left": "One.", "right": "Two."})])
    assert found == [] and "which of left, right is the text cannot be told" in str(report.examples[0])


def row(label, annotation):
    value = {"start": 19, "end": 24, "text": "Vevey", "labels": [label]}
    return {
        "id": 3,
        "本文": TEXT,
        "title": "Vevey",
        "ner": [value],
        "annotator": annotation,
        "annotation_id": annotation,
    }


def test_json_min():
    (first, second), report = read([row("GPE", 1), row("CITY", 2), row("GPE", 1) | {"id": 4, "ner": []}])
    assert [(label, state) for _, label, state in states(first)] == [("CITY", "confirmed"), ("GPE", "confirmed")]
    assert (first.id, first.text, first.meta["title"], second.text) == (3, TEXT, "Vevey", TEXT)
    assert report.notes == {"several annotations": 1} and report.whole


BROKEN = [b"[", b"[{}", b'[{"data": {"text": "a"}}, {]', b"\xff", b"[1e999, NaN]", b"[" * 100_000]


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_a_broken_file_is_told(data):
    _, report = read(data)
    assert sum(report.faults.values()) >= 1
    assert all("/" not in entry.reason for entry in report.examples)


def test_what_came_before_the_break_stays():
    found, report = read(json.dumps([task()]).encode()[:-1] + b", {")
    assert len(found) == 1 and report.faults == {"file": 1}
    assert report.examples[0].where == "task 2"


def test_written_tasks():
    spans = (
        SpanRecord(2, 8, "ORG", score=0.5, pipeline="names 1"),
        SpanRecord(9, 15, "VERB", "rejected"),
        SpanRecord(19, 24, "GPE", "suggested", 0.25, "ner 3"),
    )
    out = io.BytesIO()
    report = formats.get("label-studio").write([Record(text=TEXT, spans=spans, id=7)], out)
    (found,) = json.loads(out.getvalue())
    assert [one["value"]["labels"] for one in found["annotations"][0]["result"]] == [["ORG"]]
    assert [(one["model_version"], one["result"][0]["score"]) for one in found["predictions"]] == [("ner 3", 0.25)]
    assert found["data"]["text"] == TEXT and report.notes == {"beside": 1}
    assert formats.get("label-studio").write([], io.BytesIO()).articles == 0


@pytest.mark.parametrize("size", [1, 7, 64])
def test_pieces_of_a_file_may_end_anywhere(size, monkeypatch):
    monkeypatch.setattr(json_text, "_READ", size)
    given = [task({"result": [region(2, 8, "ORG")]}, extra=[True, None, -1.5e-7, '\\"\u2028', {}, []])] * 3
    found, report = read(json.dumps(given, ensure_ascii=False, indent=1).encode())
    assert [states(record) for record in found] == [[("Nestlé", "ORG", "confirmed")]] * 3
    assert report.whole
    found, report = read(json.dumps(given).encode() + b"]")
    assert len(found) == 3 and report.faults == {"file": 1}


def test_annotations_by_their_numbers_alone_and_drafts_are_told():
    drafts = [{"result": [region(0, 1, "FACE")]}]
    (record,), report = read([{"id": 1, "data": {"text": TEXT}, "annotations": [4, 5], "drafts": drafts}])
    assert record.spans == () and report.losses == {"annotations": 1} and report.notes == {"drafts": 1, "unseen": 1}
    assert "export them whole" in str(report.examples[0])
