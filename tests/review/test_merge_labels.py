"""Merging labels relabels their spans as one decision with one undo."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.labels import hide_label, show_label
from annotations.review.actions.merge_labels import merge_labels
from annotations.review.actions.stages import finish
from annotations.review.actions.undo import undo
from annotations.review.models import Decision, Label, Review, Span
from annotations.review.queries import own_decisions
from corpusapp.articles.actions.withdraw import withdraw_articles
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed
from tests import factories
from tests.review.replay import decided, replayed

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus)


def label(corpus, name):
    return Label.objects.get(corpus=corpus, name=name)


def rows(corpus):
    columns = ("id", "article", "start", "end", "label__name", "state", "score", "pipeline_id")
    return sorted(Span.objects.filter(corpus=corpus).values_list(*columns))


def triples(article):
    return sorted(Span.objects.filter(article=article).values_list("start", "label__name", "state"))


def merge(manager, name, into):
    corpus = manager.memberships.get().corpus
    return merge_labels(user=manager, label=label(corpus, name), into=label(corpus, into))


def test_merge_relabels_confirmed_spans_and_keeps_suggestions_suggestions(corpus, manager, article):
    spans = factories.suggest(article, (0, 5, "NORP"), (10, 17, "NORP"), (21, 29, "NORP"), score=0.7)
    decide(user=manager, article=article, choices=[Choice("confirm", spans[0].pk, 1), Choice("reject", spans[2].pk, 1)])
    merge(manager, "NORP", "GPE")
    assert triples(article) == [
        (0, "GPE", "confirmed"), (0, "NORP", "rejected"), (10, "GPE", "suggested"), (21, "GPE", "rejected")
    ]  # fmt: skip
    suggested = Span.objects.get(pk=spans[1].pk)
    assert (suggested.score, suggested.pipeline_id) == (0.7, spans[1].pipeline_id)
    assert label(corpus, "NORP").hidden and label(corpus, "NORP").merged_into == label(corpus, "GPE")
    assert decided(article) == replayed(article)


def test_a_span_of_the_other_label_is_taken_over(corpus, manager, article):
    spans = factories.suggest(article, (0, 5, "NORP"), (0, 5, "GPE"), (10, 17, "NORP"), (10, 17, "GPE"))
    norp = [span for span in spans if span.label.name == "NORP"]
    gpe = [span for span in spans if span.label.name == "GPE"]
    decide(user=manager, article=article, choices=[Choice("confirm", norp[0].pk, 1), Choice("reject", gpe[0].pk, 1)])
    before = rows(corpus)
    result = merge(manager, "NORP", "GPE")
    assert triples(article) == [(0, "GPE", "confirmed"), (0, "NORP", "rejected"), (10, "GPE", "suggested")]
    assert decided(article) == replayed(article)
    undo(user=manager, decision=result.decision)
    assert rows(corpus) == before
    assert not label(corpus, "NORP").hidden


def test_done_articles_are_relabelled_and_stay_done(corpus, manager, article):
    (span,) = factories.suggest(article, (0, 5, "NORP"))
    finish(user=manager, article=article, shown={span.pk: 1})
    result = merge(manager, "NORP", "GPE")
    assert triples(article) == [(0, "GPE", "confirmed"), (0, "NORP", "rejected")]
    undone = undo(user=manager, decision=result.decision)
    assert triples(article) == [(0, "NORP", "confirmed")]
    redone = undo(user=manager, decision=undone.decision)
    assert triples(article) == [(0, "GPE", "confirmed"), (0, "NORP", "rejected")]
    assert label(corpus, "NORP").merged_into == label(corpus, "GPE")
    undo(user=manager, decision=redone.decision)
    assert Review.objects.get(article=article).stage == "done"
    assert decided(article) == replayed(article)


def test_undo_leaves_out_what_changed_since(corpus, manager, article):
    spans = factories.suggest(article, (0, 5, "NORP"), (10, 17, "NORP"))
    decide(user=manager, article=article, choices=[Choice("confirm", span.pk, 1) for span in spans])
    result = merge(manager, "NORP", "GPE")
    decide(user=manager, article=article, choices=[Choice("reject", spans[0].pk, 3)])
    undone = undo(user=manager, decision=result.decision)
    assert [entry["span"] for entry in undone.left_out] == [spans[0].pk]
    assert (10, "NORP", "confirmed") in triples(article)


def test_spans_in_withdrawn_articles_keep_the_label(corpus, manager, article):
    other = factories.make_article(corpus, "Muallem is in Tehran.")
    factories.suggest(article, (0, 5, "NORP"))
    factories.suggest(other, (0, 7, "NORP"))
    withdraw_articles(user=manager, corpus=corpus, article_ids=[other.pk])
    merge(manager, "NORP", "GPE")
    assert (triples(article), triples(other)) == ([(0, "GPE", "suggested")], [(0, "NORP", "suggested")])


def test_a_merge_without_spans_is_undone_by_showing_the_label(corpus, manager):
    assert merge(manager, "LAW", "EVENT").decision is None
    assert not Decision.objects.filter(corpus=corpus).exists()
    shown = show_label(user=manager, label=label(corpus, "LAW"))
    assert (shown.hidden_at, shown.merged_into) == (None, None)


def test_undo_in_the_workbench_passes_a_merge(corpus, manager, article):
    (span,) = factories.suggest(article, (0, 5, "NORP"))
    first = decide(user=manager, article=article, choices=[Choice("confirm", span.pk, 1)]).decision
    result = merge(manager, "NORP", "GPE")
    assert own_decisions(manager, article) == (first, None)
    undo(user=manager, decision=result.decision)
    assert own_decisions(manager, article) == (first, None)


def test_merges_that_are_refused(corpus, manager, article):
    factories.suggest(article, (0, 5, "NORP"))
    with pytest.raises(Invalid, match="into itself"):
        merge(manager, "NORP", "NORP")
    other = factories.make_corpus("other")
    with pytest.raises(Invalid, match="another corpus"):
        merge_labels(user=manager, label=label(corpus, "NORP"), into=label(other, "GPE"))
    hide_label(user=manager, label=label(corpus, "GPE"))
    with pytest.raises(Conflict, match="hidden"):
        merge(manager, "NORP", "GPE")
    editor = factories.make_member(corpus)
    with pytest.raises(NotAllowed):
        merge_labels(user=editor, label=label(corpus, "NORP"), into=label(corpus, "ORG"))
    assert triples(article) == [(0, "NORP", "suggested")]


def test_a_merge_of_too_many_spans_is_refused(corpus, manager, article, monkeypatch):
    factories.suggest(article, (0, 5, "NORP"), (10, 17, "NORP"))
    monkeypatch.setattr("annotations.review.actions.merge_labels.MAX_SPANS", 1)
    with pytest.raises(Conflict, match="has 2 spans, and a merge changes 1 at most"):
        merge(manager, "NORP", "GPE")
    monkeypatch.setattr("annotations.review.actions.merge_labels.MAX_SPANS", 2)
    merge(manager, "NORP", "GPE")
    assert triples(article) == [(0, "GPE", "suggested"), (10, "GPE", "suggested")]


def test_editors_cannot_undo_a_merge(corpus, manager, article):
    factories.suggest(article, (0, 5, "NORP"))
    result = merge(manager, "NORP", "GPE")
    with pytest.raises(NotAllowed):
        undo(user=factories.make_member(corpus), decision=result.decision)
    with pytest.raises(Conflict, match="already undone"):
        for _ in range(2):
            undo(user=manager, decision=result.decision)


PLACES = [(0, 5), (0, 9), (10, 17), (21, 29)]
spans_of_two_labels = st.dictionaries(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(["NORP", "GPE", "ORG"])),
    st.sampled_from(["suggested", "confirmed", "rejected"]),
    min_size=1,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=spans_of_two_labels, done=st.booleans())
def test_merge_and_undo_restore_every_span(corpus, manager, states, done):
    article = factories.make_article(corpus, f"{factories.TEXT} {next(factories.numbers)}")
    spans = factories.suggest(article, *[(start, end, name) for (start, end), name in states])
    verbs = {"confirmed": "confirm", "rejected": "reject"}
    choices = [
        Choice(verbs[state], span.pk, 1)
        for span in spans
        if (state := states[(span.start, span.end), span.label.name]) in verbs
    ]
    if choices:
        decide(user=manager, article=article, choices=choices)
    if done:
        finish(user=manager, article=article)
    before, revisions = rows(corpus), dict(Span.objects.filter(corpus=corpus).values_list("pk", "revision"))
    result = merge(manager, "NORP", "GPE")
    assert decided(article) == replayed(article)
    assert not Span.objects.filter(label__name="NORP", corpus=corpus).exclude(state="rejected").exists()
    if result.decision is None:
        show_label(user=manager, label=result.label)
    else:
        undo(user=manager, decision=result.decision)
    assert rows(corpus) == before
    assert decided(article) == replayed(article)
    after = dict(Span.objects.filter(corpus=corpus).values_list("pk", "revision"))
    # No revision ever names two states of a span.
    assert all(after[pk] in (revision, revision + 2) for pk, revision in revisions.items())
    assert not label(corpus, "NORP").hidden
