"""JSON-LD as a processor expands it, and annotations of other tools, by position and by quote."""

import io
import json

import pytest
from pyld import jsonld

from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.report import Report
from annotations.formats.web_annotation import STANDARD
from tests.formats.anno_context import CONTEXT, OA, RDF

TEXT = "😀 Rome fell. Rome rose. Paris did not."
PAGE = "http://example.org/page1"


def loader(address, options=None):
    assert address == STANDARD
    return {"document": {"@context": CONTEXT}, "documentUrl": address, "contextUrl": None, "contentType": None}


def read(data):
    report = Report()
    data = data if isinstance(data, bytes) else json.dumps(data).encode()
    return list(formats.get("web-annotation").read(io.BytesIO(data), report)), report


def written(*records):
    out = io.BytesIO()
    formats.get("web-annotation").write(records, out)
    return json.loads(out.getvalue())


def expanded(page):
    return jsonld.expand(page, {"documentLoader": loader})[0]


def annotation(*selectors, label="GPE", **more):
    body = {"type": "TextualBody", "value": label, "purpose": "tagging"}
    return {"type": "Annotation", "body": body, "target": {"source": PAGE, "selector": list(selectors)}} | more


def position(start, end):
    return {"type": "TextPositionSelector", "start": start, "end": end}


def quote(exact, **more):
    return {"type": "TextQuoteSelector", "exact": exact, **more}


ARTICLE = {
    "type": "Annotation",
    "motivation": "describing",
    "body": {"type": "TextualBody", "value": TEXT, "language": "en"},
    "target": PAGE,
}


def quotes(record):
    return [(span.start, record.text[span.start : span.end], span.label) for span in record.spans]


def test_a_processor_finds_annotations_targets_and_selectors():
    spans = (SpanRecord(2, 6, "GPE", id=7), SpanRecord(13, 17, "GPE", "suggested", 0.5, "names 1"))
    (items,) = expanded(written(Record(text=TEXT, spans=spans, id=3, meta={"a": [1, "b"]})))[
        "http://www.w3.org/ns/activitystreams#items"
    ]
    article, first, second = items["@list"]
    assert {kind for item in items["@list"] for kind in item["@type"]} == {OA + "Annotation"}
    assert article[OA + "hasBody"][0][RDF + "value"] == [{"@value": TEXT}]
    assert article["urn:corpusapp:vocabulary#article"][0]["@type"] == "@json"
    assert article["urn:corpusapp:vocabulary#article"][0]["@value"]["meta"] == {"a": [1, "b"]}
    target = first[OA + "hasTarget"][0]
    assert target[OA + "hasSource"] == [{"@id": "urn:corpusapp:articles/3"}]
    at, said = target[OA + "hasSelector"]
    assert (at["@type"], at[OA + "start"][0]["@value"]) == ([OA + "TextPositionSelector"], 2)
    assert (said["@type"], said[OA + "exact"][0]["@value"]) == ([OA + "TextQuoteSelector"], "Rome")
    assert first["@id"] == "urn:corpusapp:spans/7"
    assert second["urn:corpusapp:vocabulary#state"] == [{"@value": "suggested"}]
    assert second["http://www.w3.org/ns/activitystreams#generator"][0]["http://xmlns.com/foaf/0.1/name"]


def test_no_term_is_lost_in_expansion():
    """Processors of linked data silently drop unknown keys."""
    page = written(Record(text=TEXT, spans=(SpanRecord(2, 6, "GPE", score=0.5, pipeline="p", id=1, revision=2),)))
    known = {*CONTEXT, "@context", "id", "type"}

    def keys(value):
        if isinstance(value, dict):
            for key, inner in value.items():
                if key != "@context":
                    yield key
                if key not in ("@context", "corpusapp:article"):
                    yield from keys(inner)
        elif isinstance(value, list):
            for inner in value:
                yield from keys(inner)

    assert {key for key in keys(page) if not key.startswith("corpusapp:")} <= known


@pytest.mark.parametrize("wrap", ["page", "array", "collection", "graph"])
def test_annotations_of_others_in_any_order(wrap):
    items = [annotation(position(2, 6)), ARTICLE, annotation(quote("Paris"), label="CITY")]
    page = {"@context": STANDARD, "type": "AnnotationPage", "items": items}
    data = {
        "page": page,
        "array": items,
        "collection": {"@context": STANDARD, "type": "AnnotationCollection", "total": 3, "first": page},
        "graph": {"@context": STANDARD, "@graph": items},
    }[wrap]
    (record,), report = read(data)
    assert quotes(record) == [(2, "Rome", "GPE"), (24, "Paris", "CITY")]
    assert (record.id, record.language) == (PAGE, "en")
    assert report.whole


def test_texts_as_values_of_the_source():
    source = {"id": PAGE, "type": "Text", "value": TEXT}
    given = annotation(position(2, 6)) | {"target": {"source": source, "selector": position(2, 6)}}
    assert quotes(read(given)[0][0]) == [(2, "Rome", "GPE")]
    assert quotes(read([given, given | {"body": {"type": "TextualBody", "value": "CITY"}}])[0][0])[0][2] == "CITY"


def test_position_and_quote_that_disagree():
    items = [
        ARTICLE,
        annotation(position(0, 4), quote("Paris")),
        annotation(position(13, 17), quote("Nowhere"), label="A"),
        annotation(position(1, 3), quote("Rome", prefix="fell. ", suffix=" rose"), label="B"),
        annotation(quote("Rome"), label="C"),
        annotation(quote("Nowhere"), label="D"),
        annotation({"type": "XPathSelector", "value": "/p"}, label="E"),
    ]
    (record,), report = read(items)
    assert quotes(record) == [(13, "Rome", "B"), (24, "Paris", "GPE")]
    assert {(span.state, span.pipeline) for span in record.spans} == {("suggested", "import")}
    assert report.notes == {"moved": 2}
    assert report.losses == {"words": 3, "selector": 1}


def test_what_cannot_be_taken_is_told():
    items = [
        ARTICLE,
        annotation(position(5, 2)),
        annotation(position(0, "4")),
        annotation(position(0, 4), body="http://example.org/tag"),
        {"type": "Annotation", "body": {"value": "A"}, "target": []},
        {"type": "Annotation", "target": {"selector": position(0, 1)}},
        annotation(position(0, 4)) | {"target": {"source": "http://example.org/other", "selector": position(0, 4)}},
        5,
    ]
    (record,), report = read(items)
    assert record.spans == ()
    assert report.faults == {"offsets": 2, "target": 2, "annotation": 1, "text": 1}
    assert report.losses == {"annotation": 1}
    assert "annotation 2" in {entry.where for entry in report.examples}


@pytest.mark.parametrize("data", [b"[{}", b'{"items": [', b"\xff\xfe", b'{"items" 5}', b"7", b'{"a": ' * 100_000])
def test_a_broken_file_is_told(data):
    _, report = read(data)
    assert sum(report.faults.values()) >= 1
