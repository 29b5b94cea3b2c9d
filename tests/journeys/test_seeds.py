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
    lines = b"".join(api("GET", "corpora/seeds/export/?format=jsonl&stage=any").streaming_content).decode().splitlines()
    assert len(lines) == 5
    for line in map(json.loads, lines):
        assert all(line["text"][span["start"] : span["end"]] == span["text"] for span in line["spans"])
        spans = {(span["start"], span["end"], span["label"]) for span in line["spans"]}
        assert spans == wanted.get(line["id"], set())


def test_furniture_is_found_and_gets_no_suggestions(seeds, api):
    """The chrome of each seed is what the gold says, to the character; no suggestion and no export touches it."""
    true = {gold["text"]: gold.get("chrome", []) for gold in map(json.loads, GOLD.read_text().splitlines())}
    found = 0
    for article in Article.objects.filter(corpus=seeds, text__in=true):
        detail = api("GET", f"articles/{article.pk}/").json()
        chrome = [(zone["start"], zone["end"]) for zone in detail["zones"] if zone["kind"] == "chrome"]
        assert visible(article.text, chrome) == visible(article.text, true[article.text])
        assert not visible(article.text, chrome) & {at for span in detail["spans"] for at in
                                                    range(span["start"], span["end"])}  # fmt: skip
        found += len(chrome)
    assert found


def test_what_is_not_stated_is_not_guessed(seeds, api):
    """No seed states its full date; those that open with a dateline keep its parts."""
    pks = Article.objects.filter(corpus=seeds).values_list("pk", flat=True)
    listed = [api("GET", f"articles/{pk}/").json() for pk in pks]
    assert sum(bool(article["dateline"]) for article in listed) >= 3
    for article in listed:
        assert (article["published_on"], article["published_precision"]) == (None, "")
        assert article["published_evidence"].get("quote", "") in article["text"]
        assert article["original"]["form"] == "txt" and article["language"] == "en"


def visible(text, ranges):
    return {at for start, end in ranges for at in range(start, end) if not text[at].isspace()}


def correct(api, pk, wanted):
    """Confirm what is right, reject what is not, add what is missing: one decision."""
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
    result = {"idempotency_key": f"gold {pk}", "decisions": decisions}
    first = api("POST", f"articles/{pk}/decisions/", result)
    again = api("POST", f"articles/{pk}/decisions/", result)
    assert again.json()["decision"] == first.json()["decision"]
    confirmed = [span for span in api("GET", f"articles/{pk}/").json()["spans"] if span["state"] == "confirmed"]
    assert {(span["start"], span["end"], span["label"]) for span in confirmed} == wanted
