"""Entities of spans in each format: as other tools read them, as they write them, and when somebody links anew."""

import io
import json
import os
import zipfile

import cassis
import pytest
import spacy
from lxml import etree
from spacy.tokens import DocBin, Span

from annotations.formats.cas_types import NAMED_ENTITY
from annotations.formats.entities import address_of, entity_of, identifier_at, identifier_in
from annotations.formats.protocol import Context
from annotations.formats.records import EntityRecord, Record, SpanRecord, record_from_line
from annotations.formats.registry import formats
from annotations.formats.report import Report
from annotations.formats.tei import NAMESPACE

TEXT = "Assad met Zarif in Tehran. 😀 Assad left."
ASSAD = EntityRecord(3, "Bashar al-Assad", (("viaf", "27"), ("wikidata", "Q44329")), "confirmed", None, 2)
ZARIF = EntityRecord(4, "Mohammad Javad Zarif", (), "suggested", 0.75, 1)
TEHRAN = EntityRecord(5, "Tehran", (("own-list", "tehran/1?x"),))
SPANS = (
    SpanRecord(0, 5, "PERSON", entity=ASSAD),
    SpanRecord(10, 15, "PERSON", entity=ZARIF),
    SpanRecord(19, 25, "GPE", entity=TEHRAN),
    SpanRecord(29, 34, "PERSON", entity=ASSAD),
)
RECORD = Record(text=TEXT, spans=SPANS, id=7)


def written(name, *records, context=None):
    out = io.BytesIO()
    return formats.get(name).write(records or (RECORD,), out, context=context), out.getvalue()


def read(name, data):
    report = Report()
    (record,) = formats.get(name).read(io.BytesIO(data), report)
    return record, report


def linked(record):
    return {record.text[span.start : span.end]: span.entity for span in record.spans}


def named(record):
    return {words: entity and (entity.name, entity.identifiers) for words, entity in linked(record).items()}


@pytest.mark.parametrize(
    ("pair", "address"),
    [
        (("wikidata", "Q794"), "http://www.wikidata.org/entity/Q794"),
        (("geonames", "112931"), "https://sws.geonames.org/112931/"),
        (("uri", "https://example.org/a#b"), "https://example.org/a#b"),
        (("own list", 'a:"<b>\n'), "urn:corpusapp:identifier:own%20list:a%3A%22%3Cb%3E%0A"),
        (("dbpedia", "Zürich_(Kanton)"), "http://dbpedia.org/resource/Z%C3%BCrich_(Kanton)"),
    ],
)
def test_identifiers_have_addresses(pair, address):
    assert address_of(*pair) == address
    assert identifier_at(address) == pair


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("Q794", ("wikidata", "Q794")),
        ("Wikidata:Q794", ("wikidata", "Q794")),
        ("https://www.wikidata.org/wiki/Q794", ("wikidata", "Q794")),
        ("UMLS:C0001", ("UMLS", "C0001")),
        ("a note of somebody: read this", None),
        ("NIL", None),
    ],
)
def test_identifiers_in_texts_of_other_tools(text, pair):
    assert identifier_in(text) == pair


def test_mentions_without_an_id_share_their_identifier_or_name():
    assert entity_of(None, "Iran", [("wikidata", "Q794")]).id == "wikidata:Q794"
    assert entity_of(None, "Iran").id == "Iran"
    assert entity_of(None, " ") is None and entity_of(3, None) is None


def test_a_line_has_the_entity_and_is_read_as_it_is():
    _, data = written("jsonl")
    line = json.loads(data)
    assert line["spans"][0]["entity"] == {
        "id": 3, "name": "Bashar al-Assad", "identifiers": {"viaf": ["27"], "wikidata": ["Q44329"]},
        "state": "confirmed", "score": None, "revision": 2,
    }  # fmt: skip
    assert record_from_line(line).spans == SPANS
    _, data = written("jsonl", Record(text=TEXT, spans=(SpanRecord(0, 5, "PERSON"),)))
    assert "entity" not in json.loads(data)["spans"][0]


@pytest.mark.parametrize("entity", [[], "Iran", {"id": 3}, {"name": 7, "identifiers": {"a": [" "]}}])
def test_an_entity_that_says_nothing_is_reported(entity):
    line = {"text": TEXT, "spans": [{"start": 0, "end": 5, "label": "PERSON", "entity": entity}]}
    record, report = read("jsonl", json.dumps(line).encode())
    assert record.spans == (SpanRecord(0, 5, "PERSON"),)
    assert report.notes == {"entity": 1} and report.whole


def test_spacy_finds_the_knowledge_base_ids():
    _, data = written("docbin")
    (doc,) = DocBin().from_bytes(data).get_docs(spacy.blank("en").vocab)
    assert [(span.text, span.kb_id_, span.id_) for span in doc.ents] == [
        ("Assad", "Q44329", "3"), ("Zarif", "4", "4"), ("Tehran", "own-list:tehran/1?x", "5"), ("Assad", "Q44329", "3"),
    ]  # fmt: skip
    assert [token.ent_kb_id_ for token in doc][:2] == ["Q44329", ""]


def test_what_spacys_entity_linker_links_comes_in():
    doc = spacy.blank("en")(TEXT)
    ents = [(0, 1, "Q44329"), (2, 3, "NIL"), (4, 5, "")]
    doc.ents = [Span(doc, start, end, label="PERSON", kb_id=kb) for start, end, kb in ents]
    packed = DocBin(attrs=["ORTH", "SPACY", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID"], docs=[doc])
    assert named(read("docbin", packed.to_bytes())[0]) == {
        "Assad": ("Assad", (("wikidata", "Q44329"),)), "Zarif": None, "Tehran": None,
    }  # fmt: skip


def test_a_doc_that_was_linked_anew_counts():
    _, data = written("docbin")
    (doc,) = DocBin().from_bytes(data).get_docs(spacy.blank("en").vocab)
    doc.ents = [Span(doc, 0, 1, label="PERSON", kb_id="Q1"), *doc.ents[1:]]
    doc.spans["sc"] = [span for span in doc.spans["sc"] if span.start_char]
    packed = DocBin(attrs=["ORTH", "SPACY", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID"], store_user_data=True)
    packed.add(doc)
    record, _ = read("docbin", packed.to_bytes())
    assert record.spans[0].entity.identifiers == (("wikidata", "Q1"),)
    assert [span.entity for span in record.spans[1:]] == [span.entity for span in SPANS[1:]]


def test_brat_has_normalizations():
    _, data = written("brat")
    lines = zipfile.ZipFile(io.BytesIO(data)).read("article-7.ann").decode().splitlines()
    assert [line for line in lines if line.startswith("N")] == [
        "N1\tReference T1 viaf:27\tBashar al-Assad",
        "N2\tReference T1 wikidata:Q44329\tBashar al-Assad",
        "N3\tReference T2 corpusapp:4\tMohammad Javad Zarif",
        "N4\tReference T3 own-list:tehran/1?x\tTehran",
        "N5\tReference T4 viaf:27\tBashar al-Assad",
        "N6\tReference T4 wikidata:Q44329\tBashar al-Assad",
    ]


def zipped(**members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "."), text)
    return out.getvalue()


def test_normalizations_of_others_come_in_wherever_they_stand():
    lines = [
        "N1\tReference T2 Wikipedia:534366\tBarack Obama",
        "T1\tPERSON 0 5\tAssad",
        "N2\tReference T1 Wikidata:Q44329\t",
        "T2\tPERSON 10 15\tZarif",
        "N3\tReference E1 Wikidata:Q1\tan event",
        "N4\tReference T9 Wikidata:Q1\tno span",
        "N5\tnothing",
    ]
    record, report = read("brat", zipped(a_txt=TEXT, a_ann="\n".join(lines)))
    assert named(record) == {
        "Assad": ("Assad", (("wikidata", "Q44329"),)), "Zarif": ("Barack Obama", (("Wikipedia", "534366"),)),
    }  # fmt: skip
    assert report.losses == {"normalizations": 3}


def test_cassis_finds_the_identifiers():
    _, data = written("cas-xmi")
    archive = zipfile.ZipFile(io.BytesIO(data))
    types = cassis.load_typesystem(io.BytesIO(archive.read("TypeSystem.xml")))
    cas = cassis.load_cas_from_xmi(io.BytesIO(archive.read("article-7.xmi")), typesystem=types)
    assert [(each.get_covered_text(), each.identifier) for each in cas.select(NAMED_ENTITY)] == [
        ("Assad", "http://www.wikidata.org/entity/Q44329"),
        ("Zarif", "urn:corpusapp:entity:4"),
        ("Tehran", "urn:corpusapp:identifier:own-list:tehran%2F1%3Fx"),
        ("Assad", "http://www.wikidata.org/entity/Q44329"),
    ]
    first, second, *_ = cas.select(NAMED_ENTITY)
    first.identifier, second.identifier = "http://www.wikidata.org/entity/Q1", None
    record, _ = read("cas-xmi", cas.to_xmi().encode())
    assert [span.entity and span.entity.identifiers for span in record.spans[:2]] == [(("wikidata", "Q1"),), None]
    assert [span.entity for span in record.spans[2:]] == [span.entity for span in SPANS[2:]]


def test_inceptions_identifiers_in_its_other_formats():
    tsv = (
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value\n\n\n"
        "#Text=Assad met Zarif\n1-1\t0-5\tAssad\thttp:\\/\\/www.wikidata.org\\/entity\\/Q44329[1]\tPER[1]\t\n"
        "1-2\t6-9\tmet\t_\t_\t\n1-3\t10-15\tZarif\t*[2]\tPER[2]\t\n"
    )
    expected = {"Assad": ("Assad", (("wikidata", "Q44329"),)), "Zarif": None}
    assert named(read("webanno-tsv", tsv.encode())[0]) == expected
    entity = {"%TYPE": NAMED_ENTITY, "@sofa": 1, "value": "PER"}
    cas = {
        "%TYPES": {},
        "%FEATURE_STRUCTURES": [
            {"%ID": 1, "%TYPE": "uima.cas.Sofa", "sofaID": "_InitialView", "sofaString": "Assad met Zarif"},
            {"%ID": 2, "begin": 0, "end": 5, "identifier": "http://www.wikidata.org/entity/Q44329", **entity},
            {"%ID": 3, "begin": 10, "end": 15, **entity},
        ],
    }
    assert named(read("cas-json", json.dumps(cas).encode())[0]) == expected


def test_web_annotations_identify():
    _, data = written("web-annotation")
    page = json.loads(data)
    first, second = [item for item in page["items"] if item["motivation"] == "tagging"][:2]
    assert first["body"][1:] == [
        {"type": "SpecificResource", "purpose": "identifying", "source": "http://viaf.org/viaf/27"},
        {"type": "SpecificResource", "purpose": "identifying", "source": "http://www.wikidata.org/entity/Q44329"},
        {"type": "TextualBody", "purpose": "identifying", "format": "text/plain", "value": "Bashar al-Assad"},
    ]
    first["body"][2]["source"] = "http://www.wikidata.org/entity/Q1"
    second["body"] = second["body"][0]
    del second["corpusapp:entity"]
    record, _ = read("web-annotation", json.dumps(page).encode())
    assert record.spans[0].entity.identifiers == (("viaf", "27"), ("wikidata", "Q1"))
    assert [span.entity for span in record.spans[1:]] == [None, *(span.entity for span in SPANS[2:])]


def test_identifying_bodies_of_others():
    item = {
        "type": "Annotation", "target": {"source": "urn:a", "selector": {
            "type": "TextPositionSelector", "start": 0, "end": 5,
        }},
        "body": [
            {"type": "TextualBody", "purpose": "tagging", "value": "PERSON"},
            {"purpose": "identifying", "id": "https://www.wikidata.org/wiki/Q44329"},
            {"purpose": "identifying", "source": {"id": "https://example.org/people/3"}},
        ],
    }  # fmt: skip
    text = {"type": "Annotation", "motivation": "describing", "target": "urn:a"}
    text["body"] = {"type": "TextualBody", "value": TEXT}
    record, _ = read("web-annotation", json.dumps([text, item]).encode())
    assert record.spans[0].entity.identifiers == (
        ("wikidata", "Q44329"), ("uri", "https://example.org/people/3"),
    )  # fmt: skip


def test_the_notes_of_label_studio():
    _, data = written("label-studio")
    (task,) = json.loads(data)
    results = task["annotations"][0]["result"]
    assert results[0]["meta"] == {"text": ["entity: Bashar al-Assad", "viaf:27", "wikidata:Q44329"]}
    results[0]["meta"] = {"text": ["entity: Asma al-Assad\nwikidata:Q229271"]}
    results[1]["meta"] = {"text": ["note: is this him?"]}
    results[2]["meta"] = {"text": ["https://www.wikidata.org/wiki/Q3616"]}
    del results[3]["meta"]
    record, _ = read("label-studio", json.dumps([task]).encode())
    assert [span.entity and (span.entity.name, span.entity.identifiers) for span in record.spans] == [
        ("Asma al-Assad", (("wikidata", "Q229271"),)), None,
        ("wikidata:Q3616", (("wikidata", "Q3616"),)), ("Bashar al-Assad", ASSAD.identifiers),
    ]  # fmt: skip


def test_tei_lists_people_and_places_in_the_header():
    _, data = written("tei", context=Context(labels={"PERSON": "", "GPE": ""}))
    space = {"t": NAMESPACE, "x": "http://www.w3.org/XML/1998/namespace"}
    root = etree.fromstring(data)

    def found(path):
        return root.xpath(path, namespaces=space)

    assert found("//t:teiHeader//t:listPerson/t:person/t:persName/text()") == [
        "Bashar al-Assad",
        "Mohammad Javad Zarif",
    ]
    assert found("//t:teiHeader//t:listPlace/t:place/t:placeName/text()") == ["Tehran"]
    assert found("//t:person[1]/t:idno/@type") == ["viaf", "wikidata"]
    ids = found("//t:person/@x:id")
    assert found("//t:annotation//t:persName/@ref") == [f"#{ids[0]}", f"#{ids[1]}", f"#{ids[0]}"]


def test_formats_without_a_place_say_so():
    report, data = written("conll", Record(text="Assad left.", spans=(SpanRecord(0, 5, "PERSON", entity=ASSAD),)))
    assert report.notes["field span.entity"] == 1
    assert read("conll", data)[0].spans[0].entity is None


def test_datasets_and_croissant_have_the_columns(tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    import datasets
    import mlcroissant

    _, data = written("parquet", context=Context(name="desk", licence="CC-BY-4.0", version="1.0.0"))
    zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path / "set")
    (row,) = datasets.load_dataset(str(tmp_path / "set"), cache_dir=str(tmp_path / "cache"))["train"]
    assert row["spans"][0]["entity"] == {
        "id": 3, "name": "Bashar al-Assad", "state": "confirmed", "score": None, "revision": 2,
        "identifiers": [{"scheme": "viaf", "value": "27"}, {"scheme": "wikidata", "value": "Q44329"}],
    }  # fmt: skip
    dataset = mlcroissant.Dataset(jsonld=str(tmp_path / "set" / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    described = json.loads((tmp_path / "set" / "croissant.json").read_text())
    (spans,) = [field for field in described["recordSet"][0]["field"] if field["name"] == "spans"]
    assert {"entity.id", "entity.name"} <= {field["name"] for field in spans["subField"]}
    (row,) = dataset.records("train")
    names = [span["train/spans/entity.name"] for span in row["train/spans"]]
    assert [name.decode() for name in names][:2] == ["Bashar al-Assad", "Mohammad Javad Zarif"]
    card = (tmp_path / "set" / "README.md").read_text()
    assert "| train | 1 | 4 | 4 |" in card and "`entity` of a span" in card
