"""Lines in the shapes that doccano exports."""

import io
import json

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


def test_spans_count_as_they_stand_in_doccano():
    """One was removed there, one added; what was never shown there stays."""
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
