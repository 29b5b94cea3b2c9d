"""The article page as a whole: its queries, its size, what it says."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.review.models import Label
from annotations.review.panel import shortened
from tests import factories
from tests.pages.reading import tags


def page_with(corpus, editor, count):
    """(queries, bytes) of the page of an article with so many suggestions."""
    article = factories.make_article(corpus, f"{count} " + "Damascus and Tehran. " * count)
    factories.suggest(article, *((place * 21 + 5, place * 21 + 13, "GPE") for place in range(count)))
    address = reverse("article", args=[corpus.slug, article.pk])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = editor.get(address, {"span": article.spans.first().pk})
    assert answer.status_code == 200
    return len(queries), len(answer.content)


def test_a_fixed_number_of_queries_and_a_size_that_grows_with_the_spans(corpus, editor):
    few, small = page_with(corpus, editor, 5)
    many, large = page_with(corpus, editor, 300)
    assert many == few
    assert few <= 14
    # Bytes for each further span, its text, its row and its buttons together.
    assert (large - small) / 295 < 1100


def test_rows_that_no_window_shows_at_first_are_text_to_scripts(corpus, editor):
    article = factories.make_article(corpus, "Damascus. " * 30)
    factories.suggest(article, *((10 * place, 10 * place + 8, "GPE") for place in range(30)))
    page = editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    before, further = page.split("<noscript>")
    assert before.count('<li id="row-') == 24
    assert further.split("</noscript>")[0].count('<li id="row-') == 6


def test_labels_stand_once_in_the_page_whatever_the_spans(article, editor):
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    options = [found for tag, found in tags(page) if tag == "option"]
    assert len(options) <= Label.objects.filter(corpus=article.corpus).count() + 20


def test_zones_look_like_what_they_are(corpus, editor):
    text = "Home\nMenu\nThe title\nBy A. Writer\nDAMASCUS - It rained.\nRain in Damascus\nFooter"
    kinds = [("Home\nMenu", "chrome"), ("The title", "title"), ("By A. Writer", "byline"), ("DAMASCUS", "dateline")]
    zones = [[text.index(words), text.index(words) + len(words), kind] for words, kind in kinds]
    article = factories.make_article(corpus, text, zones=zones)
    page = editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    assert 'data-caption="boilerplate, 2 lines"' in page
    for kind in ("title", "byline", "dateline"):
        assert f'<span class="zone {kind}">' in page


def test_a_folded_zone_opens_for_the_span_in_hand(corpus, editor):
    article = factories.make_article(corpus, "Menu of Damascus\nIt rained.", zones=[[0, 16, "chrome"]])
    (span,) = factories.suggest(article, (8, 16, "GPE"))
    address = reverse("article", args=[corpus.slug, article.pk])
    assert '<details class="zone chrome">' in editor.get(address).content.decode()
    assert '<details class="zone chrome" open>' in editor.get(address, {"span": span.pk}).content.decode()


def test_a_reader_sees_the_spans_and_no_forms(article, visitors):
    page = visitors["reader"].get(reverse("article", args=[article.corpus.slug, article.pk])).content.decode()
    assert 'class="sp suggested' in page
    forms = {found["action"] for tag, found in tags(page) if tag == "form"}
    names = ("article-list", "article-next")
    assert forms == {*(reverse(name, args=[article.corpus.slug]) for name in names), reverse("sign-out")}


def test_versions_lead_to_one_another(corpus, editor):
    first = factories.make_article(corpus, "It rained.", external_id="a")
    second = factories.make_article(corpus, "It rained hard.", external_id="a")
    old, new = (reverse("article", args=[corpus.slug, article.pk]) for article in (first, second))
    assert f'href="{new}"' in editor.get(old).content.decode()
    assert f'href="{old}"' in editor.get(new).content.decode()


def test_right_to_left_text_says_so(corpus, editor):
    text = "وليد المعلم في دمشق"
    for language, direction in (("ar", "rtl"), ("fa-IR", "rtl"), ("en", "ltr")):
        article = factories.make_article(corpus, f"{text} {language}", language=language)
        found = tags(editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode())
        for name in ("text", "headline"):
            assert next(values for _, values in found if values.get("id") == name)["dir"] == direction


def test_the_page_says_that_suggestions_are_on_their_way(corpus, editor):
    article = factories.make_article(corpus, suggest=True)
    page = editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    assert "Creating suggestions" in page


@pytest.mark.parametrize(("quote", "line"), [("a\n b", "a b"), (" \n", "(white space)"), ("x" * 70, "x" * 59 + "…")])
def test_a_quote_on_one_line(quote, line):
    assert shortened(quote) == line
