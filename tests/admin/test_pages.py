"""All pages: no inline scripts or styles, and a constant number of queries."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.review.actions.apply_to_matches import apply_to_matches
from annotations.review.actions.choices import Choice, ShownMatch
from annotations.review.actions.decide import decide
from annotations.review.models import Decision, Label
from annotations.suggestions.models import Run
from corpusapp.accounts.models import User
from corpusapp.articles.models import Article, CopyGroup, Corpus, Membership, Zone
from tests import factories
from tests.admin.addresses import page
from tests.admin.test_who_enters import GLOBAL, SCOPED

INLINE = re.compile(
    r"<style|<script(?![^>]*\bsrc=)(?![^>]*application/json)|<[^>]*\s(?:style|on[a-z]+)=", re.IGNORECASE
)


def addresses(cast):
    yield reverse("admin:index")
    yield page(Article, "import")
    for model in (*SCOPED, *GLOBAL):
        yield page(model, "changelist")
    for model in SCOPED:
        yield page(model, "change", cast.rows[model].pk)
        yield page(model, "history", cast.rows[model].pk)
    for model in (Corpus, Membership, Label, Zone, User):
        yield page(model, "add")
    for model in (Membership, Zone):
        yield page(model, "delete", cast.rows[model].pk)
    yield page(User, "change", cast.people["manager"].pk)
    yield f"/admin/accounts/user/{cast.people['manager'].pk}/password/"


def test_no_page_needs_inline_script_or_style(cast):
    client = cast.client("superuser")
    for address in addresses(cast):
        response = client.get(address)
        assert response.status_code == 200, address
        assert "'unsafe" not in response["Content-Security-Policy"]
        assert not INLINE.findall(response.text), address


def test_the_password_is_changed_on_the_page_that_counts_wrong_ones(cast):
    for person in ("superuser", "manager"):
        assert cast.client(person).get(reverse("admin:password_change"))["Location"] == reverse("password-change")


@pytest.mark.parametrize("model", [Article, Decision, Run])
def test_a_page_runs_the_same_queries_however_much_it_shows(cast, model):
    client = cast.client("manager")
    few_row, many_row = cast.rows[model], many(cast)[model]
    client.get(page(model, "change", few_row.pk))
    with CaptureQueriesContext(connection) as few:
        client.get(page(model, "change", few_row.pk))
    with CaptureQueriesContext(connection) as more:
        client.get(page(model, "change", many_row.pk))
    assert len(more) == len(few)


def many(cast):
    """An article with a zone, and a decision on many of its spans."""
    zones = [[start, start + 5, "caption"] for start in range(20)]
    article = factories.make_article(cast.here, zones=zones, suggest=True, source="Another")
    Article.objects.filter(pk=article.pk).update(copy_group=cast.rows[CopyGroup].pk)
    labels = ("ORG", "GPE", "PERSON", "LAW")
    choices = [Choice("add", start=start, end=start + 4, label=labels[start % 4]) for start in range(30)]
    decision = decide(user=cast.people["manager"], article=article, choices=choices).decision
    return {Article: article, Decision: decision, Run: article.run_items.get().run}


def test_a_decision_on_several_articles_names_each(cast):
    articles = [factories.make_article(cast.here, f"{n}: Zarif spoke.", title=f"Report {n}") for n in range(3)]
    spans = [factories.suggest(article, (3, 8, "ORG"))[0] for article in articles]
    shown = [ShownMatch(span.article_id, span.pk, span.revision) for span in spans[1:]]
    choice = Choice("reject", spans[0].pk, spans[0].revision)
    result = apply_to_matches(user=cast.people["manager"], article=articles[0], choice=choice, shown=shown)
    client = cast.client("manager")
    assert ">several</td>" in client.get(page(Decision, "changelist")).text
    shown_page = client.get(page(Decision, "change", result.decision.pk)).text
    assert all(f"Report {n}" in shown_page for n in range(3))
