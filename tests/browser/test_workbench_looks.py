"""What axe-core finds on the pages of the workbench, and that nothing moves while an editor decides."""

import pytest

from tests import factories
from tests.browser.axe import both_ways
from tests.browser.test_desk import address
from tests.browser.test_workbench import at_work, press, saved

pytestmark = pytest.mark.browser


def test_axe_finds_nothing_while_an_editor_works(open_page, article, editor):
    """What is on the article page only while it is worked on; all pages as they open: test_every_page."""
    factories.suggest(article, (0, 5, "PERSON"), (0, 9, "NORP"), (4, 9, "WORK_OF_ART"), score=0.3)
    page = at_work(open_page(editor), article)
    press(page, "Tab", "a", "x", "Control+z")
    saved(page)
    assert both_ways(page) == []
    press(page, "m")
    page.wait_for_selector("#bulk p")
    assert both_ways(page) == []
    press(page, "Escape", "l")
    page.wait_for_selector("#label-picker [role=option]")
    assert both_ways(page) == []
    press(page, "Escape", "?")
    page.wait_for_selector("#keys-list")
    assert both_ways(page) == []
    press(page, "?", "h")
    page.wait_for_selector("#guidelines")
    assert both_ways(page) == []


def test_nothing_moves_while_deciding(open_page, article, editor):
    page = at_work(open_page(editor), article)
    # With nothing selected the panel has nothing but what is left.
    press(page, "Tab")
    page.wait_for_selector(".grouped a[aria-current]")
    page.evaluate("""() => {
        window.shifts = 0;
        new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shifts += entry.value; })
            .observe({ type: "layout-shift", buffered: false });
    }""")
    for keys in (("a",), ("x",), ("a",), ("1",)):
        before = page.evaluate("document.getElementById('text').getBoundingClientRect().height")
        press(page, *keys)
        assert page.evaluate("document.getElementById('text').getBoundingClientRect().height") == before
    saved(page)
    assert page.evaluate("window.shifts") < 0.02


def test_a_narrow_screen_has_all_of_it(open_page, article, editor):
    page = open_page(editor, has_touch=True)
    page.set_viewport_size({"width": 360, "height": 640})
    at_work(page, article)
    page.tap("#text a:has-text('Damascus')")
    page.wait_for_selector("#selected-title:has-text('Damascus')")
    page.tap("#selected-span >> text=Confirm")
    saved(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert article.spans.get(label__name="GPE").state == "confirmed"


def test_the_address_of_the_next_article_keeps_order_and_search(open_page, article, editor):
    other = factories.make_article(article.corpus, "Zarif rested in Homs.")
    factories.make_article(article.corpus, "Nobody rested.")
    page = at_work(open_page(editor), article)
    page.select_option(".next select", "uncertainty")
    page.fill(".next input[type=search]", "Homs")
    page.click(".next button")
    page.wait_for_url(f"**{address(other)}?order=uncertainty&q=Homs")
