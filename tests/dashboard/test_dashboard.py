"""The figures of the dashboard, its ranges, what needs attention, and the spans behind a disagreement."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.review.actions.choices import Choice
from annotations.review.actions.comments import add_comment
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish
from annotations.review.actions.undo import undo
from annotations.review.models import Decision, Review
from annotations.review.queries.progress import added_spans, decided_spans, time_per_article, weeks_until
from corpusapp.articles.models import Article, ImportBatch, Role
from corpusapp.dashboard.numbers import numbers_of
from tests import factories
from tests.api.client import Rest

TODAY = timezone.now().date


@pytest.fixture
def decided(article, editor):
    """One of each: confirmed, relabelled, rejected, moved, and an added span."""
    first, second, third, fourth = article.spans.order_by("start")
    choices = [
        Choice("confirm", first.pk, 1),
        Choice("relabel", second.pk, 1, label="PERSON"),
        Choice("reject", third.pk, 1),
        Choice("move", fourth.pk, 1, start=46, end=52),
        Choice("add", start=31, end=36, label="PERSON"),
    ]
    decide(user=editor, article=article, choices=choices)
    return article


def page(user, name="dashboard", **query):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, args=["desk"]), query)


def figures(html):
    """The figures by their names."""
    rows = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", html, re.DOTALL)
    return {name: re.sub(r"<[^>]+>", "", value).strip() for name, value in rows}


def decided_at(article, moment):
    """As if the decisions on the article were made then."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE review_decision DISABLE TRIGGER USER")
        Decision.objects.filter(article=article).update(created_at=moment)
        cursor.execute("ALTER TABLE review_decision ENABLE TRIGGER USER")


def test_the_row_of_figures(decided, editor):
    add_comment(user=editor, article=decided, text="Which Zarif?")
    html = page(editor).content.decode()
    assert figures(html) == {
        "done of 1": "0", "left": "1", "spans decided this week": "5", "suggestions right": "25 %",
        "spans added by hand": "1", "open comment": "1",
    }  # fmt: skip
    finish(user=editor, article=decided)
    Review.objects.update(started_at=timezone.now() - timedelta(minutes=12))
    html = page(editor).content.decode()
    assert figures(html)["median time per article"] == "12 min"
    assert figures(html)["done of 1"] == "1"
    assert time_per_article(decided.corpus, TODAY()).keys() == {"nora", ""}


def test_editors_are_named_also_if_there_is_one(decided, editor):
    html = page(editor).content.decode()
    assert '<th scope="row">nora</th>' in html and "<td>5</td>" in html


def test_added_spans_are_what_nothing_suggested(decided, editor):
    rows = decided_spans(decided.corpus, weeks_until(TODAY(), 1)[0])
    assert [(row.given, row.count) for row in added_spans(rows)] == [("PERSON", 1)]
    undo(user=editor, decision=editor.decisions.get())
    assert decided_spans(decided.corpus, weeks_until(TODAY(), 1)[0]) == []


def test_ranges(decided, editor):
    decided_at(decided, timezone.now() - timedelta(weeks=20))
    shown = {name: page(editor, range=name).content.decode() for name in ("4", "12", "52", "all", "nonsense")}
    assert {name: "No decisions in the last" in html for name, html in shown.items()} == {
        "4": True, "12": True, "52": False, "all": False, "nonsense": True,
    }  # fmt: skip
    assert "per month" in shown["52"] and "per week" in shown["all"]
    for name in ("4", "12", "52", "all"):
        assert f'?range={name}" aria-current="true"' in shown[name]


def test_a_chart_is_drawn_only_with_data(decided, editor):
    html = page(editor).content.decode()
    assert "Articles finished" not in html and "Spans decided per week" in html
    assert "No suggestion of EVENT was decided." in page(editor, label="EVENT").content.decode()
    assert "No data." not in html


def test_what_needs_attention(decided, editor):
    other = factories.make_member(decided.corpus, Role.EDITOR, "zaid")
    assert '<p class="quiet">Nothing.</p>' in page(editor).content.decode()
    factories.upload(decided.corpus, ("broken.jsonl", b"{broken\n"))
    add_comment(user=editor, article=decided, text="The first question")
    for number in range(7):
        add_comment(user=editor, article=decided, text=f"Question {number}")
    span = decided.spans.get(label__name="GPE", state="confirmed")
    finish(user=other, article=decided, shown={span.pk: 1})
    html = page(editor).content.decode()
    for words in ("Failed imports", "1 item failed", "The first question", "Conflicts", "1 left out, zaid"):
        assert words in html, words
    assert "Question 6" not in html
    ImportBatch.objects.update(started_at=timezone.now() - timedelta(days=31))
    assert "Failed imports" not in page(editor).content.decode()


DISAGREEMENTS = [
    ({"verb": "relabel", "suggested": "ORG", "given": "PERSON"}, "ORG, relabelled PERSON", "Muallem"),
    ({"verb": "reject", "suggested": "GPE", "given": "GPE"}, "GPE, rejected", "Damascus"),
    ({"verb": "move", "suggested": "GPE", "given": "GPE"}, "GPE, with other boundaries", "ehran"),
    ({"verb": "add", "given": "PERSON"}, "PERSON, added by hand", "Zarif"),
]


@pytest.mark.parametrize(("query", "title", "words"), DISAGREEMENTS)
def test_a_disagreement_links_to_its_spans(decided, editor, query, title, words):
    html = page(editor, range="4").content.decode()
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/disagreements/[^"]*)"', html)]
    assert len(links) == 4
    assert any(all(f"{name}={value}" in link for name, value in query.items()) for link in links)
    shown = page(editor, "disagreements", **query, range="4").content.decode()
    assert title in re.sub(r"\s+", " ", shown)
    assert re.findall(r"<mark[^>]*>([^<]*)</mark>", shown) == [words]
    assert "nora" in shown and "Zarif in Damascus" in shown and f"/articles/{decided.pk}/?span=" in shown


def test_spans_of_withdrawn_articles_and_undone_decisions_are_not_shown(decided, editor):
    query = DISAGREEMENTS[0][0]
    Article.objects.update(withdrawn_at=timezone.now())
    assert "None in this range." in page(editor, "disagreements", **query).content.decode()
    Article.objects.update(withdrawn_at=None)
    undo(user=editor, decision=editor.decisions.get())
    assert "None in this range." in page(editor, "disagreements", **query).content.decode()


REFUSED = [
    ({}, "is not a correction"),
    ({"verb": "confirm", "suggested": "ORG"}, "is not a correction"),
    ({"verb": "reject"}, "no label"),
    ({"verb": "relabel", "suggested": "NONE"}, "no label"),
    ({"verb": "relabel", "suggested": "ORG", "given": "NONE"}, "no label"),
    ({"verb": "add", "suggested": "ORG"}, "no label"),
]


@pytest.mark.parametrize(("query", "reason"), REFUSED)
def test_a_malformed_address_is_refused(decided, editor, query, reason):
    response = page(editor, "disagreements", **query)
    assert response.status_code == 400 and reason in response.content.decode()


def test_members_alone_see_the_spans(decided):
    query = DISAGREEMENTS[0][0]
    assert page(factories.make_member(decided.corpus, Role.READER), "disagreements", **query).status_code == 200
    stranger = factories.make_member(factories.make_corpus("elsewhere"), Role.MANAGER)
    assert page(stranger, "disagreements", **query).status_code == 404


def test_the_same_numbers_over_rest(decided, editor):
    rest = Rest(editor)
    found = rest.get("corpora/desk/dashboard/?weeks=4").json()
    assert len(found["weeks"]) == 4
    assert found["added"] == [{"label": "PERSON", "count": 1}]
    assert (found["seconds_per_article"], found["conflicts"]) == (None, 0)
    finish(user=editor, article=decided)
    Review.objects.update(started_at=timezone.now() - timedelta(minutes=12))
    assert 700 < rest.get("corpora/desk/dashboard/").json()["seconds_per_article"] < 740
    assert rest.get("corpora/desk/dashboard/?weeks=0").status_code == 400


def test_a_dashboard_takes_a_fixed_number_of_queries(decided, editor, django_assert_max_num_queries):
    with django_assert_max_num_queries(32):
        numbers_of(decided.corpus, 6)
