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


def made(**layers):
    """A CAS with one annotation of each layer on New York, with features in text but for `number`."""
    types = cassis.TypeSystem()
    cas = cassis.Cas(types)
    cas.sofa_string, cas.sofa_mime = TEXT, "text/plain"
    begin = TEXT.index("New York")
    for layer, features in layers.items():
        name = NAMED_ENTITY if layer == "entity" else f"webanno.custom.{layer}"
        made = types.create_type(name, "uima.tcas.Annotation")
        for feature in features:
            types.create_feature(made, feature, "uima.cas.Integer" if feature == "number" else "uima.cas.String")
        cas.add(made(begin=begin, end=begin + 8, **features))
    return cas


LAYERS = {
    "entity": {"value": "GPE", "identifier": "Q60"},
    "Site": {"kind": "CITY", "number": 3},
    "Pair": {"left": "x", "right": "y"},
    "Bare": {},
    "Number": {"number": 7},
}


@pytest.mark.parametrize("form", ["json", "xmi"])
def test_a_layer_of_ones_own_comes_in_by_its_only_feature_in_text(form):
    cas = made(**LAYERS)
    (record,), report = read((cas.to_json() if form == "json" else cas.to_xmi()).encode())
    assert (record.text, record.id) == (TEXT, None)
    assert [(TEXT[span.start : span.end], span.label) for span in record.spans] == [
        ("New York", "CITY"), ("New York", "GPE"),
    ]  # fmt: skip
    assert report.losses == {"layer": 3}
    reported = " ".join(str(entry) for entry in report.examples)
    assert "1 annotations of the layer webanno.custom.Pair are left out: which of left, right is the label" in reported
    assert (
        "layer webanno.custom.Bare have no feature in text" in reported and "webanno.custom.Number have no" in reported
    )


def test_kinds_of_entities_come_in_by_their_names():
    xmi = made(entity={}).to_xmi().replace("NamedEntity", "Location")
    assert [span.label for span in read(xmi.encode())[0][0].spans] == ["Location"]


def test_entities_without_a_label_and_relations_are_told_by_their_layer():
    cas = made(entity={"value": "GPE"})
    entity = cas.typesystem.get_type(NAMED_ENTITY)
    cas.add(entity(begin=0, end=1))
    relation = cas.typesystem.create_type("webanno.custom.In", "uima.tcas.Annotation")
    for end in ("Governor", "Dependent"):
        cas.typesystem.create_feature(relation, end, "uima.tcas.Annotation")
    cas.typesystem.create_feature(relation, "label", "uima.cas.String")
    governor = cas.select(NAMED_ENTITY)[0]
    cas.add(relation(begin=0, end=1, Governor=governor, Dependent=governor, label="in"))
    for data in (cas.to_json(), cas.to_xmi()):
        (record,), report = read(data.encode())
        assert [span.label for span in record.spans] == ["GPE"]
        assert report.losses == {"layer": 1, "relations": 1}
        assert f"1 annotations of the layer {NAMED_ENTITY} have no value" in " ".join(map(str, report.examples))


@pytest.mark.parametrize(
    "data", [b"{", b"{}", b'{"%FEATURE_STRUCTURES": [5, {"%TYPE": "uima.cas.Sofa"}]}', b'{"a": NaN}']
)
def test_what_is_no_json_of_a_cas_is_told(data):
    records, report = read(data)
    assert records == [] and sum(report.faults.values()) == 1


TSV = """#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value
#T_SP=webanno.custom.Site|kind
#T_RL=webanno.custom.In|label|BT_de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity


#Text=\U0001f600 Lena Moor left New
#Text=York.
1-1\t0-2\t\U0001f600\t_\t_\t_\t_\t_
1-2\t3-7\tLena\t_[1]\tPER[1]\t_\t_\t_
1-3\t8-12\tMoor\t*[1]|*[2]\tPER[1]|NAME\\_X[2]\t_\t_\t_
1-4\t13-17\tleft\t_\t_\t_\t_\t_
1-5\t18-21\tNew\t*[3]\tGPE[3]\tCITY[4]\tin\t1-2[1_3]
1-6\t22-26\tYork\t*[3]\tGPE[3]\tCITY[4]\t_\t_
1-6.1\t23-25\tor\t_\t_\tPART\t_\t_
1-7\t26-27\t.\t_\t_\t_\t_\t_

#Text=Basel \\\\ too
2-1\t28-33\tBasel\t*\tGPE\t_\t_\t_
2-2\t34-35\t\\\\\t_\t_\t_\t_\t_
2-3\t36-39\ttoo\t*\t*\t_\t_\t_
"""


def test_webanno_tsv():
    (record,), report = read(TSV.encode())
    assert record.text == "😀 Lena Moor left New\nYork.\nBasel \\ too"
    assert [(record.text[span.start : span.end], span.label) for span in record.spans] == [
        ("Lena Moor", "PER"), ("Moor", "NAME_X"), ("New\nYork", "CITY"), ("New\nYork", "GPE"), ("or", "PART"),
        ("Basel", "GPE"),
    ]  # fmt: skip
    assert report.losses == {"layer": 1, "relations": 1}


@pytest.mark.parametrize("offset", [8, 6])
def test_a_part_of_a_word_with_characters_of_two_units(offset):
    head = TSV.partition("#T_SP=webanno")[0]
    rows = "#Text=In \U0001f600\U0001f600-Bern.\n1-1\t0-2\tIn\t_\t_\n1-2\t3-12\t\U0001f600\U0001f600-Bern\t_\t_\n"
    (record,), _ = read(f"{head}{rows}1-2.1\t{offset}-12\tBern\t*\tGPE\n1-3\t12-13\t.\t_\t_\n".encode())
    assert [(record.text[span.start : span.end], span.label) for span in record.spans] == [("Bern", "GPE")]


def test_webanno_tsv_in_another_encoding():
    text = TSV.replace("\U0001f600", "Öé").replace("Moor", "Möör").replace("left", "grüßt")
    (record,), report = read(text.encode("cp1252"))
    assert record.text.startswith("Öé Lena Möör grüßt New") and report.notes["encoding"] == 1
    report = Report()
    (named,) = formats.get("webanno-tsv").with_encoding("cp850").read(io.BytesIO(text.encode("cp850")), report)
    assert named.text == record.text and "encoding" not in report.notes


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [("1-3\t8-12", "1-3\tx", "line"), ("\tMoor\t", "\tMuir\t", "text"), (TSV[TSV.index("\n\n") :], "", "text")],
)
def test_a_broken_tsv_is_left_out_whole(old, new, kind):
    records, report = read(TSV.replace(old, new).encode())
    assert records == [] and report.faults == {kind: 1}


def test_a_project_of_json_and_tsv():
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w") as project:
        project.writestr("exportedproject.json", "{}")
        for person, layer in (("ana", "CITY"), ("ben", "PORT"), ("INITIAL_CAS", "NONE")):
            inner = io.BytesIO()
            with zipfile.ZipFile(inner, "w") as archive:
                archive.writestr(f"{person}.json", made(Site={"kind": layer}).to_json())
                archive.writestr("TypeSystem.xml", "<a/>")
            project.writestr(f"annotation/a.txt/{person}.zip", inner.getvalue())
        project.writestr("annotation/b.txt/ana.tsv", TSV)
    (first, second), report = read(outer.getvalue())
    assert ([span.label for span in first.spans], first.id) == (["CITY", "PORT"], "a.txt")
    assert (len(second.spans), second.id) == (6, "b.txt")
    assert report.notes["several annotations"] == 1 and not report.faults
