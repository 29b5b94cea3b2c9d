"""Lines in the shapes that doccano exports."""

import io
import json
import zipfile

from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.report import Report

TEXT = "😀 Nestlé opened in Vevey."


def read(*given):
    report = Report()
    data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in given).encode()
    return list(formats.get("doccano").read(io.BytesIO(data), report)), report


def triples(record):
    return [(record.text[span.start : span.end], span.label) for span in record.spans]


EXPECTED = [("Nestlé", "ORG"), ("Vevey", "GPE")]


def test_sequence_labelling():
    line = {"id": 4, "text": TEXT, "label": [[2, 8, "ORG"], [19, 24, "GPE"]], "Comments": [], "page": 3}
    (record,), report = read(line)
    assert triples(record) == EXPECTED
    assert (record.id, record.meta) == (4, {"page": 3})
    assert report.whole


def test_with_relations_and_comments():
    entities = [
        {"id": 11, "label": "ORG", "start_offset": 2, "end_offset": 8},
        {"id": 12, "label": "GPE", "start_offset": 19, "end_offset": 24},
    ]
    relations = [{"id": 1, "from_id": 11, "to_id": 12, "type": "founded_in"}]
    (record,), report = read(
        {"id": 4, "text": TEXT, "entities": entities, "relations": relations, "Comments": ["Is it so?"]}
    )
    assert triples(record) == EXPECTED
    assert report.losses == {"relations between spans": 1, "comments": 1}


def test_older_exports():
    (first, second), report = read(
        {"doc_id": 1, "text": TEXT, "labels": [[2, 8, "ORG"], [19, 24, "GPE"]], "username": "ana"},
        {"id": 2, "data": TEXT, "label": [[2, 8, "ORG"], [19, 24, "GPE"]]},
    )
    assert triples(first) == triples(second) == EXPECTED
    assert report.whole


def test_what_has_no_place_is_told():
    annotation = {"label": 3, "start_offset": 2, "end_offset": 8, "user": 1}
    found, report = read(
        {"id": 1, "text": TEXT, "label": ["sports"]},
        {"id": 2, "text": TEXT, "annotations": [annotation]},
        {"id": 3, "text": TEXT, "label": [[2, 800, "ORG"], [2], 5]},
        {"id": 4, "label": []},
    )
    assert [record.spans for record in found] == [()] * 3
    assert report.losses == {"labels of texts": 1}
    assert report.faults == {"label": 1, "offsets": 1, "spans": 2, "text": 1}
    assert [entry.where for entry in report.examples if entry.kind == "offsets"] == ["line 3"]


def read_bytes(data):
    report = Report()
    return list(formats.get("doccano").read(io.BytesIO(data), report)), report


def test_an_array_and_entities_with_start_and_end():
    entity = {"id": 3, "start": 2, "end": 8, "label": "ORG"}
    given = [{"id": 1, "text": TEXT, "entities": [entity]}, 7, {"id": 2, "text": TEXT, "labels": [[19, 24, "GPE"]]}]
    (first, second), report = read_bytes(json.dumps(given, indent=1).encode())
    assert triples(first) + triples(second) == EXPECTED
    assert report.faults == {"item": 1} and report.examples[0].where == "item 2"
    found, report = read_bytes(json.dumps(given).encode()[:-1])
    assert len(found) == 2 and report.faults == {"item": 1, "file": 1}


def test_one_file_for_each_annotator():
    line = {"id": 1, "text": TEXT, "label": [[2, 8, "ORG"]], "Comments": []}
    other = {"id": 2, "text": "Zug.", "label": []}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("ana.jsonl", json.dumps(line) + "\n" + json.dumps(other) + "\n{\n")
        archive.writestr("ben.jsonl", json.dumps(line | {"label": [[19, 24, "GPE"], [2, 8, "ORG"]]}) + "\n")
    (first, second), report = read_bytes(packed.getvalue())
    assert (triples(first), first.id, second.text) == (EXPECTED, 1, "Zug.")
    assert report.notes == {"several annotations": 1} and report.faults == {"line": 1}
    assert report.examples[0].where == "ana.jsonl: line 3"


def test_spans_count_as_they_stand_in_doccano():
    """A span was removed in doccano and one added. Spans that it did not show stay."""
    spans = (
        SpanRecord(2, 8, "ORG", score=0.5),
        SpanRecord(9, 15, "VERB"),
        SpanRecord(19, 24, "GPE", "rejected"),
        SpanRecord(0, 1, "FACE", "suggested", 0.1, "names 1"),
    )
    out = io.BytesIO()
    formats.get("doccano").write([Record(text=TEXT, spans=spans)], out)
    line = json.loads(out.getvalue())
    assert line["label"] == [[2, 8, "ORG"], [9, 15, "VERB"]]
    line["label"] = [[2, 8, "ORG"], [19, 24, "GPE"]]
    (record,), report = read(line)
    assert [(span.label, span.state, span.score) for span in record.spans] == [
        ("FACE", "suggested", 0.1),
        ("ORG", "confirmed", 0.5),
        ("GPE", "confirmed", None),
    ]
    assert report.whole
