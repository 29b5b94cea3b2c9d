"""Setting articles aside in a real browser: by keyboard, and without scripts."""

import pytest
from django.urls import reverse

from annotations.review.models import Decision, SetAside
from tests import factories
from tests.browser.test_desk import address
from tests.browser.test_workbench import at_work, press

pytestmark = pytest.mark.browser


@pytest.fixture
def other(article):
    return factories.make_article(article.corpus, "Assad spoke.", title="Assad spoke")


def set_aside():
    return list(SetAside.objects.order_by("pk").values_list("article__title", "kind", "reason"))


def test_park_by_keyboard_and_undo_where_one_lands(open_page, article, other, editor):
    page = at_work(open_page(editor), article)
    press(page, "p")
    assert page.evaluate("document.activeElement.value") == "flag"
    press(page, "ArrowDown", "ArrowRight", "Tab")
    page.keyboard.type("Which Zarif, a or x?")
    press(page, "Enter")
    page.wait_for_selector(".finished:has-text('is parked: Which Zarif, a or x?')")
    assert page.url.split("?")[0].endswith(address(other))
    assert set_aside() == [(article.title, "park", "Which Zarif, a or x?")]
    page.wait_for_selector("html.keys #selected-span")
    press(page, "Control+z")
    page.wait_for_selector(".messages:has-text('is no longer parked')")
    assert page.url.split("?")[0].endswith(address(article)) and set_aside() == []
    assert not Decision.objects.filter(user=editor).exists()


def test_without_scripts(open_page, article, other, editor):
    page = open_page(editor, java_script_enabled=False)
    page.goto(address(article))
    page.click("#set-aside summary")
    page.check("#set-aside [value=skip]")
    page.click("#set-aside button")
    page.goto(address(article))
    assert "Skipped by you" in page.inner_text(".sheet .notice")
    page.goto(reverse("set-aside-list"))
    page.click("main button:has-text('Take back')")
    assert "is no longer skipped" in page.inner_text(".messages") and set_aside() == []
