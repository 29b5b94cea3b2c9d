"""TEI against the schema of TEI P5 (the DTD of release 4.8 that comes with trafilatura)."""

import io
import re
from pathlib import Path

import pytest
import trafilatura
from hypothesis import HealthCheck, given, settings
from lxml import etree

from annotations.formats.protocol import Context
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.tei import NAMESPACE
from annotations.formats.xml_text import replace_forbidden
from tests.formats.strategies import corpora

SCHEMA = Path(trafilatura.__file__).parent / "data" / "tei_corpus.dtd"
LABELS = {"PERSON": "People & beings", "ORG": "", "GPE": "Places"}
TEI, XML = f"{{{NAMESPACE}}}", "{http://www.w3.org/XML/1998/namespace}"


@pytest.fixture(scope="module")
def schema():
    return etree.DTD(str(SCHEMA))


def written(records, labels=LABELS):
    out = io.BytesIO()
    report = formats.get("tei").write(records, out, context=Context(title="News <1>", labels=labels))
    return etree.fromstring(out.getvalue()), report


def reported(root):
    """(text, [(quote, label, state)]) of each article, found through the pointers."""
    for article in root.iter(TEI + "TEI"):
        (block,) = article.iter(TEI + "ab")
        spans = []
        for annotation in article.iter(TEI + "annotation"):
            name, start, length = re.fullmatch(r"#string-range\((.+),(\d+),(\d+)\)", annotation.get("target")).groups()
            assert name == block.get(XML + "id")
            notes = {note.get("type"): note.text for note in annotation.iter(TEI + "note")}
            spans.append((int(start), int(start) + int(length), notes["label"], notes["state"]))
        yield block.text or "", spans


@given(records=corpora())
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_texts_and_spans_are_whole_and_valid(schema, records):
    root, _ = written(records)
    assert schema.validate(root), schema.error_log.filter_from_errors()
    assert list(reported(root)) == [
        (replace_forbidden(record.text)[0], [(*span.triple, span.state) for span in record.spans]) for record in records
    ]


def test_labels_are_a_taxonomy(schema):
    root, report = written([Record(text="Zarif\r\nin Rome", spans=(SpanRecord(0, 5, "PERSON"), SpanRecord(1, 3, "X")))])
    assert schema.validate(root)
    names = {category.get(XML + "id"): category.get("n") for category in root.iter(TEI + "category")}
    assert [names[each.get("target")[1:]] for each in root.iter(TEI + "ptr")] == ["PERSON"]
    assert next(reported(root))[0] == "Zarif\r\nin Rome"
    assert report.whole


def test_what_xml_cannot_hold_is_told():
    root, report = written([Record(text="a\x0cb", id=1)])
    assert next(reported(root))[0] == "a\ufffdb"
    assert report.losses == {"character": 1}
    assert report.examples[0].where == "1"


def test_an_empty_corpus_is_well_formed():
    root, _ = written([], labels={})
    assert root.tag == TEI + "teiCorpus"
