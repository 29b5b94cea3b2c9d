"""Real scraped articles, from the folder to spans that a client pulls, through the command line and the API alone."""

import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from corpusapp.accounts.actions.tokens import create_token
from corpusapp.articles.models import Article, Corpus, Role
from tests import factories

SHARED = Path(settings.BASE_DIR).parent / "shared"
SEEDS, GOLD = SHARED / "corpus" / "seeds", SHARED / "gold" / "seeds_dev.jsonl"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SEEDS.is_dir(), reason="the seed articles (../shared) are not beside this checkout"),
]


@pytest.fixture
def seeds():
    out = io.StringIO()
    call_command("import_articles", str(SEEDS), corpus="seeds", wait=True, json=True, stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue()) == {"added": 5, "duplicates": 0, "changed": 0, "failed": 0, "problems": []}
    return Corpus.objects.get(slug="seeds")


@pytest.fixture
def api(seeds, client):
    _, key = create_token(user=factories.make_member(seeds, Role.EDITOR))

    def call(method, path, body=None):
        answer = client.generic(
            method, f"/api/v1/{path}", json.dumps(body) if body is not None else "",
            content_type="application/json", headers={"Authorization": f"Bearer {key}"},
        )  # fmt: skip
        assert answer.status_code < 300, answer.content
        return answer

    return call


def test_from_the_folder_to_an_exact_gold(seeds, api):
    wanted = {}
    for gold in map(json.loads, GOLD.read_text().splitlines()):
        article = Article.objects.get(corpus=seeds, text=gold["text"])
        wanted[article.pk] = {tuple(span) for span in gold["spans"]}
        correct(api, article.pk, wanted[article.pk])
        api("POST", f"articles/{article.pk}/finish/", {})
    lines = b"".join(api("GET", "corpora/seeds/export/?format=jsonl").streaming_content).decode().splitlines()
    assert len(lines) == 5
    for line in map(json.loads, lines):
        assert all(line["text"][span["start"] : span["end"]] == span["text"] for span in line["spans"])
        spans = {(span["start"], span["end"], span["label"]) for span in line["spans"]}
        assert spans == wanted.get(line["id"], set())


def correct(api, pk, wanted):
    """Confirm what is right, reject what is not, add what is missing: one stroke."""
    spans = api("GET", f"articles/{pk}/").json()["spans"]
    assert len(spans) > 50
    proposed = {(span["start"], span["end"], span["label"]): span for span in spans}
    decisions = [
        {"verb": "confirm" if triple in wanted else "reject", "span": span["id"], "revision": span["revision"]}
        for triple, span in proposed.items()
    ]
    decisions += [
        {"verb": "add", "start": start, "end": end, "label": label}
        for start, end, label in sorted(wanted - set(proposed))
    ]
    stroke = {"idempotency_key": f"gold {pk}", "decisions": decisions}
    first = api("POST", f"articles/{pk}/decisions/", stroke)
    again = api("POST", f"articles/{pk}/decisions/", stroke)
    assert again.json()["decision"] == first.json()["decision"]
    confirmed = [span for span in api("GET", f"articles/{pk}/").json()["spans"] if span["state"] == "confirmed"]
    assert {(span["start"], span["end"], span["label"]) for span in confirmed} == wanted
