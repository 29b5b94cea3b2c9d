"""Subscribers are notified of every decision that changed a span, inside its transaction."""

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
        self.notified = []

    def decided(self, *, decision, changes, entities) -> None:
        self.notified.append((decision.verb, decision.article_id, [change.verb for change in changes]))

    def imported(self, *, corpus_id, decisions) -> None:
        self.notified.append(("imported", corpus_id, dict(decisions)))


@pytest.fixture
def listener(monkeypatch) -> Listener:
    monkeypatch.setattr(ports, "_subscribers", [])
    listener = Listener()
    ports.register(listener)
    return listener


def test_subscribers_are_notified_of_a_decision_and_its_undo(listener):
    corpus = make_corpus()
    article, editor = make_article(corpus), make_member(corpus)
    (span,) = suggest(article, (0, 5, "ORG"))
    result = decide(user=editor, article=article, choices=[Choice("relabel", span.pk, span.revision, label="PERSON")])
    undo(user=editor, decision=result.decision)
    assert listener.notified == [
        ("relabel", article.pk, ["relabel", "relabel"]),
        ("undo", article.pk, ["undo", "undo"]),
    ]


def test_subscribers_are_notified_of_imported_decisions(listener):
    article = make_article(make_corpus(), spans=[[0, 5, "PERSON"]])
    decision = Decision.objects.get(article=article)
    assert listener.notified == [("imported", article.corpus_id, {article.pk: decision.pk})]


def test_subscribers_are_not_notified_if_no_span_changed(listener):
    corpus = make_corpus()
    article, editor = make_article(corpus), make_member(corpus)
    finish(user=editor, article=article)
    with pytest.raises(Conflict):
        decide(user=editor, article=article, choices=[Choice("add", start=0, end=5, label="PERSON")])
    assert listener.notified == []


def test_failing_subscriber_rolls_back_the_decision(listener, monkeypatch):
    corpus = make_corpus()
    article, editor = make_article(corpus), make_member(corpus)

    def fail(**_):
        raise RuntimeError("no room")

    monkeypatch.setattr(listener, "decided", fail)
    with pytest.raises(RuntimeError):
        decide(user=editor, article=article, choices=[Choice("add", start=0, end=5, label="PERSON")])
    assert not article.spans.exists()
    assert not article.decisions.exists()


def test_second_subscriber_of_a_class_is_refused(listener):
    with pytest.raises(ValueError, match="Listener is already registered"):
        ports.register(Listener())
