"""Full-text search over names, words and scripts."""

import pytest

from annotations.review.queries import HIT_END, HIT_START, ArticleFilter, list_articles
from corpusapp.refusals import Invalid
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    corpus = factories.make_corpus()
    factories.make_article(corpus, "The WHO sent aid to Idlib.", title="Aid")
    factories.make_article(corpus, "Ministers were meeting in Tehran.", title="Talks", published_on="2018-09-03")
    factories.make_article(corpus, "وزیر خارجه در تهران", title="Visit", source="Wire")
    return corpus


def titles(corpus, **filter_):
    return [row.article.title for row in list_articles([corpus], ArticleFilter(**filter_)).rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("WHO", ["Aid"]),
        ("meets", ["Talks"]),
        ("minister tehran", ["Talks"]),
        ('"aid to idlib"', ["Aid"]),
        ("tehran or idlib", ["Talks", "Aid"]),
        ("تهران", ["Visit"]),
        ("visit", ["Visit"]),
        ("nothing", []),
        ("& | ! ( '", []),
    ],
)
def test_found(corpus, query, found):
    assert sorted(titles(corpus, query=query)) == sorted(found)


def test_filters(corpus):
    assert titles(corpus) == ["Visit", "Talks", "Aid"]
    assert titles(corpus, source="Wire") == ["Visit"]
    assert titles(corpus, stage="new") == ["Visit", "Talks", "Aid"]
    assert titles(corpus, stage="done") == []
    assert titles(corpus, query="tehran", source="Wire") == []


def test_refused(corpus):
    with pytest.raises(Invalid, match="is no stage"):
        titles(corpus, stage="ready")
    with pytest.raises(Invalid, match="NUL"):
        titles(corpus, query="a\0")
    with pytest.raises(Invalid, match="at most 500"):
        titles(corpus, query="a" * 501)
    with pytest.raises(Invalid, match="cursor"):
        list_articles([corpus], ArticleFilter(), cursor="xyz")


@pytest.mark.parametrize("query", ["", "report"])
def test_pages_by_key_reach_everything_once(query):
    corpus = factories.make_corpus("many")
    for n in range(7):
        factories.make_article(corpus, f"A report of day {n}. " + "report " * (n % 3))
    seen, cursor = [], ""
    while cursor is not None:
        page = list_articles([corpus], ArticleFilter(query=query), cursor=cursor, size=3)
        seen += [row.article.pk for row in page.rows]
        cursor = page.next_cursor
    assert len(seen) == len(set(seen)) == 7


def test_a_snippet_marks_its_hits(corpus):
    (row,) = list_articles([corpus], ArticleFilter(query="idlib")).rows
    assert f"{HIT_START}Idlib{HIT_END}" in row.snippet


def test_words_in_what_looks_like_a_script_are_found(corpus):
    factories.make_article(corpus, "<script>alert(Astana)</script> <b>Sochi</b>", title="<i>Tags</i>")
    for query in ("astana", "sochi", "tags"):
        assert titles(corpus, query=query) == ["<i>Tags</i>"]
