"""Words picked by mouse and by keys: whole words, without what only stands beside them, in any script."""

import pytest

from tests import factories
from tests.browser.test_desk import SELECT, quotes
from tests.browser.test_workbench import at_work, in_hand, press, saved

pytestmark = pytest.mark.browser

# words selected -> words marked
SNAPPED = [
    ("amascus,", "Damascus"),
    (" (SANA)", "SANA"),
    ("U.S.", "U.S."),
    ("Homs.\nTehr", "Homs.\nTehran"),
    ("“Joint Com", "Joint Committee"),
]
TEXT = "In Damascus, (SANA) said the U.S. left Homs.\nTehran praised the “Joint Committee”."


@pytest.fixture
def stored(article):
    return factories.make_article(article.corpus, TEXT)


@pytest.mark.parametrize(("selected", "marked"), SNAPPED)
def test_whole_words_and_nothing_beside_them(open_page, stored, editor, selected, marked):
    page = at_work(open_page(editor), stored)
    page.evaluate(SELECT, selected)
    page.wait_for_selector("#mark:visible")
    assert page.text_content(".picked") == marked
    press(page, "2")
    saved(page)
    assert quotes(stored) == [(marked, "ORG")]


def test_with_alt_exactly_what_was_selected(open_page, stored, editor):
    page = at_work(open_page(editor), stored)
    box = page.locator("#text span").first.bounding_box()
    page.keyboard.down("Alt")
    page.mouse.move(box["x"] + 1, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 8)
    page.mouse.up()
    page.keyboard.up("Alt")
    page.wait_for_selector("#mark:visible")
    assert page.text_content(".picked") == page.evaluate("getSelection().toString()")


def test_by_mouse(open_page, stored, editor):
    page = at_work(open_page(editor), stored)
    page.dblclick("#text span >> nth=0", position={"x": 45, "y": 10})
    page.wait_for_selector("#mark:visible")
    press(page, "3")
    saved(page)
    assert quotes(stored) == [("Damascus", "GPE")]


def test_arabic_with_combining_marks(open_page, article, editor):
    text = "قالَ وَلِيدُ المُعَلِّم في دِمَشق."
    stored = factories.make_article(article.corpus, text, language="ar")
    factories.suggest(stored, (text.index("وَلِيدُ"), text.index("وَلِيدُ") + len("وَلِيدُ"), "PERSON"))
    page = at_work(open_page(editor), stored)
    press(page, "Tab", "]")
    assert in_hand(page) == "وَلِيدُ المُعَلِّم"
    press(page, "s", "ArrowLeft")
    assert page.evaluate("getSelection().toString()") == "دِمَشق"
    press(page, "g")
    saved(page)
    assert quotes(stored) == [("وَلِيدُ المُعَلِّم", "PERSON"), ("دِمَشق", "GPE")]


def test_emoji_with_joiners(open_page, article, editor):
    text = "Zarif 👩‍👩‍👧🇸🇾 Muallem met."
    stored = factories.make_article(article.corpus, text)
    factories.suggest(stored, (0, 5, "PERSON"))
    page = at_work(open_page(editor), stored)
    press(page, "Tab", "Alt+]", "Alt+]")
    assert in_hand(page) == "Zarif 👩‍👩‍👧"
    press(page, "Alt+]")
    saved(page)
    assert quotes(stored) == [("Zarif 👩‍👩‍👧🇸🇾", "PERSON")]
    press(page, "]")
    saved(page)
    assert quotes(stored) == [("Zarif 👩‍👩‍👧🇸🇾 Muallem", "PERSON")]


def test_each_of_several_over_one_place_is_reached(open_page, article, editor):
    stored = factories.make_article(article.corpus, "The Bank of Syria in Damascus lent.")
    factories.suggest(stored, (0, 29, "ORG"), (4, 17, "ORG"), (12, 17, "GPE"))
    page = at_work(open_page(editor), stored)
    found = []
    for _ in range(4):
        page.click("#text a:has-text('Syria')")
        found.append(in_hand(page))
    assert found == ["Syria", "Bank of Syria", "The Bank of Syria in Damascus", "Syria"]
