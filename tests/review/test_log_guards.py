"""The database refuses changes that name what does not exist, and keeps what changes name, whoever writes."""

import threading

import pytest
from django.db import IntegrityError, connection, connections, transaction

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Change, Decision, Label
from annotations.suggestions.models import Pipeline
from tests import factories

COLUMNS = """decision_id, corpus_id, article_id, span_id, verb, implicit, after_start, after_end, after_label_id,
    after_state, after_revision"""


@pytest.fixture
def change(db):
    """A change of a corpus; another corpus has an article and labels, too."""
    corpus = factories.make_corpus()
    article, editor = factories.make_article(corpus), factories.make_member(corpus)
    decide(user=editor, article=article, choices=[Choice("add", start=0, end=5, label="PERSON")])
    factories.make_article(factories.make_corpus("other"))
    return Change.objects.get()


def insert(change, **other):
    """A copy of the change with other columns, by raw SQL."""
    values = {
        "decision_id": change.decision_id, "corpus_id": change.corpus_id, "article_id": change.article_id,
        "span_id": change.span_id, "verb": change.verb, "implicit": False, "after_start": 0, "after_end": 5,
        "after_label_id": change.after_label_id, "after_state": "confirmed", "after_revision": 1,
        "before_label_id": None, "before_pipeline_id": None, "after_pipeline_id": None, **other,
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        names, places = ", ".join(values), ", ".join(["%s"] * len(values))
        cursor.execute(f"INSERT INTO review_change ({names}) VALUES ({places})", list(values.values()))


def test_a_change_is_taken_that_names_what_exists(change):
    pipeline = Pipeline.objects.first() or Pipeline.objects.create(name="rules", version="1", digest="a" * 64)
    insert(change)
    insert(change, before_label_id=change.after_label_id, before_pipeline_id=pipeline.pk, after_pipeline_id=pipeline.pk)
    assert Change.objects.count() == 3
    assert set(Change.objects.values_list("corpus", "layer")) == {(change.corpus_id, "main")}


@pytest.mark.parametrize(
    "column",
    [
        "decision_id", "corpus_id", "article_id", "before_label_id", "after_label_id", "before_pipeline_id",
        "after_pipeline_id",
    ],
)  # fmt: skip
def test_a_change_is_refused_that_names_what_does_not_exist(change, column):
    with pytest.raises(IntegrityError):
        insert(change, **{column: 2**40})
    assert Change.objects.count() == 1


@pytest.mark.parametrize("what", ["corpus", "article", "label", "former label"])
def test_a_change_is_refused_that_names_what_another_corpus_has(change, what):
    label = Label.objects.get(corpus__slug="other", name="PERSON")
    other = {
        "corpus": {"corpus_id": label.corpus_id},
        "article": {"article_id": label.corpus.articles.get().pk},
        "label": {"after_label_id": label.pk},
        "former label": {"before_label_id": label.pk},
    }
    with pytest.raises(IntegrityError, match="that its corpus does not have"):
        insert(change, **other[what])


def test_one_wrong_row_refuses_all_of_its_statement(change):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO review_change ({COLUMNS}) SELECT {COLUMNS.replace('after_label_id', 'label')}"
            " FROM review_change CROSS JOIN unnest(ARRAY[after_label_id, -1]) AS label"
        )
    assert Change.objects.count() == 1


@pytest.mark.parametrize("statement", ["DELETE FROM {} WHERE id = %s", "UPDATE {} SET id = id + 1000000 WHERE id = %s"])
def test_what_changes_name_stays(change, statement):
    pipeline = Pipeline.objects.create(name="rules", version="1", digest="b" * 64)
    insert(change, after_pipeline_id=pipeline.pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM review_span")
    named = {
        "review_label": change.after_label_id, "suggestions_pipeline": pipeline.pk,
        "articles_article": change.article_id, "review_decision": change.decision_id,
    }  # fmt: skip
    for table, pk in named.items():
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format(table), [pk])


def test_what_no_change_names_can_go(change):
    label = Label.objects.get(corpus=change.corpus_id, name="ORG")
    Pipeline.objects.create(name="rules", version="1", digest="c" * 64).delete()
    label.delete()
    assert not Label.objects.filter(pk=label.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_label_that_an_open_transaction_names_is_not_deleted(transactional_db):
    corpus = factories.make_corpus()
    article, editor = factories.make_article(corpus), factories.make_member(corpus)
    label = Label.objects.get(corpus=corpus, name="ORG")
    decide(user=editor, article=article, choices=[Choice("add", start=0, end=5, label="PERSON")])
    errors = []

    def delete():
        try:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM review_label WHERE id = %s", [label.pk])
        except IntegrityError as error:
            errors.append(error)
        finally:
            connections.close_all()

    with transaction.atomic():
        insert(Change.objects.get(), after_label_id=label.pk)
        thread = threading.Thread(target=delete)
        thread.start()
        thread.join(1)
        assert thread.is_alive()
    thread.join(20)
    assert len(errors) == 1 and Label.objects.filter(pk=label.pk).exists()


def test_decisions_cannot_be_rewritten(change):
    for statement in ("UPDATE review_decision SET verb = 'add'", "DELETE FROM review_change"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert Decision.objects.count() == Change.objects.count() == 1


def test_spans_of_another_layer_are_stored_and_weighed_apart(change):
    """Layers of several annotators come later, and must not need another table."""
    with connection.cursor() as cursor:
        cursor.execute("""
            INSERT INTO review_span (corpus_id, article_id, article_length, layer, start, "end", label_id, state,
                                     revision)
            SELECT corpus_id, article_id, article_length, 'second', start, "end", label_id, state, 1 FROM review_span
        """)
    insert(change, layer="second")
    assert sorted(Change.objects.values_list("layer", flat=True)) == ["main", "second"]
