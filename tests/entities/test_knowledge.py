"""Looking entities up in a knowledge base: what is found, taken and kept, and services that lie or hang."""

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.entities.actions import knowledge
from annotations.entities.actions.entities import create_entity, drop_alias, edit_entity
from annotations.entities.actions.knowledge import look_up, prune_answers, take_candidate
from annotations.entities.actions.knowledge_services import remove_service, save_service
from annotations.entities.models import Entity, KnowledgeAnswer, KnowledgeService
from annotations.entities.queries.knowledge import looked_up
from annotations.review.actions.undo import undo
from corpusapp.accounts.actions.tokens import create_token
from corpusapp.articles.models import Corpus, Role
from corpusapp.core.errors import Conflict, Invalid, NoAnswer, NotAllowed, NotFound, Stale
from tests.api.client import Rest, refusal
from tests.entities.knowledge_base import running
from tests.factories import make_corpus, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def base(settings):
    settings.SERVICE_HOSTS = ["127.0.0.1"]
    with running() as service:
        yield service


@pytest.fixture
def corpus():
    return make_corpus()


@pytest.fixture
def editor(corpus):
    return make_member(corpus)


@pytest.fixture
def manager(corpus):
    return make_member(corpus, Role.MANAGER)


@pytest.fixture
def service(base, corpus, manager):
    return save_service(
        user=manager, corpus=corpus, name="Wikidata", url=base.url, scheme="wikidata", types={"PERSON": "Q5"},
        alias_properties="Aen Aar",
    )  # fmt: skip


@pytest.fixture
def haddad(corpus, editor):
    return create_entity(user=editor, corpus=corpus, name="Omar Haddad", label="PERSON").entities[0]


def names(entity):
    return set(entity.aliases.values_list("name", "language", "origin", "state"))


def test_candidates_have_what_tells_them_apart(base, service, haddad, editor):
    answer = look_up(user=editor, entity=haddad, service=service)
    first, second = answer.candidates
    assert (first["id"], first["name"], first["description"], first["types"]) == (
        "Q901", "Omar Haddad", "mayor of Port Lina", ["human"],
    )  # fmt: skip
    assert first["aliases"] == [["O. Haddad", "en"], ["عمر حداد", "ar"]] and second["id"] == "Q902"
    queries = json.loads(base.asked[0]["queries"])
    assert queries == {"q0": {"query": "Omar Haddad", "type": "Q5", "limit": 5}}
    (looked,) = looked_up(haddad)
    assert looked.answer == answer and looked.identifiers == ()


def test_an_answer_is_kept_until_the_names_change(base, service, haddad, editor):
    look_up(user=editor, entity=haddad, service=service)
    asked = len(base.asked)
    look_up(user=editor, entity=haddad, service=service)
    assert len(base.asked) == asked
    haddad = edit_entity(user=editor, entity=haddad, revision=1, name="O. Haddad").entities[0]
    answer = look_up(user=editor, entity=haddad, service=service)
    assert len(base.asked) > asked and [one["id"] for one in answer.candidates] == ["Q901", "Q902"]
    assert {one["query"] for one in json.loads(base.asked[asked]["queries"]).values()} == {"O. Haddad", "Omar Haddad"}
    KnowledgeAnswer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    asked = len(base.asked)
    look_up(user=editor, entity=haddad, service=service)
    assert len(base.asked) > asked and KnowledgeAnswer.objects.count() == 1
    KnowledgeAnswer.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert prune_answers() == 1


def test_one_press_takes_identifier_description_and_names_and_one_undo_gives_them_back(service, haddad, editor):
    look_up(user=editor, entity=haddad, service=service)
    result = take_candidate(user=editor, entity=haddad, revision=1, service=service, candidate="Q901", client_key="k")
    (entity,) = result.entities
    assert result.decision.verb == "identify" and entity.description == "mayor of Port Lina"
    assert list(entity.identifiers.values_list("scheme", "value")) == [("wikidata", "Q901")]
    assert names(entity) == {
        ("Omar Haddad", "", "person", "confirmed"), ("O. Haddad", "en", "service", "confirmed"),
        ("عمر حداد", "ar", "service", "confirmed"),
    }  # fmt: skip
    again = take_candidate(user=editor, entity=haddad, revision=1, service=service, candidate="Q901", client_key="k")
    assert again.repeated and again.decision == result.decision
    undo(user=editor, decision=result.decision)
    entity.refresh_from_db()
    assert entity.description == "" and not entity.identifiers.exists()
    assert names(entity) == {("Omar Haddad", "", "person", "confirmed")}


def test_what_a_person_wrote_or_dropped_stays(service, corpus, editor):
    entity = create_entity(
        user=editor, corpus=corpus, name="Omar Haddad", label="PERSON", description="The mayor", aliases=["O. Haddad"]
    ).entities[0]
    entity = drop_alias(user=editor, entity=entity, revision=1, name="O. Haddad").entities[0]
    look_up(user=editor, entity=entity, service=service)
    (entity,) = take_candidate(user=editor, entity=entity, revision=2, service=service, candidate="Q901").entities
    assert entity.description == "The mayor"
    assert ("O. Haddad", "", "person", "rejected") in names(entity)


def test_only_what_was_found_and_is_still_so_can_be_taken(service, haddad, corpus, editor):
    def take(candidate, revision=1, entity=haddad):
        return take_candidate(user=editor, entity=entity, revision=revision, service=service, candidate=candidate)

    with pytest.raises(NotFound, match="look it up again"):
        take("Q901")
    look_up(user=editor, entity=haddad, service=service)
    with pytest.raises(NotFound):
        take("Q7")
    with pytest.raises(Stale):
        take("Q901", revision=2)
    other = create_entity(
        user=editor, corpus=corpus, name="Haddad", label="PERSON", identifiers=[("wikidata", "Q901")]
    ).entities[0]
    with pytest.raises(Conflict, match=f"the identifier of entity {other.pk}: merge the two"):
        take("Q901")
    haddad.refresh_from_db()
    assert haddad.revision == 1 and not haddad.identifiers.exists() and haddad.aliases.count() == 1


LIES = {
    "not JSON": b"<html>", "a list": b"[]", "no result": b'{"q0":{}}',
    "a result that is no list": b'{"q0":{"result":{}}}',
    "an id that is a number": b'{"q0":{"result":[{"id":1,"name":"a","score":1}]}}',
    "an id with a script": b'{"q0":{"result":[{"id":"<script>alert(1)</script>","name":"a","score":1}]}}',
    "an id with white space": b'{"q0":{"result":[{"id":"Q 1","name":"a","score":1}]}}',
    "a long id": json.dumps({"q0": {"result": [{"id": "Q" * 10_000, "name": "a", "score": 1}]}}).encode(),
    "no name": b'{"q0":{"result":[{"id":"Q1","score":1}]}}',
    "an empty name": b'{"q0":{"result":[{"id":"Q1","name":" "}]}}',
    "a score that is text": b'{"q0":{"result":[{"id":"Q1","name":"a","score":"1"}]}}',
    "a score without end": b'{"q0":{"result":[{"id":"Q1","name":"a","score":1e999}]}}',
    "a match that is text": b'{"q0":{"result":[{"id":"Q1","name":"a","score":1,"match":"yes"}]}}',
    "a type that is a number": b'{"q0":{"result":[{"id":"Q1","name":"a","score":1,"type":[1]}]}}',
    "a lone surrogate": b'{"q0":{"result":[{"id":"Q1","name":"\\ud800","score":1}]}}',
    "a zero byte": b'{"q0":{"result":[{"id":"Q1","name":"a\\u0000","score":1}]}}',
    "another query": b'{"q9":{"result":[]}}', "deep nesting": b"[" * 100_000, "5 MB": b" " * 5_000_000,
    "an error": b'{"status":"error","message":"no"}',
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_answers_that_are_none_are_refused_and_nothing_is_kept(base, service, haddad, editor, lie):
    base.answer = LIES[lie]
    with pytest.raises(NoAnswer, match=r"^Wikidata answers .*: try again later$"):
        look_up(user=editor, entity=haddad, service=service)
    assert not KnowledgeAnswer.objects.exists()
    service.refresh_from_db()
    assert service.failure.startswith("answers")


def test_texts_with_markup_and_control_characters_are_only_texts(base, service, haddad, editor):
    one = {"id": "Q1", "name": "<b>Omar</b>\x1b\u202e Haddad", "score": 1, "description": "x" * 5000 + "\n<script>"}
    base.answer = json.dumps({"q0": {"result": [one] * 30}}).encode()
    service.alias_properties = ""
    (found,) = look_up(user=editor, entity=haddad, service=service).candidates
    assert found["name"] == "<b>Omar</b> Haddad" and len(found["description"]) == 1000


def test_a_service_without_other_names_still_has_candidates(base, service, haddad, editor):
    KnowledgeService.objects.update(alias_properties="Aen Nope")
    service.refresh_from_db()
    assert look_up(user=editor, entity=haddad, service=service).candidates[0]["aliases"] == [["O. Haddad", "en"]]


@pytest.mark.parametrize("status", [302, 307, 404, 500, 503])
def test_redirects_are_not_followed_and_errors_said(base, service, haddad, editor, status):
    base.status, base.headers, base.answer = status, {"Location": "http://169.254.169.254/latest/"}, b"{}"
    with pytest.raises(NoAnswer, match=str(status)) as refused:
        look_up(user=editor, entity=haddad, service=service)
    # The address may have a key.
    assert "/en/api" not in refused.value.detail
    assert len(base.asked) == 1


def test_a_service_that_hangs_is_left_after_some_seconds_and_not_asked_again_at_once(
    base, service, haddad, editor, monkeypatch
):
    monkeypatch.setattr(knowledge, "LIMITS", replace(knowledge.LIMITS, answer_seconds=0.2))
    base.wait = threading.Event()
    with pytest.raises(NoAnswer, match=r"no complete answer in 0.2 s: try again later"):
        look_up(user=editor, entity=haddad, service=service)
    service.refresh_from_db()
    with pytest.raises(NoAnswer, match="a moment ago: try again in 30 seconds"):
        look_up(user=editor, entity=haddad, service=service)
    assert len(base.asked) == 1
    base.wait.set()
    KnowledgeService.objects.update(failed_at=timezone.now() - timedelta(seconds=31))
    service.refresh_from_db()
    monkeypatch.setattr(knowledge, "LIMITS", replace(knowledge.LIMITS, answer_seconds=10))
    assert look_up(user=editor, entity=haddad, service=service).candidates
    service.refresh_from_db()
    assert service.failed_at is None and service.failure == ""


def test_private_addresses_need_to_be_named_in_the_settings(base, service, haddad, editor, corpus, manager, settings):
    settings.SERVICE_HOSTS = []
    with pytest.raises(Conflict, match=r"127\.0\.0\.1 is a private address"):
        look_up(user=editor, entity=haddad, service=service)
    for url in (
        base.url,
        "http://localhost/x",
        "http://[::1]/",
        "http://10.0.0.1/",
        "ftp://example.org/",
        "file:///etc",
    ):
        with pytest.raises(Invalid) as refused:
            save_service(user=manager, corpus=corpus, name="B", url=url, scheme="b")
        assert refused.value.field == "url"
    # A name that leads to this machine is found out when it is asked.
    settings.SERVICE_HOSTS = ["other.example"]
    with pytest.raises(Conflict, match=r"SERVICE_HOSTS allows other\.example"):
        look_up(user=editor, entity=haddad, service=service)
    assert not base.asked


def test_services_are_set_up_by_managers(base, corpus, editor, manager, service):
    def save(**values):
        given = {"user": manager, "corpus": corpus, "name": "VIAF", "url": base.url, "scheme": "viaf"}
        return save_service(**{**given, **values})

    for field, values in {
        "name": {"name": " "}, "url": {"url": "x"}, "scheme": {"scheme": "a b"}, "types": {"types": {"ROBOT": "Q1"}},
        "alias_properties": {"alias_properties": "A" * 201},
    }.items():  # fmt: skip
        with pytest.raises(Invalid) as refused:
            save(**values)
        assert refused.value.field == field
    with pytest.raises(Conflict, match="already"):
        save(name="Wikidata")
    with pytest.raises(NotAllowed):
        save(user=editor)
    viaf = save()
    assert save(service=viaf, name="VIAF 2").pk == viaf.pk and KnowledgeService.objects.count() == 2
    with pytest.raises(NotAllowed):
        remove_service(user=editor, service=viaf)
    remove_service(user=manager, service=viaf)
    assert KnowledgeService.objects.count() == 1


def test_nobody_looks_up_what_they_may_not_change(base, service, haddad, corpus):
    with pytest.raises(NotAllowed):
        look_up(user=make_member(corpus, Role.READER), entity=haddad, service=service)
    with pytest.raises(NotFound):
        look_up(user=make_member(make_corpus("other")), entity=haddad, service=service)
    assert not base.asked


@pytest.mark.django_db(transaction=True, serialized_rollback=False)
def test_another_desk_is_a_knowledge_base(live_server, settings):
    """The desk asks what it serves itself: both sides speak the same API."""
    settings.SERVICE_HOSTS = ["localhost"]
    authority, corpus = make_corpus("authority"), make_corpus()
    editor, manager = make_member(authority), make_member(corpus, Role.MANAGER)
    known = create_entity(
        user=editor, corpus=authority, name="Omar Haddad", label="PERSON", description="Mayor", aliases=["عمر حداد"]
    ).entities[0]
    key = create_token(user=make_member(authority, Role.READER), scope="read", corpus=authority)[1]
    service = save_service(
        user=manager, corpus=corpus, name="Authority", url=f"{live_server.url}/api/reconcile/authority/key/{key}/",
        scheme="authority", types={"PERSON": "PERSON"}, alias_properties="aliases",
    )  # fmt: skip
    haddad = create_entity(user=manager, corpus=corpus, name="omar haddad", label="PERSON").entities[0]
    (found,) = look_up(user=manager, entity=haddad, service=service).candidates
    assert found["match"] and found["id"] == str(known.pk) and found["types"] == ["PERSON"]
    take_candidate(user=manager, entity=haddad, revision=1, service=service, candidate=found["id"])
    haddad = Entity.objects.get(pk=haddad.pk)
    assert haddad.description == "Mayor" and ("عمر حداد", "", "service", "confirmed") in names(haddad)
    assert Corpus.objects.count() == 2


def test_rest_looks_up_and_takes(base, corpus, manager, haddad):
    rest, body = Rest(manager), {"name": "Wikidata", "url": base.url, "scheme": "wikidata", "alias_properties": "Aen"}
    created = rest.post("corpora/desk/knowledge-bases/", body)
    assert created.status_code == 201 and created.json()["url"] == base.url
    service = created.json()["id"]
    path = f"entities/{haddad.pk}/knowledge/"
    assert rest.get(path).json()["results"] == [
        {"service": service, "name": "Wikidata", "fetched_at": None, "candidates": []}
    ]
    found = rest.post(path, {"service": service}).json()
    assert found["candidates"][0]["aliases"] == [{"name": "O. Haddad", "language": "en"}]
    assert rest.get(path).json()["results"] == [found]
    taken = rest.post(f"{path}take/", {"service": service, "candidate": "Q901", "revision": 1})
    assert taken.status_code == 201 and taken.json()["entities"][0]["identifiers"] == {"wikidata": ["Q901"]}
    refusal(rest.post(f"{path}take/", {"service": service, "candidate": "Q901"}), 428)
    refusal(rest.post(path, {"service": 0}), 404, "service")
    # Its address may have a key.
    reader = Rest(make_member(corpus, Role.READER))
    assert reader.get("corpora/desk/knowledge-bases/").json()["results"][0]["url"] is None
    changed = rest.patch(f"corpora/desk/knowledge-bases/{service}/", {"name": "W"})
    assert changed.json() == {**created.json(), "name": "W"}
    base.answer = b"{"
    document = refusal(rest.post(path, {"service": service}), 502, "service")
    assert document["type"].endswith("/no-answer/") and "its address" in document["detail"]
    assert rest.delete(f"corpora/desk/knowledge-bases/{service}/").status_code == 204
