"""Imports with `upsert`: known articles get the metadata that a record names, by their external ID or URL."""

import json

import pytest

from corpusapp.articles.actions.withdraw import withdraw_articles
from corpusapp.articles.models import Article, Corpus, ImportProblem
from tests import factories
from tests.api.client import Rest, refusal

PATH = "articles/?corpus=desk&suggest=0&upsert=1"
TEXT = "Zarif met Muallem in Damascus on Monday."
NAMED = {"text": TEXT, "external_id": "a-1", "url": "https://example.org/1"}


@pytest.fixture
def known(manager):
    """An article with a value in each field."""
    record = NAMED | {"title": "Zarif in Damascus", "source": "SANA", "published_on": "2018-09-03", "language": "en"}
    record["metadata"] = {"desk": "Middle East", "author": "Anna", "words": 7}
    answer = manager.post(PATH, record)
    assert answer.status_code == 201, answer.content
    return answer.json()


def upsert(manager, record, status=200) -> dict:
    answer = manager.post(PATH, record)
    assert answer.status_code == status, answer.content
    return answer.json()


def test_named_fields_replace_the_stored_ones_and_others_stay(manager, known):
    record = {"text": TEXT, "external_id": "a-1", "title": "Talks", "metadata": {"desk": "World"}}
    now = upsert(manager, record)
    expected = {"title": "Talks", "metadata": {"desk": "World", "author": "Anna", "words": 7}}
    assert now == {**known, **expected}
    assert manager.get(f"articles/{known['id']}/").json() == now


def test_each_field_is_replaced(manager, known):
    record = {
        "title": "Talks", "source": "IRNA", "published_on": "2018-09-04", "language": "de",
        "external_id": "a-2", "metadata": {"author": "Ben"},
    }  # fmt: skip
    now = upsert(manager, NAMED | record)
    changed = {key: value for key, value in now.items() if value != known[key]}
    assert changed == {
        **record, "author": "Ben", "metadata": {"desk": "Middle East", "author": "Ben", "words": 7},
        "published_evidence": {"kind": "metadata", "quote": "2018-09-04"},
    }  # fmt: skip
    moved = upsert(manager, {"text": TEXT, "external_id": "a-2", "url": "https://example.org/2"})
    assert moved["url"] == "https://example.org/2"
    # It is known by its new names.
    assert upsert(manager, {"text": TEXT, "url": "https://example.org/2", "title": "Again"})["id"] == known["id"]


def test_null_and_empty_values_clear(manager, known):
    cleared = {"title": "", "source": None, "metadata": {"desk": None}, "url": None}
    now = upsert(manager, {"text": TEXT, "external_id": "a-1", **cleared})
    assert (now["title"], now["source"], now["url"]) == ("", "", "")
    assert now["metadata"] == {"author": "Anna", "words": 7}
    now = upsert(manager, {"text": TEXT, "external_id": "a-1", "metadata": {}})
    assert now["metadata"] == {"author": "Anna", "words": 7}
    now = upsert(manager, {"text": TEXT, "external_id": "a-1", "metadata": None, "published_on": None})
    assert (now["metadata"], now["author"], now["published_on"], now["published_precision"]) == ({}, "", None, "")
    # The URL is free again.
    upsert(manager, {"text": "Another text.", "url": NAMED["url"]}, 201)


def test_another_text_is_a_new_version_and_an_unknown_name_a_new_article(manager, known):
    version = upsert(manager, {"text": "Zarif left.", "external_id": "a-1"}, 201)
    assert (version["version"], version["previous"]) == (2, known["id"])
    new = upsert(manager, {"text": "Assad stayed.", "external_id": "a-9"}, 201)
    assert (new["version"], new["previous"]) == (1, None)


def test_without_upsert_nothing_is_replaced(manager, known):
    answer = manager.post("articles/?corpus=desk&suggest=0", {"text": TEXT, "external_id": "a-1", "title": "Talks"})
    assert (answer.status_code, answer.json()) == (200, known)
    answer = manager.post("articles/?corpus=desk&suggest=0&upsert=0", [{"text": TEXT, "title": "Talks"}])
    assert (answer.json()["updated"], answer.json()["duplicates"]) == (0, 1)


def test_a_list_reports_what_was_updated(manager, known):
    records = [
        {"text": TEXT, "external_id": "a-1", "title": "Talks"},
        {"text": TEXT, "external_id": "a-1", "title": "Talks"},
        {"text": "Zarif left.", "external_id": "a-1"},
        {"text": "Assad stayed.", "external_id": "a-2"},
        {"text": "Assad stayed.", "external_id": "a-2", "title": "Assad"},
        {"text": TEXT},
    ]
    report = upsert(manager, records, 201)
    counts = {name: report[name] for name in ("added", "changed", "updated", "duplicates", "failed")}
    assert counts == {"added": 2, "changed": 1, "updated": 2, "duplicates": 2, "failed": 0}
    assert report["notes"][0]["reason"] == f"updated title of article {known['id']}"
    assert Article.objects.get(external_id="a-2").title == "Assad"
    batch = manager.get(f"batches/{report['batch']}/").json()
    assert batch["updated"] == 2
    assert manager.get("corpora/desk/batches/").json()["results"][0]["updated"] == 2
    again = upsert(manager, [{"text": "Assad stayed.", "external_id": "a-2", "title": "Assad"}])
    assert (again["updated"], again["duplicates"]) == (0, 1)
    only = upsert(manager, [{"text": "Assad stayed.", "external_id": "a-2", "title": "Bashar"}])
    assert (only["updated"], only["duplicates"]) == (1, 0)


def test_lines_are_upserted_by_the_worker(manager, known):
    lines = [
        {"text": TEXT, "external_id": "a-1", "title": None, "kicker": "Syria", "source": ""},
        {"text": "Assad stayed.", "external_id": "a-2"},
    ]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    answer = manager.post(PATH, body, content_type="application/x-ndjson")
    assert answer.status_code == 202
    factories.work_off()
    batch = manager.get(f"batches/{answer.json()['batch']}/").json()
    assert (batch["added"], batch["updated"], batch["failed"]) == (1, 1, 0)
    now = manager.get(f"articles/{known['id']}/").json()
    assert (now["title"], now["source"]) == ("", "")
    assert now["metadata"] == {**known["metadata"], "kicker": "Syria"}


def test_names_of_two_articles_are_ambiguous(manager, known):
    other = upsert(manager, {"text": "Assad stayed.", "external_id": "a-2", "url": "https://example.org/2"}, 201)
    before = [manager.get(f"articles/{row['id']}/").json() for row in (known, other)]
    record = {"text": TEXT, "external_id": "a-1", "url": "https://example.org/2", "title": "Talks"}
    document = refusal(manager.post(PATH, record), 409, "external_id")
    assert document["type"].endswith("/api/problems/ambiguous/")
    assert f"article {known['id']} and article {other['id']}" in document["detail"]
    # Also for another text, and in a list: that item alone does nothing.
    refusal(manager.post(PATH, {**record, "text": "Something else."}), 409, "external_id")
    assert [manager.get(f"articles/{row['id']}/").json() for row in (known, other)] == before
    report = upsert(manager, [record, {"text": "Assad stayed.", "external_id": "a-2", "title": "Assad"}])
    assert (report["updated"], report["failed"]) == (1, 1)
    assert report["problems"][0]["field"] == "external_id"
    assert manager.get(f"articles/{known['id']}/").json() == known
    refusal(manager.post(PATH, [record]), 400)
    within = [
        {"text": "One.", "external_id": "n-1"},
        {"text": "Two.", "url": "https://example.org/n"},
        {"text": "Three.", "external_id": "n-1", "url": "https://example.org/n"},
    ]
    report = upsert(manager, within, 201)
    assert (report["added"], report["failed"]) == (2, 1)


def test_versions_of_one_article_are_not_ambiguous(manager, known):
    newer = upsert(manager, {"text": "Zarif left.", "external_id": "a-1"}, 201)
    # The newer version has no URL: the URL still names the first one.
    now = upsert(manager, {"text": "Zarif left.", "external_id": "a-1", "url": NAMED["url"], "title": "Left"})
    assert (now["id"], now["title"], now["url"]) == (newer["id"], "Left", NAMED["url"])


def test_a_known_text_gets_its_first_name(manager, corpus):
    nameless = factories.make_article(corpus, TEXT)
    now = upsert(manager, {**NAMED, "title": "Talks"})
    assert (now["id"], now["external_id"], now["url"], now["title"]) == (nameless.pk, "a-1", NAMED["url"], "Talks")
    # A text with another name stays as it is.
    assert upsert(manager, {**NAMED, "external_id": "b-1", "url": "", "title": "No"}) == now
    assert upsert(manager, {"text": TEXT, "title": "No"}) == now


def test_the_text_of_another_article_is_a_duplicate(manager, known):
    other = upsert(manager, {"text": "Assad stayed.", "external_id": "a-2"}, 201)
    assert upsert(manager, {"text": TEXT, "external_id": "a-2", "title": "No"}) == known
    assert manager.get(f"articles/{other['id']}/").json() == other


def test_the_same_words_are_the_same_text(manager, known):
    spaced = TEXT.replace(" met ", "  met\n")
    now = upsert(manager, {"text": spaced, "external_id": "a-1", "title": "Talks"})
    assert (now["id"], now["text"], now["title"]) == (known["id"], TEXT, "Talks")
    plain = manager.post("articles/?corpus=desk&suggest=0", {"text": spaced})
    assert (plain.status_code, plain.json()["id"]) == (200, known["id"])


def test_spans_of_a_known_text_stay(manager, known):
    article = Article.objects.get(pk=known["id"])
    factories.suggest(article, (0, 5, "PERSON"))
    record = {"text": TEXT, "external_id": "a-1", "title": "Talks", "spans": [[0, 5, "ORG"]], "stage": "done"}
    report = upsert(manager, [record])
    assert report["notes"][0]["reason"].endswith("its spans, zones and stage stay as they are")
    assert [span.label.name for span in article.spans.all()] == ["PERSON"]


def test_the_search_finds_the_new_title(manager, known):
    upsert(manager, {"text": TEXT, "external_id": "a-1", "title": "Negotiations"})
    found = manager.get("articles/", q="negotiation").json()["results"]
    assert [row["id"] for row in found] == [known["id"]]
    assert [row["id"] for row in manager.get("articles/", q="Muallem").json()["results"]] == [known["id"]]


def test_other_corpora_are_not_touched(known, stranger, reader, editor):
    elsewhere = stranger.post("articles/?corpus=other&suggest=0&upsert=1", {**NAMED, "title": "Mine"})
    assert elsewhere.status_code == 201
    assert Article.objects.get(pk=known["id"]).title == known["title"]
    for who, status in ((stranger, 404), (reader, 403), (editor, 403)):
        refusal(who.post(PATH, {**NAMED, "title": "Talks"}), status)
    assert Article.objects.get(pk=known["id"]).title == known["title"]


def test_a_withdrawn_article_is_not_updated(manager, known):
    corpus = Corpus.objects.get(slug="desk")
    withdraw_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[known["id"]])
    refusal(manager.post(PATH, {**NAMED, "title": "Talks"}), 409, "text")
    report = upsert(manager, [{**NAMED, "title": "Talks"}])
    assert (report["updated"], report["duplicates"]) == (0, 1)
    assert Article.objects.get(pk=known["id"]).title == known["title"]


def test_a_repeated_key_updates_once(manager, known):
    record = {"text": TEXT, "external_id": "a-1", "title": "Talks"}
    first = manager.post(PATH, record, idempotency_key="k")
    upsert(manager, {**record, "title": "Later"})
    again = manager.post(PATH, record, idempotency_key="k")
    assert (first.status_code, first.json()["title"]) == (200, "Talks")
    assert (again.status_code, again.json()["title"]) == (200, "Later")


def test_a_change_is_an_event_and_is_noted_with_the_import(manager, known):
    cursor = manager.get("changes/", after="latest", corpus="desk").json()["cursor"]
    record = {"text": TEXT, "external_id": "a-1", "title": "Talks", "source": "IRNA"}
    upsert(manager, record)
    upsert(manager, record)
    events = manager.get("changes/", after=cursor, corpus="desk").json()["results"]
    assert [(event["type"], event["article"], event["user"]) for event in events] == [
        ("article.metadata", known["id"], "manager")
    ]
    assert (events[0]["about"]["title"], events[0]["about"]["external_id"]) == ("Talks", "a-1")
    note = ImportProblem.objects.get(kind="note", article=known["id"])
    assert (note.reason, note.batch.user.username) == (
        f"updated title, source of article {known['id']}", "manager",
    )  # fmt: skip


def test_upsert_is_a_flag(manager):
    refusal(manager.post("articles/?corpus=desk&upsert=yes", NAMED), 400, "upsert")
    refusal(Rest(factories.make_superuser()).post("articles/?corpus=desk&upsert=1", {"external_id": "a"}), 400, "text")
