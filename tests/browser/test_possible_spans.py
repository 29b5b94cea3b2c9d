"""Possible spans on the article page: one action takes what a suggestion should have been, or what none proposes."""

import json

import pytest

from annotations.suggestions.models import PossibleSpans
from tests import factories
from tests.browser.test_desk import quotes
from tests.browser.test_workbench import at_work, press, saved

pytestmark = pytest.mark.browser
TEXT = "🛰 The Harbour Board of Damascus met Odessa Larkin in the city on Monday. A boat of the Quay Guard came."


def at(words):
    start = TEXT.index(words)
    return start, start + len(words)


@pytest.fixture
def stored(article):
    made = factories.make_article(article.corpus, TEXT)
    factories.suggest(made, (*at("Harbour Board"), "ORG"), (*at("Odessa Larkin"), "ORG"))
    rows = [
        [*at("Harbour Board of Damascus"), "ORG", 0.41],
        [*at("Odessa Larkin"), "PERSON", 0.38],
        [*at("Quay Guard"), "ORG", 0.3],
    ]
    PossibleSpans.objects.create(article=made, data=json.dumps(rows))
    return made


def labels(article):
    return set(article.spans.filter(state="confirmed").values_list("label__name", flat=True))


def test_other_edges_and_labels_are_taken_in_place_of_the_suggestion(open_page, stored, editor):
    page = at_work(open_page(editor), stored)
    press(page, "ArrowRight")
    page.wait_for_selector(".possible-here button:has-text('Harbour Board of Damascus')")
    press(page, "=")
    page.wait_for_selector(".possible-here button:has-text('PERSON')")
    page.click(".possible-here button:has-text('PERSON')")
    saved(page)
    assert quotes(stored) == [("Harbour Board of Damascus", "ORG"), ("Odessa Larkin", "PERSON")]
    decisions = stored.decisions.order_by("pk").values_list("verb", "spared_actions")
    assert list(decisions) == [("move", 1), ("relabel", 0)]


def test_a_name_that_nothing_proposes_is_underlined_and_taken_from_the_list(open_page, stored, editor):
    page = at_work(open_page(editor), stored)
    page.wait_for_selector(".possible-names button")
    assert page.locator(".possible-names button").all_inner_texts() == ["Quay Guard ORG"]
    drawn = page.evaluate("[...CSS.highlights.get('possible')].map(String)")
    assert drawn == ["Quay Guard"]
    page.click(".possible-names button")
    saved(page)
    assert ("Quay Guard", "ORG") in quotes(stored)
    assert stored.decisions.get().spared_actions == 1
    page.wait_for_selector(".possible", state="hidden")


def test_without_another_choice_the_key_says_so_and_changes_nothing(open_page, stored, editor):
    PossibleSpans.objects.all().delete()
    page = at_work(open_page(editor), stored)
    press(page, "ArrowRight", "=")
    page.wait_for_selector("text=There is no other choice for this")
    assert page.locator(".possible-here button").count() == 0
    assert quotes(stored) == []
