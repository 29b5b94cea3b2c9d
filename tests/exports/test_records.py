"""Records of articles, read from the database as a stream."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from annotations.exports.queries.records import chosen_records, export_records
from annotations.exports.selection import Selection
from annotations.formats.records import STATES, ZoneRecord
from annotations.review.actions.stages import finish_many
from annotations.review.models import Review, Span
from annotations.review.queries.record import span_rows
from annotations.suggestions.models import Pipeline
from corpusapp.articles.actions.withdraw import withdraw_articles
from corpusapp.articles.models import Article
from tests import factories
from tests.exports.cast import ALL, ANY

TEXT = '🕊 Zarif met \u2028Assad and\tMuallem \\ "here" in Damascus. Read more: Assad.'
SCORES = (0.0, 1.0, 0.1, 1e-05, 5e-324, 0.3333333333333333)


@pytest.fixture
def corpus(db):
    return factories.make_corpus()


def test_spans_are_those_of_the_article_page(corpus):
    """Of each state, with and without pipeline and score, in reading order."""
    article = factories.make_article(corpus, TEXT)
    odd = Pipeline.objects.create(name='a "b" \\ \x01\u2028😀', version="1", digest="odd")
    _store(article, [(2, 7), (2, 14), (2, 9), (0, 1), (26, 33)], odd)
    for states in (STATES, *[(state,) for state in STATES]):
        (record,) = export_records(corpus, Selection(states=states, stages=("any",)))
        assert list(record.spans) == span_rows(article, states)
    scores = [span.score for span in next(export_records(corpus, ALL)).spans]
    assert {repr(score) for score in scores} == {"None", *map(repr, SCORES)}


def test_what_is_known_of_an_article(corpus):
    zones = [[0, 18, "title"], [0, 18, "byline"], [20, 30, "chrome"], [0, 30, "caption"]]
    known = {
        "source": "SANA \u2028",
        "url": "https://example.org/1",
        "published_on": "2018-09-01",
        "external_id": "e-1",
    }
    meta = {"z": 1, "a": {"b": [1.0, None, "\u2028"]}}
    article = factories.make_article(corpus, TEXT, title="T\t\\N", zones=zones, metadata=meta, language="de", **known)
    Article.objects.filter(pk=article.pk).update(published_precision="month")
    (record,) = export_records(corpus, ANY)
    assert (record.id, record.external_id, record.title, record.language) == (article.pk, "e-1", "T\t\\N", "de")
    assert record.text == TEXT
    assert record.zones == (
        ZoneRecord(0, 30, "caption"), ZoneRecord(0, 18, "byline"), ZoneRecord(0, 18, "title"),
        ZoneRecord(20, 30, "chrome"),
    )  # fmt: skip
    assert record.meta == {**meta, "source": "SANA \u2028", "url": known["url"], "published_on": "2018-09"}
    assert (record.stage, record.finished_at, record.finished_by, record.decided) == ("new", "", "", ())


def test_an_article_without_metadata_has_none(corpus):
    factories.make_article(corpus)
    (record,) = export_records(corpus, ANY)
    assert (record.meta, record.zones, record.spans) == ({}, (), ())


def test_decided_ranges_are_joined_where_they_overlap_or_touch(corpus):
    spans = [[0, 4, "PERSON"], [4, 8, "PERSON"], [10, 20, "PERSON"], [12, 15, "GPE"]]
    rejected = {"start": 30, "end": 33, "label": "GPE", "state": "rejected"}
    article = factories.make_article(corpus, TEXT, spans=[*spans, rejected])
    factories.suggest(article, (40, 44, "GPE"))
    (record,) = export_records(corpus, Selection(states=("suggested",), stages=("any",)))
    assert record.decided == ((0, 8), (10, 20), (30, 33))
    finish_many(user=factories.make_superuser(), corpus=corpus, article_ids=[article.pk])
    Review.objects.filter(article=article).update(done_at=datetime(2026, 5, 3, 12, 0, 0, 1, tzinfo=UTC))
    (record,) = export_records(corpus, Selection(finished_by=True))
    assert (record.stage, record.decided) == ("done", None)
    assert record.finished_at == "2026-05-03T12:00:00.000001Z" and record.finished_by


def test_chosen_articles_of_several_corpora(corpus):
    other = factories.make_corpus("other")
    articles = [factories.make_article(one, spans=[[0, 5, "PERSON"]]) for one in (other, corpus)]
    withdrawn = factories.make_article(corpus, "Withdrawn.")
    withdraw_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[withdrawn.pk])
    records = list(chosen_records([withdrawn.pk, *[article.pk for article in articles]], [corpus, other]))
    assert [record.id for record in records] == [article.pk for article in articles]
    assert all(record.spans[0].label == "PERSON" for record in records)


def test_the_connection_reads_nothing_else_meanwhile(corpus):
    for text in ("First.", "Second."):
        factories.make_article(corpus, text)
    records = export_records(corpus, ANY)
    assert next(records).text == "First."
    with pytest.raises(RuntimeError, match="another connection"):
        Article.objects.count()
    assert [record.text for record in records] == ["Second."]
    assert Article.objects.count() == 2


def test_who_stops_early_keeps_the_transaction(corpus):
    """Also where the server has not sent all."""
    factories.make_articles(corpus, *[{"text": f"{number} " + "Zarif met Assad. " * 2000} for number in range(40)])
    records = export_records(corpus, ANY)
    next(records)
    records.close()
    assert connection.in_atomic_block and Article.objects.count() == 40


def _store(article: Article, ranges: list[tuple[int, int]], pipeline: Pipeline) -> None:
    """Spans of each label and state; some decided ones have no pipeline and no score."""
    number = 0
    for label in article.corpus.labels.filter(name__in=("PERSON", "GPE", "ORG")):
        for start, end in ranges:
            by = pipeline if number % 4 else None
            Span.objects.create(
                corpus=article.corpus, article=article, article_length=article.length, start=start, end=end,
                label=label, state=STATES[number % 3] if by else "confirmed", pipeline=by, revision=number + 1,
                score=SCORES[number % len(SCORES)] if number > 1 else None,
            )  # fmt: skip
            number += 1
    found = span_rows(article, STATES)
    assert len(found) == number and {span.state for span in found} == set(STATES)
    assert {span.pipeline for span in found} == {None, str(pipeline)}
