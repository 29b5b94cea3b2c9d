"""Replaying the log gives the state of every decided span, for any sequence of decisions."""

import contextlib

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from annotations.review.actions.apply_to_matches import apply_to_matches, preview_matches
from annotations.review.actions.choices import Choice, ShownMatch
from annotations.review.actions.decide import decide
from annotations.review.actions.undo import undo
from annotations.review.models import Change, Decision, Span
from corpusapp.core.errors import Refusal
from tests import factories
from tests.review.replay import decided, replayed

pytestmark = pytest.mark.django_db
LABELS = ("PERSON", "ORG")
ranges = st.tuples(st.integers(0, 4), st.integers(1, 3)).map(lambda pair: (pair[0], pair[0] + pair[1]))
steps = st.lists(
    st.tuples(
        st.sampled_from(["confirm", "reject", "relabel", "move", "add", "undo", "suggest"]),
        st.integers(0, 9),
        ranges,
        st.sampled_from(LABELS),
    ),
    max_size=14,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_replayed_log_gives_the_decided_spans(step_list):
    corpus = factories.make_corpus(f"desk-{next(factories.numbers)}")
    user, article = factories.make_superuser(), factories.make_article(corpus, "abcdefgh")
    factories.suggest(article, (0, 2, "ORG"), (3, 5, "PERSON"))
    for verb, number, (start, end), label in step_list:
        spans = list(Span.objects.filter(article=article).order_by("pk"))
        with contextlib.suppress(Refusal):
            _step(user, article, spans, verb, number, start, end, label)
        assert replayed(article) == decided(article)
    assert _revisions_are_never_reused(article)


def _step(user, article, spans, verb, number, start, end, label):
    if verb == "suggest":
        factories.suggest(article, (start, end, label))
    elif verb == "undo":
        decisions = list(Decision.objects.filter(article=article).order_by("pk"))
        if decisions:
            undo(user=user, decision=decisions[number % len(decisions)])
    elif verb == "add":
        decide(user=user, article=article, choices=[Choice("add", start=start, end=end, label=label)])
    elif spans:
        span = spans[number % len(spans)]
        values = {"relabel": {"label": label}, "move": {"start": start, "end": end}}.get(verb, {})
        decide(user=user, article=article, choices=[Choice(verb, span.pk, span.revision, **values)])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
# The undo takes away the last span: the suggestions beside it were replaced by none that fits.
@example(
    [
        ("relabel", 0, (0, 1), "ORG"),
        ("add", 1, (0, 1), "PERSON"),
        ("suggest", 1, (0, 1), "PERSON"),
        ("undo", 0, (0, 1), "PERSON"),
        ("confirm", 1, (0, 1), "PERSON"),
    ]
)
def test_replayed_log_of_decisions_on_two_articles(step_list):
    corpus = factories.make_corpus(f"desk-{next(factories.numbers)}")
    user = factories.make_superuser()
    articles = [factories.make_article(corpus, text) for text in ("ab ab ab", "ab ab cd ab")]
    for article in articles:
        factories.suggest(article, (0, 2, "ORG"), (3, 5, "ORG"))
    for verb, number, (start, end), label in step_list:
        article = articles[number % 2]
        spans = list(Span.objects.filter(article=article).order_by("pk"))
        with contextlib.suppress(Refusal):
            _step_on_matches(user, article, spans, verb, number, start, end, label)
        for one in articles:
            assert replayed(one) == decided(one)
    assert all(_revisions_are_never_reused(one) for one in articles)


def _step_on_matches(user, article, spans, verb, number, start, end, label):
    if verb in ("suggest", "undo"):
        decisions = list(Decision.objects.filter(corpus=article.corpus).order_by("pk"))
        if verb == "undo" and decisions:
            undo(user=user, decision=decisions[number % len(decisions)])
        elif verb == "suggest":
            factories.suggest(article, (start, end, label), (0, 2, label))
        return
    values = {"relabel": {"label": label}, "move": {"start": start, "end": end}}.get(verb, {})
    if verb == "add":
        choice = Choice("add", start=start, end=end, label=label)
    elif not spans:
        return
    else:
        span = spans[number % len(spans)]
        choice = Choice(verb, span.pk, span.revision, **values)
    found = preview_matches(user=user, article=article, choice=choice, corpus=True)
    named = ("article", "start", "end") if verb == "add" else ("article", "span", "revision")
    shown = [ShownMatch(**{name: getattr(row, name) for name in named}) for row in found.rows]
    result = apply_to_matches(user=user, article=article, choice=choice, shown=shown)
    assert len(result.spans) + len(result.left_out) == len(shown) + 1


def _revisions_are_never_reused(article):
    """No revision of a span ever names two different states of it."""
    seen = {}
    for change in Change.objects.filter(article=article, after_revision__isnull=False).order_by("id"):
        key = (change.span_id, change.after_revision)
        columns = (change.after_start, change.after_end, change.after_label_id, change.after_state)
        if seen.setdefault(key, columns) != columns:
            return False
    return True
