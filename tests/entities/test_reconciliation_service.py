"""The registry as a reconciliation service: what it answers, to whom, and how."""

import json
import urllib.request

import jsonschema
import pytest
from django.test import Client
from referencing import Registry, Resource

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.merge import merge_entities
from annotations.entities.models import Entity
from corpusapp.accounts.actions.tokens import create_token, revoke_token
from corpusapp.articles.models import Corpus, Role
from tests.api.client import refusal
from tests.entities.reconciliation_schemas import SCHEMAS
from tests.factories import make_corpus, make_member

pytestmark = pytest.mark.django_db

PUBLISHED = "https://reconciliation-api.github.io/specs/0.2/schemas/"


@pytest.fixture
def corpus():
    return make_corpus()


@pytest.fixture
def entities(corpus):
    """By name."""
    editor = make_member(corpus)
    cast = [
        ("Omar Haddad", "PERSON", [("wikidata", "Q901")], ["O. Haddad", "عمر حداد"], "Mayor of Port Lina"),
        ("Omar Hadid", "PERSON", [], [], ""),
        ("Port Lina", "GPE", [("wikidata", "Q902"), ("uri", "https://names.example/2")], [], ""),
        ("Port Lina", "ORG", [], ["Port Lina Club"], "A football club"),
    ]
    for name, label, identifiers, aliases, description in cast:
        create_entity(
            user=editor, corpus=corpus, name=name, label=label, identifiers=identifiers, aliases=aliases,
            description=description,
        )  # fmt: skip
    return {(entity.name, entity.label.name): entity for entity in Entity.objects.select_related("label")}


class Service:
    """Asks the service of a corpus as OpenRefine does: by an address that has a key."""

    def __init__(self, user, of: Corpus, **token):
        self.token, self.key = create_token(user=user, **{"scope": "read", "corpus": of, **token})
        self.base = f"/api/reconcile/{of.slug}/key/{self.key}/"
        self._http = Client()

    def get(self, path="", **values):
        return self._http.get(self.base + path, values)

    def ask(self, **queries):
        response = self._http.post(self.base, {"queries": json.dumps(queries)})
        assert response.status_code == 200, response.content
        return {key: value["result"] for key, value in checked("reconciliation-result-batch", response).items()}

    def post(self, **form):
        return self._http.post(self.base, form)


def checked(name, response):
    """The message in a response, which must be of this kind."""
    assert response.status_code == 200, response.content
    assert response["Access-Control-Allow-Origin"] == "*"
    document = response.json()
    jsonschema.validate(document, SCHEMAS[name])
    return document


@pytest.fixture
def service(corpus, entities):
    return Service(make_member(corpus, Role.READER), corpus)


def test_names_in_a_batch_are_matched_with_their_scores(service, entities):
    haddad = entities["Omar Haddad", "PERSON"]
    found = service.ask(
        q0={"query": "omar haddad"}, q1={"query": "عمر حداد"}, q2={"query": "Port Lina"}, q3={"query": "Nobody at all"},
        q4={"query": "Port Lina", "type": "GPE"}, q5={"query": "Port Lina", "type": ["ORG", "NORP"]},
        q6={"query": "Omar", "limit": 1}, q7={"query": "Port Lina", "type": "Q5"},
    )  # fmt: skip
    best = found["q0"][0]
    assert best == {
        "id": str(haddad.pk), "name": "Omar Haddad", "description": "Mayor of Port Lina", "score": 100.0, "match": True,
        "type": [{"id": "PERSON", "name": "PERSON"}],
        "features": [{"id": "name", "value": 100.0}, {"id": "identifier", "value": False}],
    }  # fmt: skip
    assert found["q1"][0]["id"] == str(haddad.pk) and found["q1"][0]["match"]
    # Two have this name: neither is certain without a type.
    assert [row["match"] for row in found["q2"]] == [False, False]
    assert found["q3"] == [] == found["q7"] and len(found["q6"]) == 1
    assert [(row["type"][0]["id"], row["match"]) for row in found["q4"] + found["q5"]] == [("GPE", True), ("ORG", True)]


def test_an_identifier_decides(service, entities):
    place = str(entities["Port Lina", "GPE"].pk)
    wikidata = [{"pid": "wikidata", "v": {"id": "Q902", "name": "Port Lina"}}]
    found = service.ask(
        q0={"query": "Port Lina", "properties": wikidata}, q1={"properties": wikidata},
        q2={"query": "Port Lina", "properties": [{"pid": "wikidata", "v": ["Q1", 3, True]}]},
    )  # fmt: skip
    for key in ("q0", "q1"):
        assert [row["id"] for row in found[key] if row["match"]] == [place]
    assert not any(row["match"] for row in found["q2"])


def test_a_get_request_asks_too(service):
    response = service.get(queries=json.dumps({"a b": {"query": "Omar Hadid"}}))
    assert checked("reconciliation-result-batch", response)["a b"]["result"][0]["match"]


def test_the_manifest_says_where_everything_is(service, entities):
    manifest = checked("manifest", service.get())
    haddad = str(entities["Omar Haddad", "PERSON"].pk)
    assert manifest["view"]["url"].replace("{{id}}", haddad) == f"http://testserver/entities/{haddad}/"
    assert {"id": "PERSON", "name": "PERSON"} in manifest["defaultTypes"] and "authentication" not in manifest
    assert "DATE" not in json.dumps(manifest["defaultTypes"])
    suggest = manifest["suggest"]
    for kind, prefix, name in (
        ("entity", "omar", "suggest-entities-response"), ("type", "per", "suggest-types-response"),
        ("property", "wiki", "suggest-properties-response"),
    ):  # fmt: skip
        url = suggest[kind]["service_url"] + suggest[kind]["service_path"]
        found = checked(name, Client().get(url.removeprefix("http://testserver"), {"prefix": prefix}))["result"]
        assert found and all(prefix in str(row).lower() for row in found)
    by_id = service.get("suggest/entity/", prefix=haddad)
    assert by_id.json()["result"][0]["name"] == "Omar Haddad"
    preview = Client().get(manifest["preview"]["url"].removeprefix("http://testserver").replace("{{id}}", haddad))
    assert "Mayor of Port Lina" in preview.content.decode() and "X-Frame-Options" not in preview
    assert (
        "frame-ancestors *" in preview["Content-Security-Policy"]
        and "script-src 'self'" in preview["Content-Security-Policy"]
    )


def test_properties_extend_other_tables(service, corpus, entities):
    proposed = checked("data-extension-property-proposal", service.get("properties/", type="PERSON"))
    names = [one["id"] for one in proposed["properties"]]
    assert {"description", "aliases", "mentions", "label", "uri", "wikidata"} <= set(names)
    haddad, place = entities["Omar Haddad", "PERSON"], entities["Port Lina", "GPE"]
    editor = make_member(corpus)
    hadid = entities["Omar Hadid", "PERSON"]
    merge_entities(user=editor, source=hadid, target=haddad, source_revision=1, target_revision=1)
    asked = {
        "ids": [str(haddad.pk), str(place.pk), str(hadid.pk), "x", "0"],
        "properties": [{"id": n} for n in [*names, "?"]],
    }
    answer = checked("data-extension-response", service.post(extend=json.dumps(asked)))
    rows = answer["rows"]
    assert rows[str(haddad.pk)]["wikidata"] == [{"str": "Q901"}] and rows[str(haddad.pk)]["mentions"] == [{"int": 0}]
    assert rows[str(hadid.pk)] == rows[str(haddad.pk)], "a merged entity is the one it was merged into"
    assert {"str": "https://names.example/2"} in rows[str(place.pk)]["uri"]
    assert {"str": "http://www.wikidata.org/entity/Q902"} in rows[str(place.pk)]["uri"]
    assert set(map(str, rows["x"].values())) == {"[]"} and rows[str(place.pk)]["?"] == []
    preview = service.get("preview/", id=str(hadid.pk)).content.decode()
    assert "Omar Haddad" in preview


@pytest.mark.parametrize(
    ("queries", "place"),
    [
        ("[]", "queries"), ("{", "queries"), ("[" * 100_000, "queries"), ('{"q":1}', "q"), ('{"q":{}}', "q.query"),
        ('{"q":{"query":1}}', "q.query"), ('{"q":{"query":"a","limit":"x"}}', "q.limit"),
        ('{"q":{"query":"a","limit":NaN}}', "q.limit"), ('{"q":{"query":"a","limit":0}}', "q.limit"),
        ('{"q":{"query":"a","type":{}}}', "q.type"), ('{"q":{"query":"a","x":1}}', "q.x"),
        ('{"q":{"query":"a","properties":{}}}', "q.properties"),
        ('{"q":{"query":"a","properties":[{"pid":"b","v":null}]}}', "q.properties[0].v"),
        ('{"q":{"query":"\\ud800"}}', "q.query"),
        (json.dumps({str(n): {"query": "a"} for n in range(51)}), "queries"),
    ],
)  # fmt: skip
def test_queries_that_are_none_are_refused_with_the_place(service, queries, place):
    response = service.post(queries=queries)
    refusal(response, 400, place)
    assert response["Access-Control-Allow-Origin"] == "*"


def test_every_query_that_the_schema_allows_is_answered(service):
    full = {
        "query": "Omar <b>%_\\ ' Haddad", "type": ["PERSON"], "limit": 2.5, "type_strict": "should",
        "properties": [{"pid": "P1", "v": [1, 2.5, False, "x", {"id": "Q1"}]}, {"pid": "aliases", "v": "O. Haddad"}],
    }  # fmt: skip
    jsonschema.validate({"q": full}, SCHEMAS["reconciliation-query-batch"])
    assert service.ask(q=full)["q"]
    assert service.ask() == {}


def test_only_a_read_token_of_the_corpus_stands_in_an_address(corpus, entities):
    reader, manager = make_member(corpus, Role.READER), make_member(corpus, Role.MANAGER)
    other = make_corpus("other")
    for token in (
        Service(manager, corpus, scope="annotate"), Service(manager, corpus, scope="manage"),
        Service(reader, corpus, corpus=None), Service(reader, corpus, corpus=other),
    ):  # fmt: skip
        for path in ("", "suggest/entity/", "properties/", "preview/"):
            refusal(token.get(path), 401)
    service = Service(reader, corpus)
    revoke_token(user=reader, token=service.token)
    refusal(service.get(), 401)
    assert Client().get(f"/api/reconcile/desk/key/{'x' * 300}/").status_code == 401
    assert Client().get("/api/reconcile/desk/").status_code == 401


def test_a_header_works_too_and_a_session_does_not(corpus, entities):
    reader = make_member(corpus, Role.READER)
    key = create_token(user=reader, scope="manage")[1]
    manifest = checked("manifest", Client().get("/api/reconcile/desk/", headers={"Authorization": f"Bearer {key}"}))
    assert manifest["authentication"]["name"] == "Authorization"
    signed_in = Client()
    signed_in.force_login(reader)
    assert signed_in.get("/api/reconcile/desk/").status_code == 401


def test_what_is_absent_or_turned_off_is_refused(service, corpus):
    for pk in ("0", "x", str(10**30)):
        refusal(service.get("preview/", id=pk), 404)
    refusal(service.post(extend="{}"), 400, "extend.ids")
    Corpus.objects.filter(pk=corpus.pk).update(entities_enabled=False)
    refusal(service.get(), 404)


def test_pages_of_other_sites_may_ask(service):
    response = Client().options(
        service.base, headers={"Origin": "https://lab.example", "Access-Control-Request-Method": "POST"}
    )
    assert response.status_code == 204 and response["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in response["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in response


def test_requests_are_counted_by_token(service, settings):
    settings.REQUESTS_PER_MINUTE = 2
    assert [service.get().status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.slow
def test_the_published_schemas_say_the_same(service, entities):
    """Every message of the service, checked by the schemas that the authors of the specification publish."""

    def fetched(uri):
        with urllib.request.urlopen(uri, timeout=10) as response:
            return Resource.from_contents(
                json.load(response), default_specification=jsonschema.validators.referencing.jsonschema.DRAFT7
            )

    try:
        fetched(PUBLISHED + "manifest.json")
    except OSError as error:
        pytest.skip(f"{PUBLISHED} cannot be reached: {error}")
    registry = Registry(retrieve=fetched)
    extension = {
        "ids": [str(entity.pk) for entity in entities.values()],
        "properties": [{"id": "aliases"}, {"id": "mentions"}],
    }
    messages = {
        "manifest": service.get(), "suggest-entities-response": service.get("suggest/entity/", prefix="o"),
        "suggest-types-response": service.get("suggest/type/"),
        "suggest-properties-response": service.get("suggest/property/"),
        "reconciliation-result-batch": service.post(queries='{"q":{"query":"Omar Haddad"}}'),
        "data-extension-response": service.post(extend=json.dumps(extension)),
        "data-extension-property-proposal": service.get("properties/", type="PERSON"),
    }  # fmt: skip
    for name, response in messages.items():
        jsonschema.Draft7Validator({"$ref": f"{PUBLISHED}{name}.json"}, registry=registry).validate(response.json())
