"""Releases over REST."""

import gzip
import hashlib
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.releases.actions.make import make_release
from annotations.releases.models import Release
from corpusapp.articles.models import Role
from tests import factories
from tests.api.client import Rest, refusal
from tests.exports.cast import make_desk
from tests.releases import cast

PATH = "corpora/desk/releases/"


ANY = {"stage": ["any"]}


@pytest.fixture
def corpus(db):
    return make_desk()


@pytest.fixture
def manager(corpus) -> Rest:
    return Rest(factories.make_member(corpus, Role.MANAGER, "keeper"))


def test_from_the_order_to_the_files(corpus, manager):
    body = {"name": "May", "filter": {"source": "SANA", "state": ["confirmed"], "stage": ["any"]}, "seed": "7"}
    answer = manager.post(PATH, body | {"shares": {"train": 100, "dev": 0, "test": 0}})
    waiting = answer.json()
    assert (answer.status_code, waiting["done"], waiting["id"], waiting["file"]) == (202, False, 1, None)
    assert answer["Location"].endswith(waiting["url"])
    for path in ("file/", "manifest/", "export/", "check/", "compare/1/"):
        refusal(manager.get(f"{PATH}1/{path}"), 409, "state")
    refusal(manager.post(f"{PATH}1/exports/", {"format": "jsonl"}), 409, "state")
    make_release(release_id=Release.objects.get().pk)
    reader = Rest(factories.make_member(corpus, Role.READER))
    done = reader.get(f"{PATH}1/").json()
    assert (done["state"], done["percent"], done["articles"], done["spans"]) == ("made", 100, 1, 3)
    assert done["filter"] == {"source": "SANA", "stage": ["any"]} and done["versions"] == []
    assert (done["seed"], done["shares"]) == ("7", {"train": 100, "dev": 0, "test": 0})
    packed = reader.get(f"{PATH}1/file/")
    content = b"".join(packed.streaming_content)
    assert packed["ETag"] == f'"{done["sha256"]}"' and hashlib.sha256(content).hexdigest() == done["sha256"]
    assert json.loads(gzip.decompress(content))["split"] == "train"
    manifest = reader.get(f"{PATH}1/manifest/")
    assert manifest.json() == done["manifest"] and "desk-r1.manifest.json" in manifest["Content-Disposition"]
    assert hashlib.sha256(manifest.content).hexdigest() == done["manifest_sha256"]
    assert reader.get(f"{PATH}1/check/").json() == {
        "state": "whole", "expected": done["sha256"], "found": done["sha256"]
    }  # fmt: skip
    brief = {key: value for key, value in done.items() if key not in ("manifest", "manifest_sha256", "versions")}
    assert reader.get(PATH).json()["results"] == [brief]


def test_an_idempotency_key_creates_one_release(corpus, manager):
    first = manager.post(PATH, {"name": "Once", "filter": ANY}, idempotency_key="k-1")
    again = manager.post(PATH, {"name": "Once", "filter": ANY}, idempotency_key="k-1")
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["number"] == again.json()["number"] == 1
    # At any progress, and without options.
    make_release(release_id=Release.objects.get().pk)
    assert manager.post(PATH, {"name": "Once", "filter": ANY}, idempotency_key="k-1").json()["state"] == "made"
    refusal(manager.post(PATH, {"name": "Twice", "filter": ANY}, idempotency_key="k-1"), 409, "idempotency_key")
    refusal(manager.post(PATH, {}, idempotency_key="k" * 101), 400, "idempotency_key")
    other = Rest(factories.make_member(corpus, Role.MANAGER))
    assert other.post(PATH, {"name": "Twice", "filter": ANY}, idempotency_key="k-1").json()["number"] == 2


# Body, and the field in the error.
WRONG = [
    ({"name": 1}, "name"),
    ({"name": "a\0"}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"notes": None}, "notes"),
    ({"filter": {"state": ["sure"]}}, "filter.state"),
    ({"filter": {"label": ["PORT"]}}, "label"),
    ({"filter": {"source": "Nobody"}}, "filter"),
    ({"filter": {"offsets": "utf16"}}, "filter"),
    ({"seed": ""}, "seed"),
    ({"seed": "x" * 65}, "seed"),
    ({"shares": {"train": 80, "dev": 10}}, "shares.test"),
    ({"shares": {"train": 80.0, "dev": 10, "test": 10}}, "shares.train"),
    ({"shares": {"train": 90, "dev": 10, "test": 10}}, "shares"),
    ({"number": 7}, None),
    ([], None),
]


def test_invalid_orders_are_refused(manager):
    for body, field in WRONG:
        refusal(manager.post(PATH, body), 400, field)
    assert not Release.objects.exists()


def test_a_release_is_never_changed(corpus, manager):
    cast.make(corpus)
    for verb in ("PATCH", "PUT"):
        refusal(manager.send(verb, f"{PATH}1/", {}), 405)
    refusal(manager.get(f"{PATH}2/"), 404)
    refusal(manager.get(f"{PATH}99999999999999999999/"), 404)


def test_pages_and_queries_are_few(corpus, manager):
    counts = []
    for number in (2, 6):
        while Release.objects.count() < number:
            cast.make(corpus)
        for path in (PATH, f"{PATH}2/"):
            manager.get(path)
            with CaptureQueriesContext(connection) as captured:
                assert manager.get(path).status_code == 200
            counts.append(len(captured))
    assert counts[:2] == counts[2:] and max(counts) <= 10
    first = manager.get(PATH, limit=4).json()
    cursor = first["next"].split("cursor=")[1].split("&")[0]
    rest = manager.get(PATH, limit=4, cursor=cursor).json()
    assert [one["number"] for one in first["results"] + rest["results"]] == [6, 5, 4, 3, 2, 1]
    refusal(manager.get(PATH, cursor="x"), 400, "cursor")
