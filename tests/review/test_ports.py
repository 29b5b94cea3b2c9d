"""Whoever follows decisions is told of every decision that changed something, inside its transaction."""

import pytest

from annotations.review import ports
from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish
from annotations.review.actions.undo import undo
from annotations.review.models import Decision
from corpusapp.core.errors import Conflict
from tests.factories import make_article, make_corpus, make_member, suggest

pytestmark = pytest.mark.django_db


class Listener(ports.DecisionSubscriber):
    def __init__(self) -> None:
        self.told = []

    def decided(self, *, decision, changes) -> None:
        self.told.append((decision.verb, decision.article_id, [change.verb for change in changes]))

    def imported(self, *, corpus_id, decisions) -> None:
        self.told.append(("imported", corpus_id, dict(decisions)))


@pytest.fixture
def listener(monkeypatch) -> Listener:
    monkeypatch.setattr(ports, "_followers", [])
    listener = Listener()
    ports.register(listener)
    return listener


def test_a_decision_and_its_undo_are_told(listener):
    corpus = make_corpus()
    article, editor = make_article(corpus), make_member(corpus)
    (span,) = suggest(article, (0, 5, "ORG"))
    result = decide(user=editor, article=article, choices=[Choice("relabel", span.pk, span.revision, label="PERSON")])
    undo(user=editor, decision=result.decision)
    assert listener.told == [
        ("relabel", article.pk, ["relabel", "relabel"]),
        ("undo", article.pk, ["undo", "undo"]),
    ]


def test_imported_decisions_are_told(listener):
    article = make_article(make_corpus(), spans=[[0, 5, "PERSON"]])
    decision = Decision.objects.get(article=article)
    assert listener.told == [("imported", article.corpus_id, {article.pk: decision.pk})]


def test_what_changes_no_span_is_not_told(listener):
    corpus = make_corpus()
    article, editor = make_article(corpus), make_member(corpus)
    finish(user=editor, article=article)
    with pytest.raises(Conflict):
        decide(user=editor, article=article, choices=[Choice("add", start=0, end=5, label="PERSON")])
    assert listener.told == []


def test_a_follower_that_fails_takes_the_decision_with_it(listener, monkeypatch):
    corpus = make_corpus()
    article, editor = make_article(corpus), make_member(corpus)

    def fail(**_):
        raise RuntimeError("no room")

    monkeypatch.setattr(listener, "decided", fail)
    with pytest.raises(RuntimeError):
        decide(user=editor, article=article, choices=[Choice("add", start=0, end=5, label="PERSON")])
    assert not article.spans.exists()
    assert not article.decisions.exists()


def test_a_second_follower_of_one_class_is_refused(listener):
    with pytest.raises(ValueError, match="Listener follows already"):
        ports.register(Listener())
