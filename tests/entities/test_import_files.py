"""Files of entities over REST and by command, hostile ones too."""

import json
import socketserver
import threading

import pytest
import rdflib
from django.core.management import CommandError, call_command

from annotations.entities.models import Entity
from annotations.entities.queries.list_files import read_list_file
from annotations.review.models import Decision
from corpusapp.articles.models import Role
from corpusapp.core.errors import Invalid, TooMany
from tests.api.client import Rest, refusal
from tests.factories import make_corpus, make_member

pytestmark = pytest.mark.django_db

SKOS = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix schema: <https://schema.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
<https://names.example/> a skos:ConceptScheme, owl:Ontology ; skos:prefLabel "Names"@en ; owl:imports <IMPORT> .
<https://names.example/1> a skos:Concept, schema:Person ;
  skos:prefLabel "Omar Haddad"@en, "عمر حداد"@ar ; skos:altLabel "O. Haddad"@en ; skos:definition "A mayor."@en ;
  skos:exactMatch <http://www.wikidata.org/entity/Q901> ; skos:broader <https://names.example/2> .
<https://names.example/2> a skos:Concept ; skos:prefLabel "Port Lina"@en ; skos:broader <https://names.example/1> .
"""


@pytest.fixture
def corpus():
    return make_corpus()


@pytest.fixture
def asked():
    """The requests that a local server gets, with its URL."""
    got = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            got.append(self.rfile.readline())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield got, f"http://127.0.0.1:{server.server_address[1]}/x"
        server.shutdown()


def read(corpus, data, name="", **options):
    return read_list_file(data.encode() if isinstance(data, str) else data, corpus=corpus, name=name, **options)


def test_a_vocabulary_is_read_in_four_forms_and_nothing_is_fetched(corpus, asked):
    got, url = asked
    turtle = SKOS.replace("IMPORT", url)
    graph = rdflib.Graph().parse(data=turtle, format="turtle")
    forms = {"turtle": "ttl", "xml": "rdf", "json-ld": "jsonld", "nt": "nt"}
    texts = {form: turtle if form == "turtle" else graph.serialize(format=form) for form in forms}
    for form, text in texts.items():
        for name in (f"list.{forms[form]}", "list"):
            listed = read(corpus, text, name)
            assert listed.format == form
            port, haddad = sorted(listed.entries, key=lambda entry: entry.name != "Port Lina")
            assert (haddad.name, haddad.label, haddad.description) == ("Omar Haddad", "PERSON", "A mayor.")
            assert set(haddad.aliases) == {("عمر حداد", "ar"), ("O. Haddad", "en")}
            assert set(haddad.identifiers) == {("uri", "https://names.example/1"), ("wikidata", "Q901")}
            assert (port.name, port.label, port.subject) == ("Port Lina", "", "https://names.example/2")
    assert not got


def test_an_entity_is_named_in_the_language_of_the_corpus():
    corpus = make_corpus(language="ar")
    haddad = next(entry for entry in read(corpus, SKOS, "a.ttl").entries if "Q901" in str(entry.identifiers))
    assert haddad.name == "عمر حداد" and ("Omar Haddad", "en") in haddad.aliases


_ENTITIES = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 50 if n else "x" * 50}">' for n in range(9))
_XML = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:s="http://www.w3.org/2004/02/skos/core#">'
)
HOSTILE = {
    "a.ttl": [
        ("@prefix a: <b> .\n<x> a ;;; (((", "line 2 is no Turtle"),
        ("@prefix a: <urn:b> . a:b a:c " + "[ a:d " * 50_000, "nested too deep"),
        ("", "no entity was found"),
    ],
    "a.rdf": [
        ((f"<?xml version='1.0'?><!DOCTYPE rdf:RDF [{_ENTITIES}]>{_XML}<s:Concept><s:prefLabel>&a8;</s:prefLabel>"
         "</s:Concept></rdf:RDF>"), "defines XML entities by others"),
        ("<?xml version='1.0'?>\n<rdf:RDF><a>", "line 2 is no RDF/XML"),
        ("<html><body>no</body></html>", "no entity was found"),
    ],
    "a.jsonld": [
        ('{"@context": "URL", "@id": "urn:a"}', "@context 'URL' is not fetched"),
        ('{"@context": [{"a": {"@id": "urn:a", "@context": "URL"}}], "@id": "urn:a"}', "is not fetched"),
        ('{"@context": {"@version": 1.1, "@import": "URL"}, "@id": "urn:a"}', "is not fetched"),
        ('{"@context": {}', "no json-ld"),
    ],
    "a.jsonl": [("[" * 100_000, "no JSON array"), ("", "no entity was found")],
    "a.csv": [
        ("city,country\nHoms,Syria", "no column is the name"),
        ('name\n"Homs', "line 2 is no CSV"),
        ("name\n" + "x" * 300_000, "line 2 is no CSV"),
        ("name\n" + "x\n" * 10_001, "more than 10,000"),
        ("\0\0", "no column is the name"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_files_that_cannot_be_read_are_refused_with_the_place(corpus, asked, name):
    got, url = asked
    for text, reason in HOSTILE[name]:
        with pytest.raises(Invalid) as refused:
            read(corpus, text.replace("URL", url), name)
        assert reason.replace("URL", url) in refused.value.detail, (text[:60], refused.value.detail)
    assert not got


def test_bytes_that_are_not_utf8_and_too_many_are_refused(corpus):
    with pytest.raises(Invalid, match="line 3 is not UTF-8"):
        read(corpus, b"name\nHoms\nAl\xe9p", "a.csv")
    with pytest.raises(TooMany, match="the limit is 10,000,000"):
        read(corpus, b"x" * 10_000_001, "a.csv")
    with pytest.raises(Invalid, match="no format 'xls'"):
        read(corpus, "name", format="xls")
    with pytest.raises(Invalid, match="cannot be 'titel'"):
        read(corpus, "name", columns={"a": "titel"})


def test_an_external_entity_of_xml_is_not_read(corpus, tmp_path):
    (tmp_path / "secret").write_text("secret")
    xml = f"<!DOCTYPE rdf:RDF [<!ENTITY e SYSTEM 'file://{tmp_path}/secret'>]>{_XML}"
    xml += "<s:Concept rdf:about='urn:a'><s:prefLabel>Homs &e;</s:prefLabel></s:Concept></rdf:RDF>"
    assert [entry.name for entry in read(corpus, xml, "a.rdf").entries] == ["Homs"]


def test_json_lines_say_which_key_is_wrong(corpus):
    lines = [
        '{"name":"Ada","type":"PERSON","identifiers":{"wikidata":["Q1","Q2"],"viaf":7},"aliases":["A",{"name":"B","language":"de-AT"}]}',
        '{"name":["Ada"]}', '{"name":"Ada","aliases":{"x":[]}}', '{"name":"Ada","identifiers":"Q1"}', "[]", "{",
        '{"name":"Ada","id":"https://viaf.org/viaf/12"}', '{"title":"Cid","id":12,"note":null}',
    ]  # fmt: skip
    listed = read(corpus, "\n".join(lines), "a.jsonl")
    assert [(fault.line, fault.field) for fault in listed.faults] == [
        (2, "name"), (3, "aliases"), (4, "identifiers"), (5, ""), (6, ""),
    ]  # fmt: skip
    ada, viaf, cid = listed.entries
    assert ada.identifiers == (("wikidata", "Q1"), ("wikidata", "Q2"), ("viaf", "7"))
    assert ada.aliases == (("A", ""), ("B", "de")) and ada.label == "PERSON"
    assert viaf.identifiers == (("viaf", "12"),) and (cid.name, cid.identifiers) == ("Cid", (("local", "12"),))


def test_columns_are_taken_for_what_one_says(corpus):
    data = "Titel;Art;GND;Ort\nAda Roth;PERSON;118;Wien\n"
    columns = {"Titel": "name", "Art": "label", "GND": "identifier:gnd"}
    listed = read(corpus, data, "a.csv", columns=columns)
    assert listed.columns == {**columns, "Ort": ""}
    assert listed.entries[0][2:6] == ("Ada Roth", "PERSON", "", (("gnd", "118"),))


# Over REST and by command.


def test_rest_imports_previews_and_refuses(corpus):
    manager = Rest(make_member(corpus, Role.MANAGER))
    octets = {"content_type": "application/octet-stream"}
    data = b"Titel,Art\nAda,PERSON\n,PERSON\n"
    path = "corpora/desk/entities/import/?columns=Titel=name,Art=label&name=a.csv"
    preview = manager.post(f"{path}&preview=true", data, **octets)
    assert preview.status_code == 200 and not Entity.objects.exists()
    assert preview.json()["left_out"] == [
        {"line": 3, "item": "", "field": "name", "reason": "the name is empty: give one"}
    ]
    document = refusal(manager.post(path, data, **octets), 409, "file")
    assert document["left_out"][0]["line"] == 3 and not Entity.objects.exists()
    done = manager.post(f"{path}&all_or_none=false", data, **octets, idempotency_key="k")
    assert done.status_code == 201, done.content
    body = done.json()
    assert (body["added"], body["updated"], body["unchanged"], body["left_out_count"]) == (1, 0, 0, 1)
    again = manager.post(f"{path}&all_or_none=false", data, **octets, idempotency_key="k")
    assert again.status_code == 201 and again["Idempotency-Replayed"] == "true"
    assert again.json() == {**body, "unchanged": None}
    assert manager.post(f"{path}&all_or_none=false", data, **octets).status_code == 200
    assert manager.post(f"decisions/{body['decision']}/undo/", {}).status_code == 201
    assert Entity.objects.get().state == "removed"


def test_rest_refuses_two_files_unknown_labels_and_editors(corpus):
    manager = Rest(make_member(corpus, Role.MANAGER))
    octets = {"content_type": "application/octet-stream"}
    path = "corpora/desk/entities/import/"
    refusal(manager.post(f"{path}?label=X", b"name\nAda\n", **octets), 400, "label")
    refusal(manager.post(f"{path}?columns=a", b"name\nAda\n", **octets), 400, "columns")
    refusal(manager.post(path, b"", **octets), 400, "file")
    refusal(manager.post(path, {"name": "Ada"}), 415)
    refusal(Rest(make_member(corpus)).post(path, b"name\nAda\n", **octets), 403)


def test_the_command_imports_and_reports(corpus, tmp_path, capsys):
    path = tmp_path / "list.csv"
    path.write_text("name,label\nAda,PERSON\nBea,ROBOT\n")
    with pytest.raises(CommandError, match="nothing was done"):
        call_command("import_entities", "desk", str(path))
    assert "line 3: label: there is no label 'ROBOT'" in capsys.readouterr().err
    assert not Decision.objects.exists()
    call_command("import_entities", "desk", str(path), "--partial", "--json")
    report = json.loads(capsys.readouterr().out)
    assert (report["added"], report["left_out"][0]["line"], len(report["decisions"])) == (1, 3, 1)
    call_command("import_entities", "desk", str(path), "--partial")
    assert capsys.readouterr().out == "0 added, 0 updated, 1 unchanged\n"
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_entities", "desk", str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="no corpus 'nosuch'"):
        call_command("import_entities", "nosuch", str(path))
