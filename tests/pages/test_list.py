"""The article list: filters, search, pages, bulk finish, and empty lists."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.review import queries
from annotations.review.models import Decision, Review
from annotations.review.queries import ArticleFilter, list_articles
from annotations.review.queries.listing import count_articles
from annotations.review.queries.work import next_to_review
from annotations.review.views.articles import _number_of
from corpusapp.accounts.models import User
from tests import factories
from tests.pages.reading import tags
from tests.pages.test_copies import STORY


@pytest.fixture
def address(corpus):
    return reverse("article-list", args=[corpus.slug])


@pytest.fixture
def three(corpus):
    """Rain of 2018 from SANA with a GPE, snow of 2019 from IRNA, and a storm without source."""
    rain = factories.make_article(
        corpus, "It rained in Damascus.", title="Rain", source="SANA", published_on="2018-09-03"
    )
    factories.suggest(rain, (13, 21, "GPE"))
    snow = factories.make_article(corpus, "It snowed.", title="Snow", source="IRNA", published_on="2019-01-02")
    storm = factories.make_article(corpus, "It stormed.\nHail.")
    return rain, snow, storm


def headlines(html):
    """The headlines, in the order of the page."""
    found = html.split('<h2 dir="auto">')[1:]
    return [piece.split(">", 1)[1].split("<", 1)[0] for piece in found]


FILTERS = [
    ({}, ["It stormed.", "Snow", "Rain"]),
    ({"source": "SANA"}, ["Rain"]),
    ({"published_from": "2018-10-01"}, ["Snow"]),
    ({"published_to": "2018-10-01"}, ["Rain"]),
    ({"stage": "suggested"}, ["Rain"]),
    ({"stage": "new"}, ["It stormed.", "Snow"]),
    ({"label": "GPE"}, ["Rain"]),
    ({"label": "PERSON"}, []),
    ({"q": "damascus"}, ["Rain"]),
    ({"q": "rain or snow", "order": "newest"}, ["Snow", "Rain"]),
    ({"q": '"it snowed"'}, ["Snow"]),
    ({"q": "it -rained -snowed"}, ["It stormed."]),
    ({"q": "nothing-of-this"}, []),
]


@pytest.mark.parametrize(("given", "expected"), FILTERS)
def test_filters(address, three, editor, given, expected):
    assert headlines(editor.get(address, given).content.decode()) == expected


REFUSED = [
    ({"stage": "gone"}, "is not a stage"),
    ({"published_from": "3 Sept"}, "is not a date"),
    ({"published_to": "2018-02-30"}, "is not a date"),
    ({"q": "x" * 501}, "the limit is 500"),
    ({"cursor": "zzz"}, "cursor for this list"),
]


@pytest.mark.parametrize(("given", "sentence"), REFUSED)
def test_invalid_filter_is_shown_with_its_refusal(address, three, editor, given, sentence):
    answer = editor.get(address, given)
    assert answer.status_code == 400
    assert sentence in answer.content.decode()


def test_pages_are_linked_by_cursor(address, corpus, editor, monkeypatch):
    for number in range(5):
        factories.make_article(corpus, f"Text {number}.", title=f"Title {number}")
    monkeypatch.setattr(queries.list_articles, "__kwdefaults__", {"cursor": "", "size": 2})
    seen, link = [], address
    while link:
        html = editor.get(link).content.decode()
        seen += headlines(html)
        link = next((found["href"] for tag, found in tags(html) if tag == "a" and found.get("rel") == "next"), "")
        link = link and address + link
    assert seen == [f"Title {number}" for number in (4, 3, 2, 1, 0)]


def test_empty_list_has_a_hint(address, corpus, visitors):
    assert "Import articles" in visitors["manager"].get(address).content.decode()
    assert "No articles yet" in visitors["reader"].get(address).content.decode()
    assert "No articles match" in visitors["reader"].get(address, {"q": "rain"}).content.decode()


def test_filters_show_counts(address, three, editor):
    html = editor.get(address).content.decode()
    assert "1 to decide, 0 confirmed" in html
    assert '>SANA</span> <span class="count">1</span>' in html


def test_near_copies_stay_folded_in_each_order_and_are_counted_as_they_are_listed(address, corpus, editor):
    for text in (STORY, STORY.replace("refugees", "exiles")):
        factories.make_article(corpus, text)
    for given, number in (({}, "1 article"), ({"order": "date"}, "1 article"), ({"stage": "new"}, "2 articles")):
        page = editor.get(address, given).text
        assert f'<span class="hit-count">{number}</span>' in page
        assert page.count("data-row") == int(number[0])
    assert "+1 near copy" in page


def test_long_lists_are_counted_up_to_a_limit(corpus, three):
    counted = [count_articles([corpus], ArticleFilter(order=order), most=2) for order in ("best", "date", "work")]
    assert counted == [3, 3, 1]
    assert count_articles([corpus], ArticleFilter(query="it"), most=1) == 2
    assert _number_of(10_001) == "More than 10,000 articles"


def test_order_by_date_puts_undated_articles_last_on_all_pages(corpus, three):
    rain, snow, storm = three
    later = factories.make_article(corpus, "It froze.", published_on="2019-01-02")
    hail = factories.make_article(corpus, "It hailed.")
    seen, cursor = [], ""
    while cursor is not None:
        page = list_articles([corpus], ArticleFilter(order="date"), cursor=cursor, size=2)
        seen += [row.article.pk for row in page.rows]
        cursor = page.next_cursor
    assert seen == [later.pk, snow.pk, rain.pk, hail.pk, storm.pk]
    assert next_to_review(factories.make_member(corpus), corpus, order="date", after=snow.pk) == rain.pk


def test_next_goes_down_each_order_and_begins_anew_after_a_finished_article(corpus):
    editor = factories.make_member(corpus)
    one, two, none = (factories.make_article(corpus, f"Zarif met Assad {n}.", title="Zarif" * n) for n in (1, 2, 3))
    factories.suggest(one, (0, 5, "PERSON"), score=0.9)
    factories.suggest(two, (0, 5, "PERSON"), (10, 15, "PERSON"), score=0.6)
    for order in ("work", "uncertainty", "newest"):
        walk, after = [], None
        for _ in range(4):
            after = next_to_review(editor, corpus, order=order, after=after)
            walk.append(after)
        assert sorted(walk[:3]) == sorted([one.pk, two.pk, none.pk]) and walk[3] == walk[0], order
    best = ArticleFilter(query="zarif")
    first = next_to_review(editor, corpus, order="best", filters=best)
    second = next_to_review(editor, corpus, order="best", filters=best, after=first)
    assert next_to_review(editor, corpus, order="best", filters=best, after=second) not in (first, second)
    Review.objects.filter(article=two).update(stage="done", editor=editor, expected_actions=None)
    assert next_to_review(editor, corpus, order="work", after=two.pk) == one.pk


def test_excerpts_leave_out_headline_dateline_and_boilerplate(address, corpus, editor):
    text = "Menu Home\nRain in Damascus\nDAMASCUS, SANA – It rained on Monday.\nShare this\nIt stopped at noon."
    kinds = {"Menu Home": "chrome", "Rain in Damascus": "title", "DAMASCUS, SANA": "dateline", "Share this": "chrome"}
    zones = [[text.index(words), text.index(words) + len(words), kind] for words, kind in kinds.items()]
    factories.make_article(corpus, text, title="Rain in Damascus", zones=zones)
    long = "The minister " + "said again and " * 12 + "left."
    factories.make_article(corpus, long)
    page = editor.get(address).text
    assert '<p class="snippet" dir="auto">It rained on Monday. It stopped at noon.</p>' in page
    # The headline is the beginning of a long first line, which the excerpt continues.
    assert '<p class="snippet" dir="auto">… said again' in page and "left.</p>" in page
    page = editor.get(address, {"q": "sana"}).text
    assert "<mark>SANA</mark>" in page, "a hit in a dateline is shown if there is no other"
    assert "<mark>" not in editor.get(address, {"q": "menu"}).text.split("entries")[1]


def test_columns_are_for_managers(address, three, visitors):
    page = visitors["manager"].get(address, {"view": "columns", "order": "date"}).text
    assert '<table class="article-table">' in page and "Rain</a>" in page
    assert '<td class="number">4</td>' in page, "It rained in Damascus."
    assert 'href="?view=columns&amp;order=work"' in page and 'href="?order=date">List</a>' in page
    assert "article-table" not in visitors["editor"].get(address, {"view": "columns"}).text


def test_articles_left_out_are_named_with_reasons(address, three, visitors):
    rain, snow, storm = three
    editor, reopen = visitors["editor"], reverse("articles-reopen", args=["desk"])
    refused = editor.post(reopen, {"article": [rain.pk, snow.pk, 99999]})
    assert refused.status_code == 409 and "Nothing was reopened: it is not done" in refused.text
    assert "Left out “Rain”, “Snow”: it is not done." in refused.text and "Left out article 99999" in refused.text
    editor.post(reverse("articles-finish", args=["desk"]), {"article": [rain.pk], "key": "page"})
    answer = editor.post(reopen, {"article": [rain.pk, storm.pk], "back": "order=date"}, follow=True)
    assert "1 article is open again." in answer.text and "Left out “It stormed.”: it is not done." in answer.text
    assert f'name="article" value="{rain.pk}"' in answer.text.split('class="undo')[1].split("</form>")[0]
    assert Decision.objects.filter(verb="reopen", article=rain).count() == 1
    assert visitors["reader"].post(reopen, {"article": [rain.pk]}).status_code == 403


def test_selected_articles_are_finished_in_one_decision(address, three, editor, visitors):
    rain, snow, storm = three
    page = editor.get(address, {"source": "SANA", "ticked": "1"}).text
    assert f'name="article" value="{rain.pk}" aria-label="Select Rain" checked' in " ".join(page.split())
    finish = reverse("articles-finish", args=["desk"])
    sent = {"article": [rain.pk, storm.pk], "back": "source=SANA", "key": "page"}
    answer = editor.post(finish, sent)
    assert answer.status_code == 303 and answer["Location"].startswith(f"{address}?source=SANA&stroke=")
    page = editor.get(answer["Location"]).text
    assert "2 articles are done." in page and "data-undo-finish>Undo" in page
    decision = Decision.objects.latest("id")
    refused = editor.post(finish, {"article": [rain.pk], "back": "source=SANA"})
    assert refused.status_code == 409 and "it is already done" in refused.text
    assert editor.post(finish, {"back": ""}).status_code == 400
    undo = reverse("articles-undo", args=["desk"])
    answer = editor.post(undo, {"decision": decision.pk, "back": "source=SANA"})
    assert "2 articles are open again." in editor.get(answer["Location"]).text
    assert editor.post(undo, {"decision": decision.pk, "back": ""}).status_code == 409
    reader = visitors["reader"]
    assert 'name="article"' not in reader.get(address).text
    assert reader.post(finish, {"article": [snow.pk]}).status_code == 403


def test_a_fixed_number_of_queries(address, corpus, editor):
    factories.make_article(corpus, "First.", source="SANA")
    with CaptureQueriesContext(connection) as one:
        editor.get(address)
    for number in range(6):
        factories.suggest(factories.make_article(corpus, f"More {number}.", source=f"S{number}"), (0, 4, "GPE"))
    with CaptureQueriesContext(connection) as many:
        editor.get(address)
    assert len(many) == len(one)


def test_to_decide_lists_unstarted_and_own_articles(article, corpus, editor):
    mine, theirs = (factories.make_article(corpus, f"Zarif met {name}.") for name in ("Muallem", "Assad"))
    anna = factories.make_member(corpus, username="anna")
    Review.objects.filter(article=mine).update(stage="in_review", editor=User.objects.get(username="editor"))
    Review.objects.filter(article=theirs).update(stage="in_review", editor=anna)
    page = editor.get(reverse("article-list", args=[corpus.slug]) + "?stage=to_decide").content.decode()
    listed = [pk for pk in (article.pk, mine.pk, theirs.pk) if f'/articles/{pk}/?stage=to_decide"' in page]
    assert listed == [article.pk, mine.pk]
    assert 'value="to_decide" checked> to decide <span class="count">2</span>' in " ".join(page.split())
    assert editor.get(reverse("article-list", args=[corpus.slug]) + "?stage=decided").status_code == 400
