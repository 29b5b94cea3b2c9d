"""Constraints and triggers of the database."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.db.utils import Error

from annotations.review.models import Change, Decision, Label, Review, Span, State
from corpusapp.articles.models import Article, Membership, Source, Zone
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def article():
    return factories.make_article(factories.make_corpus(), "Zarif in Tehran")


def refused(build):
    with pytest.raises(Error) as error, transaction.atomic():
        build()
        # Deferred constraints are checked at the end of a transaction.
        connection.check_constraints()
    return str(error.value)


def span_of(article, **values):
    label = Label.objects.get(corpus_id=article.corpus_id, name="PERSON")
    values = {
        "corpus_id": article.corpus_id,
        "article": article,
        "article_length": article.length,
        "start": 0,
        "end": 5,
        "label": label,
        "state": State.CONFIRMED,
    } | values
    return Span(**values)


def test_a_valid_span_is_stored(article):
    span_of(article).save()
    assert article.spans.count() == 1


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"start": 5, "end": 5}, "span_within_article"),
        ({"start": 6, "end": 5}, "span_within_article"),
        ({"start": -1}, "span_within_article"),
        ({"end": 16}, "span_within_article"),
        ({"end": 16, "article_length": 20}, "span_of_article"),
        ({"state": "sure"}, "span_state_known"),
        ({"score": 1.5}, "span_score_between_0_and_1"),
        ({"state": State.SUGGESTED}, "span_suggestion_names_pipeline"),
    ],
)
def test_invalid_spans_are_refused(article, values, constraint):
    assert constraint in refused(lambda: span_of(article, **values).save())


def test_a_triple_is_stored_once(article):
    span_of(article).save()
    assert "span_once_per_article_and_layer" in refused(lambda: span_of(article, state=State.REJECTED).save())


def test_a_label_of_another_corpus_is_refused(article):
    label = Label.objects.filter(corpus=factories.make_corpus("other")).first()
    assert "span_label_of_same_corpus" in refused(lambda: span_of(article, label=label).save())


def test_a_span_with_another_corpus_is_refused(article):
    other = factories.make_corpus("other")
    label = Label.objects.filter(corpus=other).first()
    assert "span_of_article" in refused(lambda: span_of(article, label=label, corpus_id=other.pk).save())


def test_invalid_zones_are_refused(article):
    values = {"corpus_id": article.corpus_id, "article": article, "article_length": article.length}
    Zone(**values, start=0, end=5, kind="title").save()
    assert "zone_within_article" in refused(lambda: Zone(**values, start=0, end=99, kind="title").save())
    assert "zone_kind_known" in refused(lambda: Zone(**values, start=0, end=5, kind="footer").save())
    values["article_length"] = 99
    assert "zone_of_article" in refused(lambda: Zone(**values, start=0, end=99, kind="title").save())


def test_a_text_never_changes_but_its_title_may(article):
    assert "cannot change" in refused(lambda: Article.objects.filter(pk=article.pk).update(text="Other"))
    Article.objects.filter(pk=article.pk).update(title="Talks")


def test_the_log_is_append_only(article):
    editor = factories.make_superuser()
    decision = Decision.objects.create(corpus_id=article.corpus_id, article=article, user=editor, verb="confirm")
    place = {"decision": decision, "corpus_id": article.corpus_id, "article": article}
    Change.objects.create(**place, span_id=1, verb="confirm", before_revision=1)
    assert "only added to" in refused(lambda: Decision.objects.filter(pk=decision.pk).update(verb="reject"))
    assert "only added to" in refused(lambda: Change.objects.filter(decision=decision).update(span_id=2))
    assert "only added to" in refused(lambda: Change.objects.filter(decision=decision).delete())
    assert "only added to" in refused(lambda: Decision.objects.filter(pk=decision.pk)._raw_delete("default"))


def test_constraints_of_sources_texts_keys_and_roles(article):
    other = factories.make_corpus("other")
    source = Source.objects.create(corpus=other, name="Wire")
    articles = Article.objects.filter(pk=article.pk)
    assert "article_source_of_same_corpus" in refused(lambda: articles.update(source=source))
    copy = {"corpus_id": article.corpus_id, "text": article.text, "text_sha256": bytes(article.text_sha256)}
    assert "article_text_once_per_corpus" in refused(lambda: Article.objects.create(**copy))
    assert "article_text_not_empty" in refused(
        lambda: Article.objects.create(corpus=other, text="", text_sha256=b"0" * 32)
    )
    member = factories.make_member(other)
    assert "membership_once_per_user_and_corpus" in refused(
        lambda: Membership.objects.create(user=member, corpus=other, role="reader")
    )
    assert "membership_role_known" in refused(
        lambda: Membership.objects.create(user=member, corpus_id=article.corpus_id, role="owner")
    )


def test_an_article_in_review_has_its_editor(article):
    reviews = Review.objects.filter(article=article)
    assert "review_has_its_editor" in refused(lambda: reviews.update(stage="done"))
    assert "review_once_per_article_and_layer" in refused(
        lambda: Review.objects.create(corpus_id=article.corpus_id, article=article)
    )


def test_an_undo_names_its_decision(article):
    editor = factories.make_superuser()
    with pytest.raises(IntegrityError, match="decision_undo_names_its_stroke"), transaction.atomic():
        Decision.objects.create(corpus_id=article.corpus_id, article=article, user=editor, verb="undo")


def test_a_span_is_stored_while_its_article_changes(transactional_db):
    """Otherwise a deadlock is possible: an article is restored while another user decides."""
    article = factories.make_article(factories.make_corpus())
    other = connection.copy()
    try:
        with transaction.atomic():
            Article.objects.filter(pk=article.pk).update(withdrawn_at=Now())
            with other.cursor() as cursor:
                cursor.execute("SELECT FROM articles_article WHERE id = %s FOR KEY SHARE NOWAIT", [article.pk])
                assert cursor.rowcount == 1
    finally:
        other.close()


BAND = "INSERT INTO articles_sketchband (corpus_id, key, article_id) "


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.rowcount


def test_bands_are_of_articles_of_their_corpus(article):
    other = factories.make_corpus("other")
    known = (article.corpus_id, article.pk)
    assert run(f"{BAND} SELECT %s, key, %s FROM generate_series(1, 3) AS key", *known) == 3
    assert "is not there" in refused(lambda: run(f"{BAND} VALUES (%s, 4, %s)", other.pk, article.pk))
    assert "is not there" in refused(lambda: run(f"{BAND} VALUES (%s, 4, %s)", article.corpus_id, article.pk + 999))
    two = f"{BAND} VALUES (%s, 4, %s), (%s, 5, %s)"
    assert "is not there" in refused(lambda: run(two, *known, article.corpus_id, article.pk + 999))
    moved = "UPDATE articles_sketchband SET {} = %s"
    assert "is not there" in refused(lambda: run(moved.format("article_id"), article.pk + 999))
    assert "is not there" in refused(lambda: run(moved.format("corpus_id"), other.pk))
    assert run("UPDATE articles_sketchband SET key = key + 10") == 3


def test_an_article_with_bands_stays(article):
    run(f"{BAND} VALUES (%s, 1, %s)", article.corpus_id, article.pk)
    for table in ("review_review", "feed_waiting", "suggestions_unsettled", "articles_original", "articles_zone"):
        run(f"DELETE FROM {table} WHERE article_id = %s", article.pk)
    gone = "DELETE FROM articles_article WHERE id = %s"
    assert "has bands" in refused(lambda: run(gone, article.pk))
    renamed = "UPDATE articles_article SET id = id + 999 WHERE id = %s"
    assert "has bands" in refused(lambda: run(renamed, article.pk))
    run("DELETE FROM articles_sketchband")
    assert run(gone, article.pk) == 1
    connection.check_constraints()


SPAN = """
    INSERT INTO review_span (corpus_id, article_id, article_length, layer, start, "end", label_id, state, revision)
    VALUES (%s, %s, %s, 'main', 0, 5, %s, 'confirmed', 1), (%s, %s, %s, 'main', 6, 8, %s, 'confirmed', 1)
"""


def test_each_row_of_a_statement_that_adds_spans_is_checked(article):
    label = Label.objects.get(corpus_id=article.corpus_id, name="PERSON").pk
    other = factories.make_corpus("other")
    right = (article.corpus_id, article.pk, article.length, label)
    wrong = {
        "span_of_article": [
            (article.corpus_id, article.pk + 999, article.length, label),
            (other.pk, article.pk, article.length, Label.objects.filter(corpus=other).first().pk),
            (article.corpus_id, article.pk, article.length + 1, label),
        ],
        "span_label_of_same_corpus": [
            (article.corpus_id, article.pk, article.length, Label.objects.filter(corpus=other).first().pk),
            (article.corpus_id, article.pk, article.length, 10**9),
        ],
    }
    for constraint, rows in wrong.items():
        for row in rows:
            assert constraint in refused(lambda row=row: run(SPAN, *right, *row))
    assert run(SPAN, *right, *right) == 2


def test_a_changed_span_is_checked(article):
    label = Label.objects.get(corpus_id=article.corpus_id, name="PERSON")
    other = factories.make_corpus("other")
    span_of(article).save()
    changed = "UPDATE review_span SET {} = %s"
    for column, value, constraint in (
        ("article_id", article.pk + 999, "span_of_article"),
        ("article_length", article.length + 1, "span_of_article"),
        ("corpus_id", other.pk, "span_of_article"),
        ("label_id", Label.objects.filter(corpus=other).first().pk, "span_label_of_same_corpus"),
    ):
        assert constraint in refused(lambda column=column, value=value: run(changed.format(column), value))
    assert run(changed.format("label_id"), Label.objects.exclude(pk=label.pk).get(corpus=label.corpus, name="ORG").pk)


def test_an_article_and_a_label_with_spans_stay(article):
    span_of(article).save()
    label = Label.objects.get(corpus_id=article.corpus_id, name="PERSON")
    for table in ("review_review", "feed_waiting", "suggestions_unsettled", "articles_original", "articles_zone"):
        run(f"DELETE FROM {table} WHERE article_id = %s", article.pk)
    for statement in (
        "DELETE FROM articles_article WHERE id = %s",
        "UPDATE articles_article SET id = -1 WHERE id = %s",
    ):
        assert "span_of_article" in refused(lambda statement=statement: run(statement, article.pk))
    for statement in ("DELETE FROM review_label WHERE id = %s", "UPDATE review_label SET id = -1 WHERE id = %s"):
        assert "span_label_of_same_corpus" in refused(lambda statement=statement: run(statement, label.pk))
    run("DELETE FROM review_span")
    assert run("DELETE FROM articles_article WHERE id = %s", article.pk) == 1
    assert run("DELETE FROM review_label WHERE id = %s", label.pk) == 1
