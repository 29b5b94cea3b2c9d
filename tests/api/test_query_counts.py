"""Reads run a fixed number of queries, whatever the number of spans, articles and decisions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories

TEXT = "Zarif met Assad. " * 500


def _queries(client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
        assert response.status_code == 200
        if response.streaming:
            list(response.streaming_content)
    return len(captured)


@pytest.mark.parametrize("path", ["articles/{}/", "articles/{}/spans/", "articles/{}/decisions/"])
def test_article_with_5_and_with_500_spans(corpus, editor, path):
    counts = []
    # Other near copies are counted, so both articles have some.
    factories.make_article(corpus, TEXT)
    for number, count in enumerate((5, 500)):
        article = factories.make_article(corpus, TEXT + str(number))
        spans = factories.suggest(article, *[(17 * n, 17 * n + 5, "PERSON") for n in range(count)])
        # Both keep a suggestion, since pipelines are read together.
        for span in spans[1 :: max(1, count // 20)]:
            editor.patch(f"spans/{span.pk}/", {"revision": 1, "label": "ORG"})
        editor.get(path.format(article.pk))
        counts.append(_queries(editor, path.format(article.pk)))
    assert counts[0] == counts[1] <= 13


@pytest.mark.parametrize(
    "path",
    [
        "articles/?corpus=desk",
        "articles/?fields=text,spans,zones,metadata",
        "articles/?q=Zarif",
        "corpora/desk/",
        "corpora/",
        "corpora/desk/export/?stage=any",
    ],
)
def test_corpus_with_2_and_with_20_articles(corpus, reader, path):
    counts = []
    for until in (2, 20):
        for number in range(2 if until == 20 else 0, until):
            article = factories.make_article(corpus, f"{number} Zarif met Assad.", source=f"Source {number}")
            factories.suggest(article, (2, 7, "PERSON"))
        reader.get(path)
        counts.append(_queries(reader, path))
    assert counts[0] == counts[1] <= 13


def _statements(send) -> int:
    """How many statements a request executes, the limits of its transaction aside."""
    with CaptureQueriesContext(connection) as captured:
        assert send().status_code in (200, 201)
    return sum(not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in captured)


def test_a_decision_takes_nine_statements(corpus, editor):
    """Token, article, what is locked and read, what is written, links to follow, two marks, the events, entities.

    A relabelled span takes its link along, and the words of a moved one may be another name: what that needs is read.
    """
    article = factories.make_article(corpus, TEXT)
    # The first request with a token stores its use.
    span = editor.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": "PERSON"}).json()
    editor.patch(f"spans/{span['id']}/", {"revision": 1, "label": "ORG"})
    add = {"start": 10, "end": 15, "label": "PERSON"}
    assert _statements(lambda: editor.post(f"articles/{article.pk}/spans/", add)) == 9
    assert _statements(lambda: editor.patch(f"spans/{span['id']}/", {"revision": 2, "label": "GPE"})) == 10
    assert _statements(lambda: editor.patch(f"spans/{span['id']}/", {"revision": 3, "start": 17, "end": 22})) == 13
    assert _statements(lambda: editor.delete(f"spans/{span['id']}/?revision=4")) == 9


def test_the_first_decision_in_an_article_takes_as_many(corpus, editor):
    first, second = (factories.make_article(corpus, f"Zarif met Assad {number}.") for number in (1, 2))
    add = {"start": 0, "end": 5, "label": "PERSON"}
    editor.post(f"articles/{first.pk}/spans/", add)
    assert _statements(lambda: editor.post(f"articles/{second.pk}/spans/", add)) == 9


@pytest.mark.parametrize("number", [2, 40])
def test_a_decision_on_many_spans_takes_at_most_eleven(corpus, editor, number):
    """With its surfaces read by one more statement where there are many; a key is held and looked up by two."""
    one, two = (factories.make_article(corpus, f"{TEXT}{name}") for name in "ab")
    # The first request with a token stores its use.
    editor.get(f"articles/{one.pk}/")
    for article in (one, two):
        factories.suggest(article, *[(17 * n, 17 * n + 5, "PERSON") for n in range(number)])
    shown = {"shown": [{"span": span.pk, "revision": 1} for span in one.spans.all()]}
    assert _statements(lambda: editor.post(f"articles/{one.pk}/confirm/", shown)) == 9 + (number > 8)
    chosen = [
        {"article": two.pk, "verb": "relabel", "span": span.pk, "revision": 1, "label": "ORG"}
        for span in two.spans.all()
    ]
    many = {"decisions": chosen}
    assert _statements(lambda: editor.post("corpora/desk/decisions/", many)) == 10 + (number > 8)


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("articles/{}/", 5),
        ("articles/{}/spans/", 4),
        ("articles/?corpus=desk", 7),
        ("articles/?corpus=desk&q=Zarif", 8),
        ("articles/?corpus=desk&fields=id,text", 8),
        ("articles/?corpus=desk&fields=id,text,metadata,spans,zones", 11),
    ],
)
def test_a_read_takes_as_many_statements_as_it_needs(corpus, reader, path, number):
    """Four of an article, and those of the rows of a list, are sent together."""
    article = factories.make_article(corpus, TEXT)
    factories.suggest(article, (0, 5, "PERSON"))
    reader.get(f"articles/{article.pk}/")
    assert _statements(lambda: reader.get(path.format(article.pk))) == number


def _rows_read() -> int:
    """Rows of spans, articles, reviews and decisions that this transaction's statements have looked at."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables "
            "WHERE relname = ANY(%s)",
            [["review_span", "articles_article", "review_review", "review_decision"]],
        )
        return int(cursor.fetchone()[0])


def test_kept_plans_read_only_what_a_decision_is_about(corpus, editor):
    """PostgreSQL keeps a plan for as long as the connection lives, also one that it made when the tables were empty."""

    def decide(text):
        """One of each verb, in an article with two suggestions; the rows that it takes."""
        article = factories.make_article(corpus, text)
        first, second = factories.suggest(article, (0, 5, "PERSON"), (10, 15, "ORG"))
        before = _rows_read()
        relabelled = editor.patch(f"spans/{first.pk}/", {"revision": 1, "label": "GPE"})
        choice = {"verb": "confirm", "span": second.pk, "revision": 1}
        confirmed = editor.post(f"articles/{article.pk}/decisions/", {"decisions": [choice]})
        added = editor.post(f"articles/{article.pk}/spans/", {"start": 6, "end": 9, "label": "ORG"})
        assert (relabelled.status_code, confirmed.status_code, added.status_code) == (200, 201, 201)
        span = added.json()
        deleted = editor.delete(f"spans/{span['id']}/?revision={span['revision']}")
        assert deleted.status_code in (200, 204)
        return _rows_read() - before

    decide(f"{TEXT} early")
    few = decide(TEXT)
    for number in range(40):
        other = factories.make_article(corpus, f"{TEXT}{number}")
        factories.suggest(other, *[(17 * n, 17 * n + 5, "PERSON") for n in range(60)])
    # Whether a job is queued or waits already, by the second, makes a few rows of difference; the spans are 2,400.
    assert abs(decide(f"{TEXT} late") - few) < 40


@pytest.mark.parametrize(
    "path",
    [
        "articles/{}/",
        "articles/{}/spans/",
        "articles/{}/decisions/",
        "articles/?corpus=desk",
        "articles/?corpus=desk&q=Zarif",
    ],
)
def test_kept_plans_of_reads_read_nothing_of_other_corpora(corpus, reader, path):
    article = factories.make_article(corpus, TEXT)
    factories.suggest(article, (0, 5, "PERSON"), (10, 15, "ORG"))

    def rows():
        before = _rows_read()
        assert reader.get(path.format(article.pk)).status_code == 200
        return _rows_read() - before

    rows()
    few = rows()
    other = factories.make_corpus("other")
    for number in range(40):
        factories.suggest(
            factories.make_article(other, f"{TEXT}{number}"), *[(17 * n, 17 * n + 5, "ORG") for n in range(40)]
        )
    assert rows() == few
