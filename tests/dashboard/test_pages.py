"""The dashboard and the label pages: permissions, numbers, and charts without inline styles."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.review.actions.choices import Choice
from annotations.review.actions.comments import add_comment
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish
from annotations.review.actions.undo import undo
from annotations.review.models import Review
from annotations.review.queries.progress import (
    Disagreement,
    decided_spans,
    disagreements,
    idle_reviews,
    outcomes,
    weekly_work,
    weeks_until,
)
from annotations.suggestions.models import Run, RunItem
from corpusapp.articles.models import Role
from tests import factories


@pytest.fixture
def decided(article, editor):
    """An article with a suggestion that is confirmed, a corrected one, a rejected one, and one confirmed and undone."""
    first, second, third, fourth = article.spans.order_by("start")
    choices = [
        Choice("confirm", first.pk, 1),
        Choice("relabel", second.pk, 1, label="PERSON"),
        Choice("reject", third.pk, 1),
    ]
    decide(user=editor, article=article, choices=choices)
    undone = decide(user=editor, article=article, choices=[Choice("confirm", fourth.pk, 1)])
    undo(user=editor, decision=undone.decision)
    return article


def page(user, name, *args, **query):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=["desk", *args]), query)


@pytest.mark.parametrize(("name", "args"), [("dashboard", []), ("label", ["PERSON"])])
def test_all_members_and_nobody_else_can_see_them(article, name, args):
    assert Client().get(reverse(name, args=["desk", *args])).status_code == 302
    for role in Role:
        assert page(factories.make_member(article.corpus, role), name, *args).status_code == 200
    stranger = factories.make_member(factories.make_corpus("elsewhere"), Role.MANAGER)
    assert page(stranger, name, *args).status_code == 404


def test_outcomes_of_suggestions(decided, editor):
    weeks = weeks_until(timezone.now().date(), 12)
    rows = decided_spans(decided.corpus, weeks[0])
    found = {(row.label, row.outcome): row.count for row in outcomes(rows)}
    assert found == {("PERSON", "confirmed"): 1, ("ORG", "corrected"): 1, ("GPE", "rejected"): 1}
    assert {row.week for row in outcomes(rows)} == {weeks[-1]}
    assert disagreements(rows) == [
        Disagreement("GPE", "reject", "GPE", 1), Disagreement("ORG", "relabel", "PERSON", 1)
    ]  # fmt: skip
    finish(user=editor, article=decided)
    (pace,) = weekly_work(decided.corpus, rows, weeks[0])
    assert (pace.editor, pace.spans, pace.finished) == ("nora", 3, 1)


def test_a_redone_decision_counts_again(article, editor):
    (week,) = weeks_until(timezone.now().date(), 1)
    confirmed = decide(user=editor, article=article, choices=[Choice("confirm", article.spans.first().pk, 1)])
    undone = undo(user=editor, decision=confirmed.decision)
    assert outcomes(decided_spans(article.corpus, week)) == []
    redone = undo(user=editor, decision=undone.decision)
    assert [row.count for row in outcomes(decided_spans(article.corpus, week))] == [1]
    finished = finish(user=editor, article=article)

    def paces_now():
        paces = weekly_work(article.corpus, decided_spans(article.corpus, week), week)
        return [(pace.spans, pace.finished) for pace in paces]

    assert (redone.decision.verb, paces_now()) == ("redo", [(1, 1)])
    undone = undo(user=editor, decision=finished.decision)
    assert paces_now() == [(1, 0)]
    undo(user=editor, decision=undone.decision)
    assert paces_now() == [(1, 1)]


def test_what_needs_attention(decided, editor):
    add_comment(user=editor, article=decided, text="Which Zarif?")
    run = Run.objects.create(corpus=decided.corpus, user=editor)
    RunItem.objects.create(run=run, article=decided, state="failed", error="the service is away")
    Review.objects.filter(article=decided).update(started_at=timezone.now() - timedelta(days=30))
    html = page(editor, "dashboard").content.decode()
    assert "Which Zarif?" in html and "the service is away" in html
    assert not idle_reviews(decided.corpus, timezone.now() - timedelta(days=14)).exists()
    assert idle_reviews(decided.corpus, timezone.now() + timedelta(hours=1)).get().article == decided
    RunItem.objects.create(run=Run.objects.create(corpus=decided.corpus, user=editor), article=decided, state="done")
    assert "the service is away" not in page(editor, "dashboard").content.decode()


def test_charts_have_tables_and_no_inline_styles_or_scripts(decided, editor):
    html = page(editor, "dashboard").content.decode()
    # No article was finished, so that there is no chart of it.
    assert html.count('class="pygal-chart"') == html.count("<summary>Table</summary>") == 2
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        assert not re.search(r"<style|<script|style=|\son\w+=|http://(?!www\.w3\.org)", svg), svg[:400]
        assert ('role="img"' in svg and "aria-label=" in svg) or 'aria-hidden="true"' in svg
    assert re.search(r"<td>1</td><td>1</td><td>1</td>", html)
    assert page(editor, "dashboard", label="ORG").status_code == 200


def test_an_empty_corpus_has_a_dashboard(db):
    corpus = factories.make_corpus()
    html = page(factories.make_member(corpus, Role.READER), "dashboard").content.decode()
    assert "No decisions in the last 12 weeks" in html
    assert "<svg" not in html


def test_a_label_with_its_examples(decided, editor):
    html = page(editor, "label", "PERSON").content.decode()
    assert "People, also fictional ones" in html and "2 confirmed" in html
    assert re.findall(r"<mark[^>]*>([^<]+)</mark>", html) == ["Muallem", "Zarif"]
    assert "No confirmed EVENT spans yet" in page(editor, "label", "EVENT").content.decode()
    assert page(editor, "label", "NONESUCH").status_code == 404
