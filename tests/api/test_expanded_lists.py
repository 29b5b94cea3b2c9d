"""Lists by ids and external ids, with texts, spans, zones and metadata on request."""

import pytest

from annotations.review.api import articles as module
from corpusapp.articles.models import Article, Corpus
from tests import factories
from tests.api.client import Rest, refusal

CONTENT = ["text", "spans", "zones", "metadata"]


@pytest.fixture
def articles(corpus):
    made = [
        factories.make_article(
            corpus,
            f"Zarif met Muallem, as agency {n} says.",
            external_id=f"a-{n}",
            metadata={"desk": n},
            zones=[[0, 5, "title"]],
        )
        for n in range(3)
    ]
    for article in made:
        factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"))
    return made


def ids(answer) -> list[int]:
    assert answer.status_code == 200, answer.content
    return [row["id"] for row in answer.json()["results"]]


def test_articles_by_ids(reader, articles, stranger):
    other = factories.make_article(Corpus.objects.get(slug="other"), "Elsewhere.")
    first, second, third = (article.pk for article in articles)
    assert ids(reader.get("articles/", ids=f"{first},{third}")) == [third, first]
    # What the client cannot see, and what does not exist, is missing.
    assert ids(reader.get("articles/", ids=f"{second},{other.pk},{10**9}")) == [second]
    assert ids(reader.get("articles/", ids=f"{other.pk}")) == []


def test_articles_by_external_ids_in_all_corpora(articles, stranger, corpus):
    other = Corpus.objects.get(slug="other")
    elsewhere = factories.make_article(other, "Elsewhere.", external_id="a-0")
    newer = factories.make_article(corpus, "Zarif met nobody.", external_id="a-0")
    both = Rest(factories.make_superuser())
    assert ids(both.get("articles/", external_id="a-0")) == [newer.pk, elsewhere.pk, articles[0].pk]
    assert ids(both.get("articles/", external_id="a-0,a-1", corpus="desk")) == [
        newer.pk, articles[1].pk, articles[0].pk,
    ]  # fmt: skip
    assert ids(stranger.get("articles/", external_id="a-0,a-1")) == [elsewhere.pk]
    spans = both.get("spans/", external_id="a-1", fields="article,text").json()["results"]
    assert spans == [
        {"article": articles[1].pk, "text": "Muallem"},
        {"article": articles[1].pk, "text": "Zarif"},
    ]
    assert stranger.get("spans/", external_id="a-1").json()["results"] == []


def test_an_external_id_may_contain_commas(reader, corpus):
    tagged = factories.make_article(corpus, external_id="tag:example.org,2018:1")
    assert ids(reader.get("articles/", external_id="tag:example.org,2018:1")) == [tagged.pk]


@pytest.mark.parametrize("path", ["articles/", "spans/"])
def test_too_many_names_are_refused(reader, path):
    names = ",".join(map(str, range(1, 202)))
    given = ["external_id"] if path == "spans/" else ["ids", "external_id"]
    for name in given:
        document = refusal(reader.get(path, **{name: names}), 400, name)
        assert document["type"].endswith("/api/problems/too-many/")
        assert reader.get(path, **{name: names.removesuffix(",201")}).status_code == 200


@pytest.mark.parametrize("value", ["a", "1,b", "-1", "1.0", "9223372036854775808", "٣", ",", "1;2"])
def test_malformed_ids_are_refused(reader, value):
    assert refusal(reader.get("articles/", ids=value), 400, "ids")["type"].endswith("/api/problems/invalid/")


def test_content_is_as_in_the_detail(reader, editor, articles):
    span = articles[0].spans.get(start=0)
    editor.patch(f"spans/{span.pk}/", {"revision": 1, "state": "rejected"})
    rows = reader.get("articles/", fields="id,text,spans,zones,metadata").json()["results"]
    assert [row["id"] for row in rows] == [article.pk for article in reversed(articles)]
    for row in rows:
        assert row == reader.get(f"articles/{row['id']}/", fields="id,text,spans,zones,metadata").json()
        assert row["text"] and row["spans"] and row["zones"] and row["metadata"]


def test_content_is_only_listed_if_it_is_named(reader, articles):
    for row in reader.get("articles/").json()["results"]:
        assert not row.keys() & set(CONTENT)
    for name in CONTENT:
        for row in reader.get("articles/", fields=f"id,{name}").json()["results"]:
            assert list(row) == ["id", name]
            assert row[name] == reader.get(f"articles/{row['id']}/", fields=name).json()[name]
    refusal(reader.get("articles/", fields="texts"), 400, "fields")


def test_listed_spans_are_in_the_states_of_the_filter(reader, editor, articles):
    span = articles[0].spans.get(start=0)
    editor.patch(f"spans/{span.pk}/", {"revision": 1, "state": "rejected"})
    (row,) = reader.get("articles/", fields="id,spans", state="rejected").json()["results"]
    assert (row["id"], [one["id"] for one in row["spans"]]) == (articles[0].pk, [span.pk])


def test_pages_of_long_texts_are_shorter(reader, articles, monkeypatch):
    monkeypatch.setattr(module, "_MAX_PAGE_LENGTH", 2 * articles[0].length)
    page = reader.get("articles/", fields="id,text").json()
    assert [row["id"] for row in page["results"]] == [articles[2].pk, articles[1].pk]
    rest = reader.get(page["next"].partition("/api/v1/")[2]).json()
    assert ([row["id"] for row in rest["results"]], rest["next"]) == ([articles[0].pk], None)
    monkeypatch.setattr(module, "_MAX_PAGE_LENGTH", 1)
    assert ids(reader.get("articles/", fields="id,spans")) == [articles[2].pk]
    assert len(ids(reader.get("articles/", fields="id,zones"))) == 3


def test_withdrawn_articles_are_not_listed(reader, articles):
    Article.objects.filter(pk=articles[0].pk).update(withdrawn_at="2026-01-01T00:00Z")
    assert ids(reader.get("articles/", external_id="a-0", fields="id,text")) == []
    assert ids(reader.get("articles/", ids=str(articles[0].pk), fields="id,text")) == []
