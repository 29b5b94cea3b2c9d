"""The list of articles: filters, search, pages by cursor."""

import pytest

from tests import factories
from tests.api.client import refusal


@pytest.fixture
def others(article, corpus):
    """Eleven more articles of another source that mention Aleppo, some several times."""
    for number in range(11):
        times = 1 + number % 3
        text = f"Report {number}. " + "Aleppo. " * times + "Homs. " * (3 - times)
        factories.make_article(corpus, text, source="IRNA", published_on=f"2018-09-{10 + number}")
    return corpus


def _all(client, path: str) -> list[dict]:
    rows = []
    while path:
        page = client.get(path).json()
        rows += page["results"]
        path = (page["next"] or "").removeprefix("http://testserver/api/v1/")
    return rows


def test_row_has_the_metadata_of_its_article(article, reader):
    (row,) = reader.get("articles/").json()["results"]
    assert {name: row[name] for name in ("id", "corpus", "title", "headline", "source", "stage", "offsets")} == {
        "id": article.pk, "corpus": "desk", "title": "Zarif in Damascus", "headline": "Zarif in Damascus",
        "source": "SANA", "stage": "suggested", "offsets": "code points",
    }  # fmt: skip
    assert (row["suggested"], row["confirmed"], row["length"], row["published_on"]) == (3, 0, 53, "2018-09-03")
    assert (row["snippet"], row["hits"], "text" in row) == (article.text, [], False)


@pytest.mark.parametrize("query", ["", "&q=Aleppo", "&q=Aleppo&order=newest", "&source=IRNA"])
def test_pages_contain_every_article_once(others, reader, query):
    whole = [row["id"] for row in reader.get(f"articles/?corpus=desk{query}").json()["results"]]
    paged = [row["id"] for row in _all(reader, f"articles/?corpus=desk&limit=2{query}")]
    assert paged == whole and len(set(paged)) == len(paged) == (12 if query == "" else 11)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("source=IRNA", 11), ("source=Reuters", 0), ("stage=suggested", 1), ("stage=done", 0), ("label=GPE", 1),
        ("label=LAW", 0), ("published_from=2018-09-10", 11), ("published_to=2018-09-09", 1),
        ("published_from=2018-09-11&published_to=2018-09-12", 2), ("q=Muallem", 1), ("q=-Aleppo", 1),
    ],
)  # fmt: skip
def test_filters(others, reader, query, count):
    assert len(reader.get(f"articles/?{query}").json()["results"]) == count


def test_search_returns_hits_as_ranges_of_the_snippet(others, reader):
    (row,) = reader.get("articles/?q=Tehran").json()["results"]
    assert [row["snippet"][start:end] for start, end in row["hits"]] == ["Tehran"]


def test_search_is_ordered_by_best_match_or_newest(others, reader):
    best = [row["headline"] for row in reader.get("articles/?q=Aleppo").json()["results"]]
    assert best[0].count("Aleppo") == 3
    newest = [row["id"] for row in reader.get("articles/?q=Aleppo&order=newest").json()["results"]]
    assert newest == sorted(newest, reverse=True)


def test_withdrawn_article_is_not_found(article, corpus, reader):
    from corpusapp.articles.actions.withdraw import withdraw_articles

    span = article.spans.first()
    withdraw_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[article.pk])
    assert reader.get("articles/").json()["results"] == []
    refusal(reader.get(f"articles/{article.pk}/"), 404)
    refusal(reader.get(f"spans/{span.pk}/"), 404)


def test_rejected_spans_are_returned_on_request(article, editor):
    span = editor.get(f"articles/{article.pk}/").json()["spans"][0]
    editor.patch(f"spans/{span['id']}/", {"revision": 1, "state": "rejected"})

    def texts(query: str) -> list[str]:
        return [span["text"] for span in editor.get(f"articles/{article.pk}/{query}").json()["spans"]]

    assert texts("") == ["Muallem", "Damascus"]
    assert texts("?state=rejected") == ["Zarif"]
    assert texts("?state=suggested,rejected,confirmed") == ["Zarif", "Muallem", "Damascus"]
    refusal(editor.get(f"articles/{article.pk}/?state=drawn"), 400, "state")


@pytest.mark.parametrize("pk", ["0", str(10**18), str(10**20), "9" * 4000, "-1", "abc", "1.0", "٣"])
def test_unknown_id_is_not_found(article, reader, pk):
    for path in (f"articles/{pk}/", f"articles/{pk}/spans/", f"spans/{pk}/", f"batches/{pk}/", f"labels/{pk}/"):
        refusal(reader.get(path), 404)
