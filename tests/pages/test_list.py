"""The article list: filters, search, pages, bulk finish, and empty lists."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.review import queries
from annotations.review.models import Decision, Review
from corpusapp.accounts.models import User
from tests import factories
from tests.pages.reading import tags


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
