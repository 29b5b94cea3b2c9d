"""Users get 404 for what they cannot see, by every method, and 403 for what they cannot change."""

import zlib

import pytest
from django.db import transaction
from django.http import HttpResponse

from annotations.review.models import Decision, Label, SetAside, Span
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reading import Reading
from annotations.suggestions.actions.write_suggestions import ensure_import_pipeline, store_readings
from annotations.suggestions.models import Run
from corpusapp.articles.models import Article, CopyGroup, ImportBatch, Original, Zone
from tests import factories
from tests.api.client import Rest, refusal


@pytest.fixture
def everything(article, manager) -> dict[str, int]:
    """An id of each kind of thing in the corpus."""
    manager.post(f"articles/{article.pk}/zones/", {"start": 0, "end": 5, "kind": "title"})
    first = manager.get(f"articles/{article.pk}/spans/").json()["results"][0]
    manager.patch(f"spans/{first['id']}/", {"revision": 1, "state": "confirmed"})
    run = manager.post("corpora/desk/suggest/").json()["id"]
    return {
        "article": article.pk,
        "span": first["id"],
        "zone": Zone.objects.get().pk,
        "decision": Decision.objects.get().pk,
        "label": Label.objects.filter(corpus__slug="desk").first().pk,
        "batch": ImportBatch.objects.first().pk,
        "run": run,
        "problem": _problem(manager),
        "group": _copies(article),
        "reading": _reading(article),
    }


def _problem(manager) -> int:
    """A failed item that could be tried again."""
    document = manager.post("articles/?corpus=desk", [{"text": "Latakia", "spans": [[0, 7, "PORT"]]}]).json()
    return document["problems"][0]["id"]


def _reading(article) -> int:
    """The id of an article whose first word is suggested by a rule."""
    with transaction.atomic():
        reading = Reading(article.length, (), (Proposal(0, 5, "PERSON", 0.9),))
        pipeline = ensure_import_pipeline()
        store_readings(corpus_id=article.corpus_id, pipeline_id=pipeline.pk, readings={article.pk: reading})
    return article.pk


def _copies(article) -> int:
    """The group of the article and of another one."""
    group = CopyGroup.objects.create(corpus=article.corpus)
    other = factories.make_article(article.corpus, "Zarif met Muallem in Damascus. Zarif left for Moscow.")
    Article.objects.filter(pk__in=[article.pk, other.pk]).update(copy_group=group)
    kept = {"form": "txt", "name": "zarif.txt", "size": 5, "data": zlib.compress(b"Zarif"), "extractor": "1"}
    Original.objects.create(article=article, **kept)
    return group.pk


SEEN = {"external_id": "a-1", "verb": "confirm", "seen": {"start": 0, "end": 5, "label": "PERSON"}}
PAGES = ("dashboard", "next", "filters", "sources", "batches", "copies", "runs", "learning", "members")
REQUESTS = [
    ("GET", "corpora/desk/", None),
    ("GET", "corpora/desk/labels/", None),
    ("GET", "labels/?corpus=desk", None),
    ("GET", "corpora/desk/export/", None),
    ("GET", "corpora/desk/export/report/", None),
    ("GET", "corpora/desk/entities/export/", None),
    ("GET", "corpora/desk/exports/", None),
    *(("GET", f"corpora/desk/{name}/", None) for name in PAGES),
    ("GET", "labels/{label}/examples/", None),
    ("GET", "runs/{run}/articles/", None),
    ("GET", "articles/{article}/presence/", None),
    ("GET", "articles/{article}/set-aside/", None),
    ("GET", "articles/?corpus=desk", None),
    ("GET", "articles/{article}/", None),
    ("GET", "articles/{article}/spans/", None),
    ("GET", "articles/{article}/decisions/", None),
    ("GET", "articles/{article}/zones/", None),
    ("GET", "spans/{span}/", None),
    ("GET", "spans/{span}/history/", None),
    ("GET", "labels/{label}/", None),
    ("GET", "batches/{batch}/", None),
    ("GET", "batches/{batch}/problems/", None),
    ("GET", "runs/{run}/", None),
    ("GET", "articles/{article}/original/", None),
    ("GET", "articles/{article}/possible/", None),
    ("GET", "articles/{reading}/evidence/?start=0&end=5", None),
    ("GET", "articles/{article}/reading/", None),
    ("GET", "articles/{article}/copies/", None),
    ("POST", "articles/{article}/reading/", None),
    ("POST", "problems/{problem}/retry/", None),
    ("PATCH", "copies/{group}/", {"counted_once": True}),
    ("DELETE", "articles/{article}/copies/", None),
    ("POST", "corpora/desk/labels/", {"name": "PORT"}),
    ("POST", "labels/?corpus=desk", {"name": "PORT"}),
    ("POST", "corpora/desk/suggest/", {}),
    ("POST", "articles/?corpus=desk", {"text": "New."}),
    ("POST", "articles/?corpus=desk", [{"text": "New."}]),
    ("POST", "articles/", {"corpus": "desk", "articles": [{"text": "New."}]}),
    ("POST", "articles/{article}/spans/", {"start": 31, "end": 36, "label": "PERSON"}),
    ("POST", "articles/{article}/decisions/", {"decisions": [{"verb": "reject", "span": 1, "revision": 2}]}),
    ("POST", "articles/{article}/confirm/", {"shown": [{"span": 1, "revision": 1}]}),
    ("POST", "articles/{article}/finish/", {}),
    ("POST", "corpora/desk/assign/", {"articles": [1], "assignee": "me"}),
    ("POST", "articles/{article}/reopen/", None),
    ("POST", "corpora/desk/decisions/", {"decisions": [SEEN]}),
    ("POST", "corpora/desk/finish/", {"external_ids": ["a-1"]}),
    ("POST", "corpora/desk/reopen/", {"articles": [1]}),
    ("PUT", "articles/{article}/set-aside/skip/", {}),
    ("PUT", "articles/{article}/set-aside/park/", {"reason": "Who?"}),
    ("DELETE", "articles/{article}/set-aside/park/?of=manager", None),
    ("POST", "articles/{article}/zones/", {"start": 0, "end": 1, "kind": "title"}),
    ("POST", "decisions/{decision}/undo/", {}),
    ("POST", "corpora/desk/withdraw/", None),
    ("POST", "corpora/desk/restore/", None),
    ("PATCH", "spans/{span}/", {"revision": 2, "state": "rejected"}),
    ("PATCH", "labels/{label}/", {"definition": "x"}),
    ("DELETE", "spans/{span}/?revision=2", None),
    ("DELETE", "zones/{zone}/", None),
    ("DELETE", "corpora/desk/releases/1/", None),
]
READS = [request for request in REQUESTS if request[0] == "GET"]
WRITES = [request for request in REQUESTS if request[0] != "GET"]


def _answers(who: Rest, ids: dict[str, int], requests: list[tuple]) -> dict[tuple[str, ...], HttpResponse]:
    """Responses by method and path. Fails if a request changes anything."""
    before, answers = _state(), {}
    for verb, path, body in requests:
        answers[verb, path, repr(body)] = who.send(verb, path.format(**ids), body)
        assert _state() == before, (verb, path)
    return answers


def _statuses(answers: dict[tuple[str, ...], HttpResponse]) -> dict[tuple[str, ...], int]:
    return {request: answer.status_code for request, answer in answers.items()}


def test_strangers_find_nothing(everything, stranger):
    answers = _answers(stranger, everything, REQUESTS)
    assert _statuses(answers) == dict.fromkeys(answers, 404)
    for answer in answers.values():
        assert "Zarif" not in str(refusal(answer, 404))


def test_requests_without_a_token_are_401(everything):
    answers = _answers(Rest(), everything, REQUESTS)
    assert _statuses(answers) == dict.fromkeys(answers, 401)
    for answer in answers.values():
        refusal(answer, 401)
        assert answer["WWW-Authenticate"].startswith("Bearer")


def test_readers_see_everything(everything, reader):
    answers = _answers(reader, everything, READS)
    assert _statuses(answers) == dict.fromkeys(answers, 200)


def test_readers_change_nothing(everything, reader):
    answers = _answers(reader, everything, WRITES)
    assert _statuses(answers) == dict.fromkeys(answers, 403)
    for answer in answers.values():
        refusal(answer, 403)


def test_hidden_and_missing_rows_get_the_same_response(everything, stranger):
    for name, path in (("article", "articles"), ("span", "spans"), ("batch", "batches"), ("label", "labels")):
        pk = everything[name]
        hidden, absent = stranger.get(f"{path}/{pk}/").json(), stranger.get(f"{path}/{10**9}/").json()
        assert hidden["detail"].replace(str(pk), "N") == absent["detail"].replace(str(10**9), "N")


def test_lists_contain_only_visible_rows(everything, stranger, reader):
    assert stranger.get("articles/").json()["results"] == []
    assert [corpus["slug"] for corpus in stranger.get("corpora/").json()["results"]] == ["other"]
    assert [corpus["slug"] for corpus in reader.get("corpora/").json()["results"]] == ["desk"]


def test_label_of_another_corpus_is_unknown(everything, editor, stranger):
    assert stranger.post("corpora/other/labels/", {"name": "PORT"}).status_code == 201
    new = {"start": 31, "end": 36, "label": "PORT"}
    refusal(editor.post(f"articles/{everything['article']}/spans/", new), 400, "label")


def _state() -> tuple:
    spans = list(Span.objects.order_by("id").values_list("id", "state", "revision"))
    articles = list(Article.objects.order_by("id").values_list("id", "copy_group", "copy_group__counted_once"))
    counts = [kind.objects.count() for kind in (Decision, Label, Zone, Run, ImportBatch, SetAside)]
    return spans, articles, counts
