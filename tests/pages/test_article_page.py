"""The article page: its number of queries, its size, and its contents."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.review.models import Label
from annotations.review.panel import shorten
from tests import factories
from tests.pages.reading import tags


def page_with(corpus, editor, count):
    """(queries, bytes) of the page of an article with `count` suggestions."""
    article = factories.make_article(corpus, f"{count} " + "Damascus and Tehran. " * count)
    factories.suggest(article, *((place * 21 + 5, place * 21 + 13, "GPE") for place in range(count)))
    address = reverse("article", args=[corpus.slug, article.pk])
    span = article.spans.first().pk
    with CaptureQueriesContext(connection) as queries:
        answer = editor.get(address, {"span": span})
    assert answer.status_code == 200
    return len(queries), len(answer.content)


def test_fixed_number_of_queries_and_linear_size(corpus, editor):
    few, small = page_with(corpus, editor, 5)
    many, large = page_with(corpus, editor, 300)
    # Two of them read links: tests/pages/test_span_entities.py.
    assert many == few == 14
    # Bytes per span, with its text, row and buttons.
    assert (large - small) / 295 < 1100


def test_later_rows_are_in_noscript(corpus, editor):
    article = factories.make_article(corpus, "Damascus. " * 30)
    factories.suggest(article, *((10 * place, 10 * place + 8, "GPE") for place in range(30)))
    page = editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    before, further = page.split("<noscript>")
    assert before.count('<li id="row-') == 24
    assert further.split("</noscript>")[0].count('<li id="row-') == 6


def test_labels_are_on_the_page_once(article, editor):
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    options = [found for tag, found in tags(page) if tag == "option"]
    assert len(options) <= Label.objects.filter(corpus=article.corpus).count() + 20


def test_zones_are_rendered_by_kind(corpus, editor):
    text = "Home\nMenu\nThe title\nBy A. Writer\nDAMASCUS - It rained.\nRain in Damascus\nFooter"
    kinds = [("Home\nMenu", "chrome"), ("The title", "title"), ("By A. Writer", "byline"), ("DAMASCUS", "dateline")]
    zones = [[text.index(words), text.index(words) + len(words), kind] for words, kind in kinds]
    article = factories.make_article(corpus, text, zones=zones)
    page = editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    assert 'data-caption="boilerplate, 2 lines"' in page
    for kind in ("title", "byline", "dateline"):
        assert f'<span class="zone {kind}">' in page


def test_boilerplate_is_open_if_it_contains_the_selected_span(corpus, editor):
    article = factories.make_article(corpus, "Menu of Damascus\nIt rained.", zones=[[0, 16, "chrome"]])
    (span,) = factories.suggest(article, (8, 16, "GPE"))
    address = reverse("article", args=[corpus.slug, article.pk])
    assert '<details class="zone chrome">' in editor.get(address).content.decode()
    assert '<details class="zone chrome" open>' in editor.get(address, {"span": span.pk}).content.decode()


def test_readers_see_spans_without_forms(article, visitors):
    page = visitors["reader"].get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    assert 'class="sp suggested' in page
    forms = {found["action"] for tag, found in tags(page) if tag == "form"}
    names = ("article-list", "article-next")
    # A reader may flag the article.
    flag = reverse("article-set-aside", args=[article.corpus.slug, article.pk]) + "?order=&q="
    assert forms == {*(reverse(name, args=[article.corpus.slug]) for name in names), flag, reverse("sign-out")}


def test_versions_link_to_each_other(corpus, editor):
    first = factories.make_article(corpus, "It rained.", external_id="a")
    second = factories.make_article(corpus, "It rained hard.", external_id="a")
    old, new = (reverse("article", args=[corpus.slug, article.pk]) for article in (first, second))
    assert f'href="{new}"' in editor.get(old).content.decode()
    assert f'href="{old}"' in editor.get(new).content.decode()


def test_right_to_left_text_has_its_direction(corpus, editor):
    text = "وليد المعلم في دمشق"
    for language, direction in (("ar", "rtl"), ("fa-IR", "rtl"), ("en", "ltr")):
        article = factories.make_article(corpus, f"{text} {language}", language=language)
        found = tags(editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode())
        for name in ("text", "headline"):
            assert next(values for _, values in found if values.get("id") == name)["dir"] == direction


def test_page_announces_pending_suggestions(corpus, editor):
    article = factories.make_article(corpus, suggest=True)
    page = editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    assert "Creating suggestions" in page


@pytest.mark.parametrize(("quote", "line"), [("a\n b", "a b"), (" \n", "(white space)"), ("x" * 70, "x" * 59 + "…")])
def test_shorten_puts_a_quote_on_one_line(quote, line):
    assert shorten(quote) == line
