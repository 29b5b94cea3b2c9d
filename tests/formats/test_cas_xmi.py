"""XMI in dkpro-cassis, and XMI that INCEpTION would write."""

import io
import re
import zipfile

import cassis
import pytest

from annotations.formats.cas_types import NAMED_ENTITY
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.report import Report

TEXT = '😀 "Zarif"\tin <New York>\r\n& 𝒳 \u2028 كتاب'


def written(*records):
    out = io.BytesIO()
    report = formats.get("cas-xmi").write(records, out)
    return zipfile.ZipFile(out), report


def read(data):
    report = Report()
    return list(formats.get("cas-xmi").read(io.BytesIO(data), report)), report


def loaded(archive, name):
    types = cassis.load_typesystem(io.BytesIO(archive.read("TypeSystem.xml")))
    return cassis.load_cas_from_xmi(io.BytesIO(archive.read(name)), typesystem=types)


def spans_of(text, *quotes):
    return tuple(SpanRecord(text.index(quote), text.index(quote) + len(quote), "GPE") for quote in quotes)


def test_cassis_reads_text_and_spans():
    quotes = ["Zarif", "New York", "York", "𝒳", "كتاب", "😀"]
    archive, report = written(Record(text=TEXT, spans=spans_of(TEXT, *quotes), id=7))
    cas = loaded(archive, "article-7.xmi")
    assert cas.sofa_string == TEXT
    assert sorted(each.get_covered_text() for each in cas.select(NAMED_ENTITY)) == sorted(quotes)
    assert {each.value for each in cas.select(NAMED_ENTITY)} == {"GPE"}
    assert report.whole


def test_offsets_in_the_file_are_utf16():
    archive, _ = written(Record(text="😀 Rome", spans=(SpanRecord(2, 6, "GPE"),)))
    assert 'begin="3" end="7" value="GPE"' in archive.read("article-n1.xmi").decode()


def test_what_cassis_writes_comes_in():
    types = cassis.TypeSystem()
    entity = types.create_type(NAMED_ENTITY, "uima.tcas.Annotation")
    types.create_feature(entity, "value", "uima.cas.String")
    sentence = types.create_type("de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence", "uima.tcas.Annotation")
    custom = types.create_type("webanno.custom.Person", "uima.tcas.Annotation")
    types.create_feature(custom, "label", "uima.cas.String")
    cas = cassis.Cas(types)
    cas.sofa_string, cas.sofa_mime = TEXT, "text/plain"
    begin = TEXT.index("New York")
    cas.add(sentence(begin=0, end=5))
    cas.add(entity(begin=begin, end=begin + 8, value="GPE"))
    cas.add(custom(begin=TEXT.index("Zarif"), end=TEXT.index("Zarif") + 5, label="PERSON"))
    (record,), report = read(cas.to_xmi().encode())
    assert record.text == TEXT
    assert [(record.text[span.start : span.end], span.label) for span in record.spans] == [
        ("Zarif", "PERSON"),
        ("New York", "GPE"),
    ]
    assert report.whole and [key for key in report.notes if key.endswith("Sentence")]


def exported_project(**versions):
    """As INCEpTION exports one: an archive for each version of a document."""
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as project:
        project.writestr("exportedproject.json", "{}")
        project.writestr("source/a.txt", TEXT)
        for version, quotes in versions.items():
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w") as archive:
                xmi = written(Record(text=TEXT, spans=spans_of(TEXT, *quotes)))[0].read("article-n1.xmi")
                archive.writestr("any.xmi", re.sub(rb"<desk:Companion[^>]*>", b"", xmi))
            folder = "curation" if version == "CURATION_USER" else "annotation"
            project.writestr(f"{folder}/a.txt/{version}.zip", inner.getvalue())
    return outer.getvalue()


def test_the_versions_of_a_document_in_a_project():
    (record,), report = read(exported_project(ana=["Zarif", "New York"], ben=["New York", "York"]))
    assert [TEXT[span.start : span.end] for span in record.spans] == ["Zarif", "New York", "York"]
    assert record.id == "a.txt"
    assert report.notes == {"several annotations": 1} and report.whole
    (record,), report = read(exported_project(ana=["Zarif"], CURATION_USER=["York"]))
    assert [TEXT[span.start : span.end] for span in record.spans] == ["York"]
    assert report.whole and not report.notes


def test_characters_that_xml_cannot_hold_come_back_and_are_told():
    archive, report = written(Record(text="form\x0cfeed \ufffe", external_id="a 1"))
    assert loaded(archive, "article-n1.xmi").sofa_string == "form\ufffdfeed \ufffd"
    assert report.losses == {"character": 2}
    (record,), _ = read(archive.fp.getvalue())
    assert record.text == "form\x0cfeed \ufffe"


def test_a_boundary_within_a_character_moves_outwards():
    archive, _ = written(Record(text="a😀b", spans=(SpanRecord(0, 2, "GPE"),)))
    xmi = archive.read("article-n1.xmi").replace(b'end="3" value', b'end="2" value')
    (record,), report = read(xmi)
    assert [(span.start, span.end) for span in record.spans] == [(0, 2)]
    assert report.notes["character"] == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml",
        b"PK\x03\x04 damaged",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY e "x">]><a b="&e;"/>',
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY e "x">]><a b="&e;"/>'.encode("utf-16"),
        b'<xmi:XMI xmlns:xmi="http://www.omg.org/XMI"/>',
    ],
)
def test_what_is_no_xmi_is_told(data):
    records, report = read(data)
    assert records == [] and sum(report.faults.values()) == 1


@pytest.mark.parametrize("end", ["99", "-1", "0", "1.5", "x", "9" * 30])
def test_offsets_outside_the_text_are_told(end):
    archive, _ = written(Record(text="Rome", spans=(SpanRecord(0, 4, "GPE"), SpanRecord(0, 2, "GPE"))))
    xmi = archive.read("article-n1.xmi").replace(b'begin="0" end="2"', f'begin="0" end="{end}"'.encode())
    (record,), report = read(xmi)
    assert [(span.start, span.end) for span in record.spans] == [(0, 4)]
    assert report.faults == {"offsets": 1}
