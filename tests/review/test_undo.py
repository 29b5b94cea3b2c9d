"""Undo restores the spans that nobody changed since, and reports the others."""

import contextlib
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.review.actions.choices import Choice, Seen
from annotations.review.actions.confirm_shown import confirm_shown
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish, finish_many, reopen
from annotations.review.actions.undo import undo
from annotations.review.models import Decision, Review, Span
from annotations.review.queries import decisions_on, last_decision, last_undo
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed, Refusal
from tests import factories
from tests.review.replay import decided, replayed

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus)


@pytest.fixture
def spans(article):
    return factories.suggest(article, (0, 5, "ORG"), (10, 17, "PERSON"), (21, 29, "GPE"))


def current_spans(article):
    columns = ("id", "start", "end", "label__name", "state", "score", "pipeline_id")
    return sorted(Span.objects.filter(article=article).values_list(*columns))


def every_verb(spans):
    first, second, third = spans
    return [
        Choice("relabel", first.pk, 1, label="PERSON"),
        Choice("move", second.pk, 1, start=6, end=17),
        Choice("reject", third.pk, 1),
        Choice("add", start=30, end=36, label="PERSON"),
    ]


def test_undo_and_redo_of_every_verb(editor, article, spans):
    before = current_spans(article)
    result = decide(user=editor, article=article, choices=every_verb(spans))
    after = current_spans(article)
    undone = undo(user=editor, decision=result.decision)
    assert (undone.decision.verb, undone.left_out, current_spans(article)) == ("undo", [], before)
    redone = undo(user=editor, decision=undone.decision)
    assert (redone.decision.verb, redone.left_out, current_spans(article)) == ("redo", [], after)
    assert undo(user=editor, decision=redone.decision).decision.verb == "undo"
    assert current_spans(article) == before


def test_decision_is_undone_once(editor, article, spans):
    result = decide(user=editor, article=article, choices=every_verb(spans))
    undo(user=editor, decision=result.decision)
    with pytest.raises(Conflict, match="already undone"):
        undo(user=editor, decision=result.decision)


def one_by_one(editor, article, span, *choices):
    results = []
    for verb, values in choices:
        revision = Span.objects.get(pk=span.pk).revision
        results.append(decide(user=editor, article=article, choices=[Choice(verb, span.pk, revision, **values)]))
    return [result.decision for result in results]


def test_decisions_on_one_span_are_undone_and_redone_one_by_one(editor, article, spans):
    verbs = [("confirm", {}), ("relabel", {"label": "PERSON"}), ("move", {"start": 0, "end": 9}), ("reject", {})]
    before = [current_spans(article)]
    results = []
    for verb in verbs:
        results += one_by_one(editor, article, spans[0], verb)
        before.append(current_spans(article))
    undone = []
    for number, result in reversed(list(enumerate(results))):
        undone.append(undo(user=editor, decision=result).decision)
        assert current_spans(article) == before[number]
    redone = []
    for number, result in enumerate(reversed(undone)):
        redone.append(undo(user=editor, decision=result).decision)
        assert current_spans(article) == before[number + 1]
    for number, result in reversed(list(enumerate(redone))):
        undo(user=editor, decision=result)
        assert current_spans(article) == before[number]
    assert replayed(article) == decided(article)


def test_decision_under_a_later_one_cannot_be_undone(editor, corpus, article, spans):
    first, second = one_by_one(editor, article, spans[0], ("confirm", {}), ("reject", {}))
    undone = undo(user=editor, decision=second).decision
    undo(user=editor, decision=undone)
    with pytest.raises(Conflict, match="everything in this decision"):
        undo(user=editor, decision=first)
    # Nor if another user decided the same.
    other = factories.make_member(corpus, username="anna")
    one_by_one(other, article, spans[0], ("confirm", {}))
    with pytest.raises(Conflict, match="everything in this decision"):
        undo(user=editor, decision=first)


def test_undo_of_a_decision_under_one_that_left_the_span_unchanged(editor, article, spans):
    """The middle decision logs the span without changing it, so its undo does not change it either."""
    place = {"start": spans[0].start, "end": spans[0].end}
    before = current_spans(article)
    first = decide(user=editor, article=article, choices=[Choice("relabel", spans[0].pk, 1, label="GPE")]).decision
    (span,) = article.spans.filter(**place, label__name="GPE")
    added = decide(user=editor, article=article, choices=[Choice("add", **place, label=spans[0].label.name)]).decision
    other = article.spans.get(**place, label=spans[0].label)
    met = Choice("relabel", other.pk, other.revision, label="GPE")
    middle = decide(user=editor, article=article, choices=[met]).decision
    last = decide(user=editor, article=article, choices=[Choice("reject", span.pk, span.revision)]).decision
    for result in (last, middle, added, first):
        undo(user=editor, decision=result)
        assert replayed(article) == decided(article)
    assert current_spans(article) == before


PLACES = [(0, 5), (0, 9), (6, 9), (10, 17), (10, 29)]
LABELS = ["PERSON", "ORG", "GPE"]
PLACED = st.tuples(st.sampled_from(PLACES), st.sampled_from(LABELS))
STEPS = st.one_of(
    st.tuples(st.just("machine"), st.sets(PLACED, max_size=4)),
    st.tuples(st.just("look")),
    st.tuples(st.just("undo")),
    st.tuples(st.just("add"), PLACED),
    st.tuples(st.sampled_from(["confirm", "reject", "relabel", "move"]), PLACED, st.integers(0, 5)),
)


def choice_of(verb, placed, span=None):
    (start, end), label = placed
    if verb == "add":
        return Choice(verb, start=start, end=end, label=label)
    more = {"relabel": {"label": label}, "move": {"start": start, "end": end}}.get(verb, {})
    return Choice(verb, span.pk, span.revision, seen=Seen(span.start, span.end, span.label.name), **more)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=3, max_size=14))
def test_all_decisions_can_be_undone_in_turn_despite_new_suggestions(editor, corpus, steps):
    article = factories.make_article(corpus, f"Zarif met Muallem in Damascus. {uuid.uuid4()}")
    factories.suggest(article, *((*place, "ORG") for place in PLACES))
    shown = list(article.spans.select_related("label"))
    results = []
    for verb, *rest in steps:
        if verb == "machine":
            factories.suggest(article, *((*place, label) for place, label in rest[0]))
        elif verb == "look":
            shown = list(article.spans.select_related("label")) or shown
        elif verb == "undo" and results:
            undo(user=editor, decision=results.pop())
        elif verb != "undo":
            choice = choice_of(verb, rest[0], shown[rest[1] % len(shown)] if rest[1:] else None)
            with contextlib.suppress(Refusal):
                results.append(decide(user=editor, article=article, choices=[choice]).decision)
    for result in reversed(results):
        undo(user=editor, decision=result)
        assert replayed(article) == decided(article)
    assert decided(article) == {}


def test_spans_changed_since_are_left_out_and_reported(editor, article, spans):
    result = decide(user=editor, article=article, choices=every_verb(spans))
    decide(user=editor, article=article, choices=[Choice("confirm", spans[2].pk, 2)])
    undone = undo(user=editor, decision=result.decision)
    assert [row["span"] for row in undone.left_out] == [spans[2].pk]
    states = {row[0]: (row[3], row[4]) for row in current_spans(article)}
    assert states[spans[0].pk] == ("ORG", "suggested")
    assert states[spans[2].pk] == ("GPE", "confirmed")


def test_changes_of_one_choice_are_undone_together_or_not_at_all(editor, article, spans):
    result = decide(user=editor, article=article, choices=[Choice("relabel", spans[0].pk, 1, label="PERSON")])
    left = Span.objects.get(article=article, start=0, label__name="ORG")
    decide(user=editor, article=article, choices=[Choice("confirm", left.pk, 1)])
    before = current_spans(article)
    with pytest.raises(Conflict, match="everything in this decision"):
        undo(user=editor, decision=result.decision)
    assert current_spans(article) == before


def test_redo_is_refused_if_the_range_was_taken_meanwhile(editor, article, spans):
    added = decide(user=editor, article=article, choices=[Choice("add", start=30, end=36, label="PERSON")])
    undone = undo(user=editor, decision=added.decision)
    again = decide(user=editor, article=article, choices=[Choice("add", start=30, end=36, label="PERSON")])
    with pytest.raises(Conflict):
        undo(user=editor, decision=undone.decision)
    assert again.spans[0].state == "confirmed"


def test_redo_works_after_new_suggestions(editor, article, spans):
    result = decide(user=editor, article=article, choices=[Choice("confirm", spans[0].pk, 1)])
    undone = undo(user=editor, decision=result.decision)
    factories.suggest(article, (0, 5, "ORG"), score=0.9)
    assert undo(user=editor, decision=undone.decision).spans[0].state == "confirmed"


def test_last_decision_and_last_undo_are_the_users_own(editor, corpus, article, spans):
    other = factories.make_member(corpus)
    mine = decide(user=editor, article=article, choices=[Choice("confirm", spans[0].pk, 1)])
    decide(user=other, article=article, choices=[Choice("confirm", spans[1].pk, 1)])
    assert last_decision(editor, article) == mine.decision
    undone = undo(user=editor, decision=mine.decision)
    assert last_decision(editor, article) is None
    assert last_undo(editor, article) == undone.decision
    redone = undo(user=editor, decision=undone.decision)
    assert last_decision(editor, article) == redone.decision
    assert last_undo(editor, article) is None


def test_only_managers_undo_decisions_of_others(editor, corpus, article, spans):
    result = decide(user=editor, article=article, choices=[Choice("confirm", spans[0].pk, 1)])
    with pytest.raises(NotAllowed, match="undo your own"):
        undo(user=factories.make_member(corpus), decision=result.decision)
    assert undo(user=factories.make_member(corpus, Role.MANAGER), decision=result.decision).spans


def test_reopening_cannot_be_undone(editor, article, spans):
    finished = finish(user=editor, article=article).decision
    reopen(user=editor, article=article)
    with pytest.raises(Invalid, match="cannot be undone"):
        undo(user=editor, decision=Decision.objects.latest("id"))
    with pytest.raises(Conflict, match="everything in this decision"):
        undo(user=editor, decision=finished)


def test_undo_of_finish_also_reverts_its_confirmations(editor, article, spans):
    result = finish(user=editor, article=article, shown={span.pk: 1 for span in spans[:2]} | {2**70: 1})
    assert (len(result.spans), result.left_out[0]["span"], result.decision.verb) == (2, 2**70, "finish")
    assert last_decision(editor, article) == result.decision
    taken_back = undo(user=editor, decision=result.decision)
    assert Review.objects.get(article=article).stage == "in_review"
    assert {span.state for span in Span.objects.filter(article=article)} == {"suggested"}
    assert len(taken_back.spans) == 2
    bare = finish(user=editor, article=article)
    assert undo(user=editor, decision=bare.decision).spans == []
    assert Review.objects.get(article=article).stage == "in_review"
    assert decided(article) == replayed(article)


def test_finish_with_a_later_finish_cannot_be_undone(editor, article, spans):
    first = finish(user=editor, article=article).decision
    reopen(user=editor, article=article)
    finish(user=factories.make_member(article.corpus), article=article)
    with pytest.raises(Conflict, match=r"reopen it|everything in this decision"):
        undo(user=editor, decision=first)
    assert Review.objects.get(article=article).stage == "done"


def test_many_articles_are_finished_in_one_decision(editor, corpus, article, spans):
    others = [factories.make_article(corpus, f"Report {number}.") for number in range(3)]
    finish(user=editor, article=others[2])
    foreign = factories.make_article(factories.make_corpus("elsewhere"), "Elsewhere.")
    ids = [article.pk, others[0].pk, others[1].pk, others[2].pk, foreign.pk, 2**70]
    result = finish_many(user=editor, corpus=corpus, article_ids=ids, client_key="k-1")
    assert result.decision.finished == sorted([article.pk, others[0].pk, others[1].pk])
    assert {entry["article"]: entry["reason"] for entry in result.left_out} == {
        others[2].pk: "it is already done",
        foreign.pk: "there is no such article in this corpus: it may be withdrawn",
        2**70: "there is no such article in this corpus: it may be withdrawn",
    }
    review = Review.objects.get(article=others[0])
    assert (review.stage, review.editor, review.done_by, review.done_at is None) == ("done", editor, editor, False)
    assert [decision.verb for decision in decisions_on(others[0])] == ["finish"]
    again = finish_many(user=editor, corpus=corpus, article_ids=ids, client_key="k-1")
    assert again.repeated and again.decision == result.decision
    reopen(user=editor, article=others[1])
    undone = undo(user=editor, decision=result.decision)
    assert [entry["article"] for entry in undone.left_out] == [others[1].pk]
    reviews = Review.objects.filter(article__in=[article, *others]).order_by("article_id")
    assert [review.stage for review in reviews] == ["in_review", "in_review", "in_review", "done"]
    with pytest.raises(Conflict, match="already undone"):
        undo(user=editor, decision=result.decision)


def test_refusals_of_finish_many(editor, corpus, article):
    with pytest.raises(Invalid, match="choose at least one"):
        finish_many(user=editor, corpus=corpus, article_ids=[])
    with pytest.raises(Invalid, match="the limit is 1000"):
        finish_many(user=editor, corpus=corpus, article_ids=range(1001))
    with pytest.raises(NotAllowed):
        finish_many(user=factories.make_member(corpus, Role.READER), corpus=corpus, article_ids=[article.pk])
    finish_many(user=editor, corpus=corpus, article_ids=[article.pk])
    with pytest.raises(Conflict, match="already done") as refusal:
        finish_many(user=editor, corpus=corpus, article_ids=[article.pk])
    assert refusal.value.current == [{"item": 0, "article": article.pk, "reason": "it is already done"}]


def test_finish_succeeds_although_suggestions_changed(editor, article, spans):
    result = finish(user=editor, article=article, shown={spans[0].pk: 9})
    assert (list(result.spans), [row["span"] for row in result.left_out]) == ([], [spans[0].pk])
    assert Review.objects.get(article=article).stage == "done"


def test_confirm_shown_leaves_out_changed_suggestions(editor, article, spans):
    decide(user=editor, article=article, choices=[Choice("reject", spans[0].pk, 1)])
    shown = {span.pk: 1 for span in spans[:2]} | {2**70: 1}
    result = confirm_shown(user=editor, article=article, shown=shown)
    assert [span.pk for span in result.spans] == [spans[1].pk]
    assert [row["span"] for row in result.left_out] == [spans[0].pk, 2**70]
    assert Span.objects.get(pk=spans[2].pk).state == "suggested"
    undo(user=editor, decision=result.decision)
    assert Span.objects.get(pk=spans[1].pk).state == "suggested"


def test_confirm_shown_refuses_an_empty_list(editor, article, spans):
    with pytest.raises(Invalid, match="nothing to confirm"):
        confirm_shown(user=editor, article=article, shown={})
    with pytest.raises(Conflict, match="all of the suggestions"):
        confirm_shown(user=editor, article=article, shown={spans[0].pk: 9})


def test_finish_and_reopen_change_the_stage(editor, article, spans):
    earlier = decide(user=editor, article=article, choices=[Choice("add", start=0, end=4, label="ORG")])
    result = finish(user=editor, article=article, shown={span.pk: 1 for span in spans})
    assert len(result.spans) == 3
    with pytest.raises(Conflict, match="already done"):
        finish(user=editor, article=article)
    with pytest.raises(Conflict, match="reopen it"):
        decide(user=editor, article=article, choices=[Choice("add", start=0, end=1, label="ORG")])
    with pytest.raises(Conflict, match="reopen it"):
        undo(user=editor, decision=earlier.decision)
    reopen(user=editor, article=article)
    with pytest.raises(Conflict, match="not done"):
        reopen(user=editor, article=article)
    assert undo(user=editor, decision=result.decision).spans


def test_redo_of_finish_marks_the_article_done_again(editor, article, spans):
    result = finish(user=editor, article=article, shown={span.pk: 1 for span in spans[:2]})
    undone = undo(user=editor, decision=result.decision)
    assert last_undo(editor, article) == undone.decision
    redone = undo(user=editor, decision=undone.decision)
    assert (redone.decision.verb, redone.decision.finished, len(redone.spans)) == ("redo", [article.pk], 2)
    review = Review.objects.get(article=article)
    assert (review.stage, review.done_by, review.done_at is None) == ("done", editor, False)
    assert last_decision(editor, article) == redone.decision
    undo(user=editor, decision=redone.decision)
    assert Review.objects.get(article=article).stage == "in_review"
    assert decided(article) == replayed(article)


def test_redo_of_finish_many_skips_articles_changed_since(editor, corpus, article):
    others = [factories.make_article(corpus, f"Report {number}.") for number in range(3)]
    ids = [article.pk, *(other.pk for other in others)]
    result = finish_many(user=editor, corpus=corpus, article_ids=ids)
    # The undo reopens three of the four.
    reopen(user=editor, article=others[0])
    undone = undo(user=editor, decision=result.decision)
    other = factories.make_member(corpus)
    finish(user=other, article=others[1])
    redone = undo(user=editor, decision=undone.decision)
    assert redone.decision.finished == [article.pk, others[2].pk]
    assert [entry["article"] for entry in redone.left_out] == [others[1].pk]
    stages = dict(Review.objects.filter(article__in=ids).values_list("article", "stage"))
    assert [stages[pk] for pk in ids] == ["done", "in_review", "done", "done"]
    assert Review.objects.get(article=others[1]).done_by == other
    assert [decision.verb for decision in decisions_on(article)] == ["redo", "finish"]
    # Refused once no article is left to finish.
    opened = undo(user=editor, decision=redone.decision)
    for pk in redone.decision.finished:
        finish(user=other, article=corpus.articles.get(pk=pk))
    with pytest.raises(Conflict, match="everything in this decision"):
        undo(user=editor, decision=opened.decision)
