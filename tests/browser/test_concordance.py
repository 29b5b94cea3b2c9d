"""The concordance by hand: tick, look once more, decide, take back."""

import re

import pytest
from django.urls import reverse

from annotations.review.models import Span
from corpusapp.articles.models import Role
from tests import factories
from tests.browser.test_keyboards import type_on

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def corpus(db):
    return factories.make_corpus(name="The desk")


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus, Role.EDITOR, "nora")


@pytest.fixture
def articles(corpus):
    made = [factories.make_article(corpus, f"On day {n} Zarif met others.", title=f"Day {n}") for n in range(5)]
    for article in made[:4]:
        factories.suggest(article, (9, 14, "PERSON"), score=0.8)
    return made


def _sought(page):
    page.goto(f"{reverse('concordance', args=['desk'])}?q=zarif")


def test_ticked_decided_and_taken_back(open_page, editor, articles):
    page = open_page(editor)
    _sought(page)
    page.get_by_role("link", name="Select all 5 on this page").click()
    assert page.locator(".checked-count").inner_text() == "5"
    page.get_by_role("link", name="Clear selection").click()
    boxes = page.locator("input[name=mention]")
    boxes.nth(0).click()
    boxes.nth(3).click(modifiers=["Shift"])
    assert page.locator(".checked-count").inner_text() == "4"
    page.locator("#bulk-label").select_option(value="PERSON")
    page.get_by_role("button", name="Label", exact=True).click()
    assert "Will add 1 span and confirm 3 suggestions in 4 articles." in page.locator(".what").inner_text()
    page.locator("input[name=choice]").nth(0).uncheck()
    page.get_by_role("button", name=re.compile("Apply to")).click()
    page.get_by_role("button", name="Undo").wait_for()
    assert Span.objects.filter(state="confirmed").count() == 3
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Redo").wait_for()
    assert not Span.objects.filter(state="confirmed").exists()


def test_by_keys_alone(open_page, editor, articles):
    page = open_page(editor)
    _sought(page)
    page.locator(".checked-count").get_by_text("0").wait_for()
    for key in ("ArrowDown", "Space", "ArrowDown", "Space"):
        page.keyboard.press(key)
    type_on(page, "&", "Digit1", 0)
    page.locator(".what").wait_for()
    # Its scripts have to be there before their keys.
    page.wait_for_load_state("load")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Undo").wait_for()
    assert Span.objects.filter(state="confirmed", label__name="PERSON").count() == 2


def test_by_forms_alone(open_page, editor, articles):
    page = open_page(editor, java_script_enabled=False)
    _sought(page)
    page.get_by_role("link", name="Select all 5 on this page").click()
    page.get_by_role("button", name=re.compile("Confirm")).click()
    assert (
        "Will confirm 4 suggestions in 4 articles; 1 left out (there is no span here"
        in page.locator(".what").inner_text()
    )
    page.get_by_role("button", name=re.compile("Apply to")).click()
    page.get_by_role("button", name="Undo").wait_for()
    assert Span.objects.filter(state="confirmed").count() == 4


def test_arabic_stands_in_its_own_direction(open_page, corpus, editor):
    factories.make_article(corpus, "وصل ظريف إلى دمشق اليوم", language="ar")
    page = open_page(editor)
    page.goto(f"{reverse('concordance', args=['desk'])}?q=دمشق")
    before = page.locator(".kwic .before").bounding_box()
    after = page.locator(".kwic .after").bounding_box()
    assert before["x"] > after["x"]
