"""A create that is sent again with its `Idempotency-Key` makes nothing again, and is answered as at first."""

import json
from datetime import timedelta

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from annotations.exports.models import Export
from annotations.feed.models import Webhook
from annotations.review.models import Label, SavedFilter
from annotations.suggestions.models import Run, TrainedModel
from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import KeyedRequest, User
from corpusapp.articles.models import Article, Corpus, ImportBatch, Zone
from corpusapp.core.idempotency import KEPT_DAYS, sweep
from tests import factories
from tests.api.client import Rest, refusal
from tests.api.test_schema import ROOT
from tests.releases.cast import make as make_release

KEY = "8d3cbf0c-3c1e-4a8a-9e1d-0a7c3f2f6b10"
LINES = "application/x-ndjson"
PORT = {"name": "PORT", "definition": "A port."}


ZONE = {"start": 6, "end": 9, "kind": "title"}
# (address, body, what is made, another body for the same address)
CREATES = [
    ("corpora/", {"slug": "fresh"}, Corpus, {"slug": "fresher"}),
    ("corpora/desk/labels/", PORT, Label, {"name": "SHIP"}),
    ("labels/?corpus=desk", {"name": "SHIP"}, Label, PORT),
    ("articles/{article}/zones/", ZONE, Zone, ZONE | {"kind": "byline"}),
    ("articles/?corpus=desk&suggest=0", {"text": "New."}, Article, {"text": "Newer."}),
    ("articles/?corpus=desk&suggest=0", [{"text": "Old."}, {"text": "Old."}, {}], ImportBatch, [{"text": "N."}]),
    ("corpora/desk/exports/", {"format": "parquet"}, Export, {"format": "docbin"}),
    ("corpora/desk/releases/1/exports/", {"format": "parquet"}, Export, {"format": "docbin"}),
    ("corpora/desk/webhooks/", {"url": "https://1.1.1.1/"}, Webhook, {"url": "https://1.0.0.1/"}),
    ("corpora/desk/filters/", {"name": "a", "query": "q=x"}, SavedFilter, {"name": "b", "query": "q=x"}),
    ("corpora/desk/suggest/", {}, Run, {"articles": [1]}),
    ("corpora/desk/suggest/?dry_run=1", {}, Run, None),
    ("corpora/desk/models/", {}, TrainedModel, None),
]  # fmt: skip


def test_a_repeat_is_answered_as_at_first(article, corpus):
    root = Rest(factories.make_superuser())
    root.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": "PERSON"})
    make_release(corpus)
    for number, (path, body, model, other) in enumerate(CREATES):
        path, key = path.format(article=article.pk), f"{KEY} {number}"
        first = root.post(path, body, idempotency_key=key)
        assert first.status_code in (201, 202) and "Idempotency-Replayed" not in first, (path, first.content)
        count = model.objects.count()
        again = root.post(path, body, idempotency_key=key)
        assert (again.status_code, again.json()) == (first.status_code, first.json()), path
        assert again["Idempotency-Replayed"] == "true" and again.get("Location") == first.get("Location")
        if other is not None:
            refusal(root.post(path, other, idempotency_key=key), 409, "idempotency_key")
        assert model.objects.count() == count and KeyedRequest.objects.count() == number + 1, path


def test_what_has_a_status_of_its_own_keeps_it(corpus, manager):
    path, body = "articles/?corpus=desk&suggest=0", {"text": "New."}
    assert manager.post(path, body).status_code == 201
    for _ in range(2):
        assert manager.post(path, body, idempotency_key=KEY).status_code == 200
    run = manager.post("corpora/desk/suggest/?dry_run=1", {}).json()["id"]
    first, again = (manager.post(f"runs/{run}/carry-out/", {}, idempotency_key="k") for _ in range(2))
    assert first.status_code == again.status_code == 202 and first.json()["id"] == again.json()["id"] != run


def test_an_original_is_read_again_once(corpus, manager):
    batch = factories.upload(corpus, ("one.txt", b"Zarif met Muallem."))
    article = Article.objects.get(batch=batch)
    first, again = (manager.post(f"articles/{article.pk}/reading/", idempotency_key=KEY) for _ in range(2))
    assert first.status_code == again.status_code == 200 and again["Idempotency-Replayed"] == "true"


def test_lines_are_read_once(corpus, manager):
    path = "articles/?corpus=desk&suggest=0"
    lines = b'{"text": "One."}\n' * 1000
    first, again = (manager.post(path, lines, content_type=LINES, idempotency_key=KEY) for _ in range(2))
    assert (first.status_code, first.json()) == (again.status_code, again.json()) and first.status_code == 202
    assert again["Location"] == first["Location"] and ImportBatch.objects.count() == 1
    other = lines.replace(b"One", b"Two")
    refusal(manager.post(path, other, content_type=LINES, idempotency_key=KEY), 409, "idempotency_key")
    refusal(manager.post(path, b"", content_type=LINES, idempotency_key="k"), 400)
    assert ImportBatch.objects.count() == 1 and not KeyedRequest.objects.filter(key="k").exists()


def test_files_are_read_once(corpus, manager):
    def send(name: str, data: bytes):
        file, headers = SimpleUploadedFile(name, data), {**manager._headers, "Idempotency-Key": KEY}
        return manager._http.post("/api/v1/articles/?corpus=desk&suggest=0", {"file": [file]}, headers=headers)

    first, again = send("one.txt", b"One."), send("one.txt", b"One.")
    assert first.status_code == again.status_code == 202 and first.json() == again.json()
    for name, data in (("one.txt", b"Two."), ("two.txt", b"One.")):
        refusal(send(name, data), 409, "idempotency_key")
    batch = factories.work_off()
    assert (ImportBatch.objects.count(), batch.added) == (1, 1)
    assert send("one.txt", b"One.").json() == {**first.json(), "job_state": "done", "done": True}


def test_a_list_comes_in_whole_or_not_at_all(corpus, manager, monkeypatch):
    path, body = "articles/?corpus=desk&suggest=0", [{"text": f"{n}."} for n in range(3)]
    monkeypatch.setattr("corpusapp.articles.actions.import_articles.CHUNK", 2)
    count, whole = [0], ImportBatch.refresh_from_db

    def broken(batch, *args, **options):
        count[0] += 1
        whole(batch, *args, **options)
        if count[0] == 1:
            raise OSError("the machine went down")

    monkeypatch.setattr(ImportBatch, "refresh_from_db", broken)
    assert manager.post(path, body, idempotency_key=KEY).status_code == 500
    assert Article.objects.count() == ImportBatch.objects.count() == KeyedRequest.objects.count() == 0
    assert [manager.post(path, body, idempotency_key=KEY).json()["added"] for _ in range(2)] == [3, 3]
    assert Article.objects.count() == 3


def test_a_refused_request_keeps_no_key(corpus, manager, editor):
    path = "corpora/desk/labels/"
    refusal(manager.post(path, {"name": "PERSON"}, idempotency_key=KEY), 409)
    refusal(manager.post(path, {"nom": "PORT"}, idempotency_key=KEY), 400)
    refusal(editor.post(path, PORT, idempotency_key=KEY), 403)
    none = [{"text": "Latakia", "spans": [[0, 7, "PORT"]]}]
    refusal(manager.post("articles/?corpus=desk", none, idempotency_key=KEY), 400)
    assert KeyedRequest.objects.count() == 0
    assert manager.post(path, PORT, idempotency_key=KEY).status_code == 201
    refusal(editor.post(path, PORT, idempotency_key=KEY), 403)


@pytest.mark.parametrize("key", ["", "k" * 101, "k\x7f" + "k" * 100])
def test_a_key_that_cannot_be_kept(corpus, manager, key):
    refusal(manager.post("corpora/desk/labels/", PORT, idempotency_key=key), 400, "idempotency_key")
    assert not Label.objects.filter(name="PORT").exists()


def test_one_key_at_two_addresses(corpus, manager):
    assert manager.post("corpora/desk/labels/", PORT, idempotency_key=KEY).status_code == 201
    refusal(manager.post("labels/?corpus=desk", PORT, idempotency_key=KEY), 409, "idempotency_key")


def test_a_key_is_one_persons(corpus, manager):
    other = Rest(factories.make_member(corpus, "manager"))
    assert manager.post("corpora/desk/labels/", PORT, idempotency_key=KEY).status_code == 201
    refusal(other.post("corpora/desk/labels/", PORT, idempotency_key=KEY), 409)
    assert other.post("corpora/desk/labels/", {"name": "SHIP"}, idempotency_key=KEY).status_code == 201


def test_a_token_of_another_corpus_learns_nothing(article, corpus, manager):
    user = User.objects.get(username="manager")
    there = factories.make_corpus("other")
    factories.set_member(user=factories.make_superuser(), corpus=there, member=user, role=factories.Role.MANAGER)
    narrow = Rest()
    narrow._headers = {"Authorization": f"Bearer {create_token(user=user, scope='manage', corpus=there)[1]}"}
    sent = [
        ("articles/?corpus=desk&suggest=0", {"text": "Of the desk."}),
        (f"articles/{article.pk}/zones/", ZONE),
        ("corpora/desk/webhooks/", {"url": "https://1.1.1.1/"}),
    ]
    for number, (path, body) in enumerate(sent):
        assert manager.post(path, body, idempotency_key=f"k{number}").status_code == 201
        hidden = refusal(narrow.post(path, body, idempotency_key=f"k{number}"), 404)
        assert hidden == refusal(narrow.post(path, body), 404)
        document = refusal(narrow.post("corpora/other/labels/", PORT, idempotency_key=f"k{number}"), 409)
        assert "desk" not in json.dumps(document)


def test_what_is_gone_is_not_made_again(article, corpus, manager):
    path = f"articles/{article.pk}/zones/"
    made = manager.post(path, ZONE, idempotency_key=KEY).json()
    assert manager.delete(f"zones/{made['id']}/").status_code == 204
    assert "use a new key" in refusal(manager.post(path, ZONE, idempotency_key=KEY), 410)["detail"]
    assert Zone.objects.count() == 0 and manager.post(path, ZONE, idempotency_key="k").status_code == 201


def test_keys_are_forgotten_after_some_days(corpus, manager):
    for key in ("old", "new"):
        manager.post("corpora/desk/labels/", {"name": key.upper()}, idempotency_key=key)
    old = KeyedRequest.objects.get(key="old")
    for days, left in ((KEPT_DAYS - 1, {"old", "new"}), (KEPT_DAYS + 1, {"new"})):
        KeyedRequest.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=days))
        sweep()
        assert set(KeyedRequest.objects.values_list("key", flat=True)) == left


def test_every_create_takes_a_key():
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"]
    without = [
        path
        for path, verbs in paths.items()
        if {"201", "202"} & set(verbs.get("post", {"responses": ()})["responses"])
        and {"$ref": "#/components/parameters/IdempotencyKey"} not in verbs["post"].get("parameters", ())
    ]
    assert without == []
