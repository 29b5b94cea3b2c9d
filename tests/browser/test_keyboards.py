"""Keys on any keyboard, labels found by typing, fields that send their own form, and messages where they are seen."""

import pytest
from django.urls import reverse

from annotations.review.actions.labels import ensure_labels
from annotations.review.models import Comment, Span, State
from tests import factories
from tests.browser.test_desk import address, quotes
from tests.browser.test_workbench import at_work, in_hand, press, saved

pytestmark = pytest.mark.browser

CTRL, SHIFT, ALT_GR = 2, 8, 3
# Each a keyboard's word for the same decisions: confirm, the first label, the start a word outwards, and undo.
KEYBOARDS = {
    "Caps Lock": [("A", "KeyA", 0), ("1", "Digit1", 0), ("[", "BracketLeft", 0)],
    "AZERTY": [("a", "KeyQ", 0), ("&", "Digit1", 0), ("[", "Digit5", ALT_GR)],
    "AZERTY, Caps Lock, digits with Shift": [("A", "KeyQ", 0), ("1", "Digit1", SHIFT), ("Dead", "BracketLeft", 0)],
    "QWERTZ": [("a", "KeyA", 0), ("1", "Digit1", 0), ("[", "Digit8", ALT_GR)],
    "Arabic": [("ش", "KeyA", 0), ("١", "Digit1", 0), ("ج", "BracketLeft", 0)],
    "Cyrillic, Caps Lock": [("Ф", "KeyA", 0), ("1", "Digit1", 0), ("Х", "BracketLeft", 0)],
}


def type_on(page, key, code, modifiers):
    """A key as another keyboard sends it."""
    line = page.context.new_cdp_session(page)
    for kind in ("rawKeyDown", "keyUp"):
        line.send("Input.dispatchKeyEvent", {"type": kind, "key": key, "code": code, "modifiers": modifiers})


def test_keys_on_every_keyboard(open_page, article, editor):
    page = open_page(editor)
    for name, (confirm, label, outwards) in KEYBOARDS.items():
        stored = factories.make_article(article.corpus, f"{article.text} {name}")
        start = stored.text.index("Muallem")
        factories.suggest(stored, (0, 5, "PERSON"), (start, start + 7, "ORG"))
        at_work(page, stored)
        press(page, "Tab")
        type_on(page, *confirm)
        assert in_hand(page) == "Muallem", name
        type_on(page, *outwards)
        assert in_hand(page) == "Wálid\u0301 Muallem", name
        type_on(page, *label)
        saved(page)
        assert quotes(stored) == [("Zarif", "PERSON"), ("Wálid\u0301 Muallem", "PERSON")], name
        type_on(page, "я", "KeyZ", CTRL)
        saved(page)
        assert quotes(stored) == [("Zarif", "PERSON"), ("Wálid\u0301 Muallem", "ORG")]


def test_other_letters_mean_nothing_by_their_place(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab")
    # Where a US keyboard has `a`, `m` and 1: another Latin letter or sign, and a digit's sign.
    for key, code, modifiers in (("ü", "KeyA", 0), (",", "KeyM", 0), ("!", "Digit1", SHIFT)):
        type_on(page, key, code, modifiers)
    assert in_hand(page) == "Zarif"
    assert page.locator("#bulk[open]").count() == 0
    assert not article.spans.exclude(state=State.SUGGESTED).exists()
    # A keyboard of another script has its own signs there.
    type_on(page, "؟", "Slash", SHIFT)
    page.wait_for_selector("#keys-list")
    type_on(page, "؟", "Slash", SHIFT)
    type_on(page, "ظ", "Slash", 0)
    assert page.evaluate("document.activeElement.name") == "q"


@pytest.fixture
def many(article):
    ensure_labels(corpus=article.corpus, names=[f"TYPE_{number:03}" for number in range(200)])
    return article


def test_any_of_many_labels_is_found_by_typing(open_page, many, editor):
    page = at_work(open_page(editor), many)
    press(page, "l")
    assert "Select a span or words first" in page.inner_text("#message")
    press(page, "Tab", "l")
    page.keyboard.type("17")
    options = page.locator("#label-picker [role=option]")
    assert [name.split()[0] for name in options.all_inner_texts()][:2] == ["TYPE_170", "TYPE_171"]
    press(page, "ArrowDown", "Enter")
    assert in_hand(page) == "Muallem"
    press(page, "l", "Escape")
    assert in_hand(page) == "Muallem"
    # Words that are picked stay picked while a label is sought, and come again where none is chosen.
    press(page, "Shift+Tab", "s", "ArrowRight", "ArrowRight", "l")
    page.keyboard.type("no such label")
    assert options.count() == 0
    press(page, "Enter", "Escape")
    assert page.evaluate("getSelection().toString()") == "Wálid\u0301"
    press(page, "l")
    page.keyboard.type("type 19")
    press(page, "Control+Enter")
    saved(page)
    assert quotes(many) == [("Zarif", "TYPE_171"), ("Wálid\u0301", "TYPE_190")]
    assert page.locator("#text .confirmed").evaluate_all("all => all.map(one => one.dataset.tag)") == ["T…171", "T…190"]
    assert page.locator("#selected-span .choices button").count() < 40


def test_ctrl_enter_in_a_field_sends_its_form_and_finishes_nothing(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab", "c")
    page.keyboard.type("Is it he?")
    press(page, "Control+Enter")
    page.wait_for_selector(".comment-list:has-text('Is it he?')")
    assert Comment.objects.get().span_id == article.spans.get(start=0).pk
    held = {"type": "rawKeyDown", "key": "Enter", "code": "Enter", "modifiers": CTRL, "autoRepeat": True}
    page.context.new_cdp_session(page).send("Input.dispatchKeyEvent", held)
    page.click("#add summary")
    page.fill("#add textarea", "Tehran")
    page.select_option("#add select", "GPE")
    page.focus("#add [name=start]")
    press(page, "Control+Enter")
    page.wait_for_selector("#text .confirmed:has-text('Tehran')")
    page.click("#zones summary")
    page.fill("#zones textarea", "Zarif")
    press(page, "Control+Enter")
    page.wait_for_selector("#text .zone.chrome, #text .zone:has-text('Zarif')")
    assert article.zones.count() == 1
    assert Span.objects.filter(state=State.CONFIRMED).count() == 1
    assert not article.reviews.filter(stage="done").exists()
    for field, where in ((".search input", "**/articles/?q=Zarif"), (".next [name=q]", "**/articles/")):
        at_work(page, article)
        page.fill(field, "Zarif")
        press(page, "Control+Enter")
        page.wait_for_url(where)
    page.goto(reverse("concordance", args=["desk"]))
    page.fill(".concordance-search input", "Zarif")
    press(page, "Control+Enter")
    page.wait_for_url("**/concordance/?**q=Zarif**")
    page.goto(reverse("keys"))
    page.fill("[name=confirm]", "z")
    press(page, "Control+Enter")
    page.wait_for_selector(".messages:has-text('Shortcuts saved')")
    assert not article.reviews.filter(stage="done").exists()


def test_messages_are_seen(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab", "a", "Control+z")
    page.wait_for_selector("#message:has-text('Undone')")
    assert page.locator("#message").is_visible()
    page.set_viewport_size({"width": 360, "height": 640})
    press(page, "Control+z")
    page.wait_for_selector("#message:has-text('Nothing to undo')")
    box = page.locator("#message").bounding_box()
    assert box["y"] >= 0 and box["y"] + box["height"] < 100
    assert page.inner_text("#announcement") == page.inner_text("#message")
    assert address(article) in page.url
