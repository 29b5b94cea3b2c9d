"""One correction on all like it, in a real browser: with its scripts and without them."""

import pytest

from annotations.review.models import Span
from tests import factories
from tests.browser.test_desk import address

pytestmark = pytest.mark.browser


@pytest.fixture
def others(article):
    texts = ["Zarif 🇸🇾 spoke.\nZarif left.", "وصل Zarif إلى دمشق اليوم.", f"{'A long line before it. ' * 9}Zarif went."]
    articles = [factories.make_article(article.corpus, text) for text in texts]
    for other in articles:
        starts = [n for n in range(other.length) if other.text.startswith("Zarif", n)]
        factories.suggest(other, *((start, start + 5, "PERSON") for start in starts))
    return articles


def confirmed(label):
    return Span.objects.filter(state="confirmed", label__name=label).count()


def test_by_keys(open_page, article, editor, others):
    page = open_page(editor)
    page.goto(f"{address(article)}?span={article.spans.get(start=0).pk}")
    page.wait_for_selector("html.keys #selected-span")
    page.keyboard.press("m")
    # Nothing else is like it in this article.
    page.wait_for_selector("#bulk .quiet:has-text('in the corpus')")
    page.click("#bulk .lines li:nth-child(2) input")
    assert page.inner_text("#bulk .primary").startswith("Apply to 3")
    page.click("#bulk .primary")
    page.wait_for_selector("#saved[data-state=saved]")
    assert confirmed("PERSON") == 4
    page.keyboard.press("Control+z")
    page.wait_for_selector("#saved[data-state=saved]")
    assert confirmed("PERSON") == 0


def test_by_forms_alone_on_a_narrow_screen(open_page, article, editor, others):
    page = open_page(editor, java_script_enabled=False, color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{address(article)}?span={article.spans.get(start=0).pk}")
    page.locator(".selected-span [name=alike]").first.check()
    page.click(".selected-span button:has-text('Reject')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click("text=This article")
    assert "Nothing else like it" in page.inner_text(".alike")
    page.click("text=All of The desk")
    page.click(".bulk-actions button")
    assert "and 4 like it in 4 articles" in page.inner_text(".messages")
    assert Span.objects.filter(state="rejected").count() == 5
    page.click("button:has-text('Undo reject in 4 articles')")
    assert not Span.objects.filter(state="rejected").exists()
