"""Eight concurrent clients on one article: accepted decisions are in the log, the others get 409."""

import random
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from annotations.review.models import Change, Decision, Label, Span
from corpusapp.core.idempotency import hold
from tests import factories
from tests.api.client import Rest, refusal

CLIENTS = 8


@pytest.fixture
def scene(transactional_db) -> tuple:
    corpus = factories.make_corpus()
    article = factories.make_article(corpus, "Zarif met Muallem in Damascus. " * 4)
    factories.suggest(article, *[(31 * n + start, 31 * n + start + 5, "PERSON") for n in range(4) for start in (0, 10)])
    return article, [Rest(factories.make_member(corpus)) for _ in range(CLIENTS)]


def _at_once(clients, work) -> list:
    def run(numbered):
        try:
            return work(*numbered)
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(run, enumerate(clients)))


def _one_verb(rng: random.Random, span: dict) -> dict:
    named = {"span": span["id"], "revision": span["revision"]}
    return rng.choice(
        [
            {"verb": "confirm", **named},
            {"verb": "reject", **named},
            {"verb": "relabel", **named, "label": rng.choice(["ORG", "GPE", "NORP"])},
            {"verb": "move", **named, "start": span["start"], "end": span["end"] + rng.choice([1, 2])},
        ]
    )


def test_eight_clients_decide_concurrently_on_one_article(scene):
    article, clients = scene

    def work(number: int, client: Rest) -> list[tuple[int, int | None]]:
        rng, answers = random.Random(number), []
        for round_ in range(6):
            spans = client.get(f"articles/{article.pk}/spans/", state="suggested,confirmed,rejected").json()["results"]
            chosen = [_one_verb(rng, span) for span in rng.sample(spans, 2)]
            body = {"idempotency_key": f"{number}-{round_}", "decisions": chosen}
            response = client.post(f"articles/{article.pk}/decisions/", body)
            answers.append((response.status_code, response.json().get("decision")))
        return answers

    answers = [answer for client in _at_once(clients, work) for answer in client]
    assert {status for status, _ in answers} <= {201, 409}
    accepted = {decision for status, decision in answers if status == 201}
    assert len(accepted) == len([status for status, _ in answers if status == 201]) > 0
    assert set(Decision.objects.values_list("pk", flat=True)) == accepted
    _assert_log_gives_the_state(article)


def test_one_of_eight_writes_to_one_revision_succeeds(scene):
    article, clients = scene
    span = clients[0].get(f"articles/{article.pk}/spans/").json()["results"][0]
    labels = ["ORG", "GPE", "NORP", "LOC", "FAC", "EVENT", "LAW", "DATE"]

    def work(number: int, client: Rest):
        return client.patch(f"spans/{span['id']}/", {"revision": span["revision"], "label": labels[number]})

    responses = _at_once(clients, work)
    assert sorted(response.status_code for response in responses) == [200] + [409] * 7
    (won,) = [response.json() for response in responses if response.status_code == 200]
    assert all(response.json()["current"] == won for response in responses if response.status_code == 409)
    _assert_log_gives_the_state(article)


def test_one_of_eight_adds_of_the_same_span_succeeds(scene):
    article, clients = scene
    new = {"start": 21, "end": 29, "label": "GPE"}
    responses = _at_once(clients, lambda number, client: client.post(f"articles/{article.pk}/spans/", new))
    assert sorted(response.status_code for response in responses) == [201] + [409] * 7
    assert len({(response.json().get("current") or response.json())["id"] for response in responses}) == 1


def test_eight_concurrent_requests_with_one_key_make_one_decision(scene):
    article, clients = scene
    body = {"idempotency_key": "once", "decisions": [{"verb": "add", "start": 21, "end": 29, "label": "GPE"}]}
    same = [clients[0]] * CLIENTS
    responses = _at_once(same, lambda number, client: client.post(f"articles/{article.pk}/decisions/", body))
    assert sorted(response.status_code for response in responses) == [200] * 7 + [201]
    assert len({response.json()["decision"] for response in responses}) == 1


def test_eight_concurrent_requests_with_one_key_create_one_row(scene):
    article, _ = scene
    same = [Rest(factories.make_superuser())] * CLIENTS
    for asked in (
        ("corpora/desk/labels/", {"name": "PORT"}),
        ("articles/?corpus=desk&suggest=0", [{"text": "One."}, {"text": "Two."}]),
    ):
        send = partial(Rest.post, path=asked[0], body=asked[1], idempotency_key=asked[0])
        responses = _at_once(same, lambda number, client, send=send: send(client))
        assert {response.status_code for response in responses} == {201}
        assert len({response.content for response in responses}) == 1
        assert sorted(response.get("Idempotency-Replayed", "") for response in responses) == [""] + ["true"] * 7
    assert Label.objects.filter(name="PORT").count() == 1 and article.corpus.articles.count() == 3


@pytest.mark.usefixtures("scene")
def test_repeated_request_waits_only_for_a_while(monkeypatch):
    monkeypatch.setattr("corpusapp.core.idempotency.WAIT_SECONDS", 1)
    user = factories.make_superuser()
    client = Rest(user)

    def repeat():
        try:
            return client.post("corpora/desk/labels/", {"name": "PORT"}, idempotency_key="k")
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as pool:
        hold(user, "k")
        refusal(pool.submit(repeat).result(), 409, "idempotency_key")
    assert repeat().status_code == 201


def _assert_log_gives_the_state(article) -> None:
    """Replay the log over the suggestions: each change starts from the result of the one before."""
    names = dict(Label.objects.values_list("pk", "name"))
    state: dict[int, tuple] = {}
    for change in Change.objects.filter(article=article).order_by("decision_id", "id"):
        before, after = (_side(change, side, names) for side in ("before", "after"))
        assert state.get(change.span_id, before) == before
        state[change.span_id] = after
    now = Span.objects.filter(article=article, pk__in=state)
    columns = ("pk", "start", "end", "label__name", "state", "revision")
    assert {row[0]: row[1:] for row in now.values_list(*columns)} == state
    undecided = Span.objects.filter(article=article).exclude(pk__in=state)
    assert set(undecided.values_list("state", "revision")) <= {("suggested", 1)}


def _side(change: Change, side: str, names: dict) -> tuple | None:
    start, end, label, state, revision = (
        getattr(change, f"{side}_{column}") for column in ("start", "end", "label_id", "state", "revision")
    )
    return (start, end, names[label], state, revision) if revision is not None else None
