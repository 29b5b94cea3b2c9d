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


OFFERED = (
    "words => !document.getElementById('mark').hidden && document.querySelector('.selected-text').textContent === words"
)


def offered(page, words):
    """Wait until the bar offers to mark these words: it follows the selection a frame later."""
    page.wait_for_function(OFFERED, arg=words)


@pytest.fixture
def stored(article):
    return factories.make_article(article.corpus, TEXT)


@pytest.mark.parametrize(("selected", "marked"), SNAPPED)
def test_whole_words_and_nothing_beside_them(open_page, stored, editor, selected, marked):
    page = at_work(open_page(editor), stored)
    page.evaluate(SELECT, selected)
    offered(page, marked)
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
    page.wait_for_function("document.querySelector('.selected-text').textContent === getSelection().toString()")
    # It ends within a word, where the mouse was let go.
    picked = page.text_content(".selected-text")
    assert TEXT.startswith(picked) and picked[-1].isalpha() and TEXT[len(picked)].isalpha()


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


NESTED = "The Bank of Syria in Damascus lent money.\nA two-day talk with al-Bokmal, می‌خواهم."
PLACE = """words => {
    const walker = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        const at = node.data.indexOf(words);
        if (at < 0) continue;
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + words.length);
        const { left, right, top, bottom } = range.getBoundingClientRect();
        return [left, right, (top + bottom) / 2];
    }
}"""


@pytest.fixture
def nested(article):
    stored = factories.make_article(article.corpus, NESTED)
    factories.suggest(stored, (0, 29, "ORG"), (4, 17, "ORG"))
    return stored


def drag(page, first, last):
    left, _, height = page.evaluate(PLACE, first)
    _, right, end = page.evaluate(PLACE, last)
    page.mouse.move(left + 2, height)
    page.mouse.down()
    page.mouse.move((left + right) / 2, height, steps=3)
    page.mouse.move(right - 2, end, steps=3)
    page.mouse.up()
    page.wait_for_selector("#mark:visible")


def test_a_selection_begins_within_a_span_by_mouse(open_page, nested, editor):
    page = at_work(open_page(editor), nested)
    drag(page, "Syria", "Syria")
    press(page, "3")
    drag(page, "Damascus", "Damascus")
    press(page, "3")
    # Across the edge of a span, and begun on what is selected already.
    drag(page, "Damascus", "lent")
    drag(page, "Damascus", "Damascus")
    offered(page, "Damascus")
    left, _, height = page.evaluate(PLACE, "Bank")
    page.mouse.dblclick(left + 8, height)
    offered(page, "Bank")
    press(page, "2")
    saved(page)
    assert quotes(nested) == [("Bank", "ORG"), ("Syria", "GPE"), ("Damascus", "GPE")]
    assert nested.spans.filter(state="suggested").count() == 2


def test_words_that_are_marked_are_marked_anew(open_page, nested, editor):
    page = at_work(open_page(editor), nested)
    drag(page, "Bank of ", "Syria")
    press(page, "1")
    saved(page)
    assert quotes(nested) == [("Bank of Syria", "PERSON")]
    assert quotes(nested, "suggested") == [("The Bank of Syria in Damascus", "ORG")]
    press(page, "x")
    drag(page, "Bank of ", "Syria")
    press(page, "1")
    saved(page)
    assert quotes(nested) == [("Bank of Syria", "PERSON")]
    # A click still takes a span, and a link still opens elsewhere.
    left, _, height = page.evaluate(PLACE, "Damascus")
    page.mouse.click(left + 8, height)
    assert in_hand(page) == "The Bank of Syria in Damascus"
    assert page.locator("#text a:not([href])").count() == 0


def test_a_selection_begins_within_a_span_by_touch_and_by_keys(open_page, nested, editor):
    page = at_work(open_page(editor, has_touch=True, viewport={"width": 360, "height": 640}), nested)
    finger = page.context.new_cdp_session(page)

    def touch(kind, words=None):
        left, _, height = page.evaluate(PLACE, words) if words else (0, 0, 0)
        points = [{"x": left + 8, "y": height}] if words else []
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", "Syria")
    offered(page, "Syria")
    touch("touchMove", "Damascus")
    touch("touchEnd")
    offered(page, "Syria in Damascus")
    page.tap("#mark button[value=FAC]")
    saved(page)
    press(page, "Escape", "s", "ArrowRight")
    assert page.evaluate("getSelection().toString()") == "Bank"
    press(page, "2")
    saved(page)
    assert quotes(nested) == [("Bank", "ORG"), ("Syria in Damascus", "FAC")]


def test_a_selection_that_leaves_the_text_ends_with_it(open_page, nested, editor):
    page = at_work(open_page(editor), nested)
    left, _, height = page.evaluate(PLACE, "talk")
    # The third click selects the last line and all up to what stands behind the text.
    page.mouse.click(left + 8, height, click_count=3)
    offered(page, NESTED.splitlines()[1].removesuffix("."))
    press(page, "Escape")
    page.mouse.move(left + 2, height)
    page.mouse.down()
    page.mouse.move(1200, height + 60, steps=4)
    page.mouse.up()
    offered(page, "talk with al-Bokmal, می‌خواهم")


def test_the_bar_opens_the_list_of_all_labels(open_page, nested, editor):
    page = at_work(open_page(editor), nested)
    drag(page, "Damascus", "Damascus")
    page.click("#mark button[data-verb=find-label]")
    page.keyboard.type("gpe")
    press(page, "Enter")
    saved(page)
    assert quotes(nested) == [("Damascus", "GPE")]


def test_a_tap_lets_go_of_the_words_and_takes_a_span(open_page, nested, editor):
    page = at_work(open_page(editor, has_touch=True), nested)
    page.evaluate(SELECT, "money")
    offered(page, "money")
    left, _, height = page.evaluate(PLACE, "Syria")
    page.touchscreen.tap(left + 8, height)
    page.wait_for_selector("#mark", state="hidden")
    assert in_hand(page) == "Bank of Syria"


def test_a_word_with_hyphens_or_joiners_is_one_step(open_page, nested, editor):
    page = at_work(open_page(editor), nested, f"?span={nested.spans.get(start=0).pk}")
    found = []
    press(page, "s")
    for _ in range(9):
        found.append(page.evaluate("getSelection().toString()"))
        press(page, "ArrowRight")
    assert found == ["lent", "money", "A", "two-day", "talk", "with", "al-Bokmal", "می‌خواهم", "می‌خواهم"]
    press(page, "ArrowLeft", "[", "2")
    saved(page)
    assert quotes(nested) == [("with al-Bokmal", "ORG")]


def test_the_bar_opens_where_it_is_seen(open_page, article, editor):
    stored = factories.make_article(article.corpus, "\n".join(f"Line {n} of Homs{n:02}." for n in range(60)))
    page = open_page(editor)
    for width, height in ((1280, 700), (360, 640), (640, 400)):
        page.set_viewport_size({"width": width, "height": height})
        at_work(page, stored)
        for words in ("Homs00", "Homs07", "Homs59"):
            page.locator(f"#text span:has-text('{words}') >> nth=-1").evaluate(
                "one => one.scrollIntoView({ block: 'end' })"
            )
            page.evaluate(SELECT, words)
            offered(page, words)
            box = page.locator("#mark").bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= width, (width, words)
            assert box["y"] >= 0 and box["y"] + box["height"] <= height - 30, (width, words, box)
            press(page, "Escape")
