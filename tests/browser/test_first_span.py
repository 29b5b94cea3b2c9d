"""From the sign-in page to the first confirmed span: three clicks."""

import pytest
from django.urls import reverse

from corpusapp.articles.models import Role
from tests import factories
from tests.browser.axe import both_ways

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scripts", [True, False])
def test_the_first_span_is_confirmed_three_clicks_after_signing_in(open_page, article, scripts):
    editor = factories.make_member(article.corpus, Role.EDITOR, "nora")
    page = open_page(java_script_enabled=scripts)
    page.goto(reverse("home"))
    page.fill("[name=username]", editor.username)
    page.fill("[name=password]", factories.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('Home')", state="attached")
    for clicked in (
        "main a.primary", "#text a:has-text('Damascus')", ".selected-span button:has-text('Confirm') >> visible=true"
    ):  # fmt: skip
        page.click(clicked)
    page.wait_for_selector("#text .confirmed:has-text('Damascus')")
    if scripts:
        page.wait_for_selector("#saved[data-state=saved]")
    assert article.spans.get(state="confirmed").label.name == "GPE"
    # What was begun is offered again.
    page.goto(reverse("home"))
    page.click("main a:has-text('Continue, 3 left')")
    page.wait_for_url(f"**{reverse('article', args=['desk', article.pk])}")


def test_first_steps_of_a_manager_of_the_sample(open_page, transactional_db):
    sample = factories.make_corpus("sample", name="Sample")
    factories.suggest(factories.make_article(sample), (0, 5, "PERSON"))
    page = open_page(factories.make_superuser())
    page.goto(reverse("home"))
    assert both_ways(page) == []
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click(".first-run a:has-text('Open the article')")
    page.wait_for_selector("#text a:has-text('Zarif')")
    page.go_back()
    page.click(".first-run a:has-text('Import into Sample')")
    page.wait_for_selector("input[type=file]")
