"""An article from its first span to its end: by mouse alone, by touch alone; and files that are dropped on the desk."""

import pytest
from django.urls import reverse

from corpusapp.articles.models import Role
from tests import factories
from tests.browser.test_desk import quotes
from tests.browser.test_workbench import at_work, in_hand, saved
from tests.browser.test_workbench_selecting import PLACE, drag, offered

pytestmark = pytest.mark.browser

TEXT = "Zarif met Muallem in Damascus.\nHe left for Tehran on Monday, SANA said."
# What an editor makes of four suggestions: one confirmed, one relabelled, one moved, one rejected, and one added.
GOLD = [("Zarif", "PERSON"), ("Muallem", "PERSON"), ("Damascus", "GPE"), ("on Monday", "DATE")]
TELEPHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


@pytest.fixture
def visit(article):
    stored = factories.make_article(article.corpus, TEXT, title="Zarif in Damascus")
    places = [("Zarif", "PERSON"), ("Muallem", "ORG"), ("Monday", "DATE"), ("SANA", "GPE")]
    factories.suggest(stored, *((TEXT.index(word), TEXT.index(word) + len(word), label) for word, label in places))
    return stored


def test_an_editor_by_mouse_alone(open_page, visit, editor):
    page = at_work(open_page(editor), visit)
    page.click("#text a:has-text('Zarif')")
    page.click("#selected-span button:has-text('Confirm')")
    page.click("#text a:has-text('Muallem')")
    page.click("#selected-span button[value=PERSON]")
    page.click("#text a:has-text('Monday')")
    page.click("#selected-span button:has-text('← start')")
    page.click("#text a:has-text('SANA')")
    page.click("#selected-span button:has-text('Reject')")
    drag(page, "Damascus", "Damascus")
    page.click("#mark button[value=GPE]")
    saved(page)
    assert quotes(visit) == GOLD
    page.click("button:has-text('inish'):visible >> nth=0")
    page.wait_for_url("**/articles/**finished=*")
    assert visit.reviews.get().stage == "done"


class Finger:
    """One finger, by the touches that Chromium gets from a screen; it makes gestures of them itself."""

    def __init__(self, page):
        self.page, self.line = page, page.context.new_cdp_session(page)

    def touch(self, kind, words=None):
        points = []
        if words:
            left, right, height = self.page.evaluate(PLACE, words)
            points = [{"x": (left + right) / 2, "y": height}]
        self.line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def long_press(self, words):
        self.touch("touchStart", words)
        offered(self.page, words)
        # Longer than Chromium's own long press, which would select the word too.
        self.page.wait_for_timeout(700)
        self.touch("touchEnd")
        offered(self.page, words)


def test_an_editor_by_touch_alone(open_page, visit, editor):
    page = at_work(open_page(editor, **TELEPHONE), visit)
    finger = Finger(page)
    page.tap("#text a:has-text('Zarif')")
    assert in_hand(page) == "Zarif"
    page.tap("#selected-span button:has-text('Confirm')")
    page.tap("#text a:has-text('Muallem')")
    page.tap("#selected-span button[value=PERSON]")
    page.tap("#text a:has-text('Monday')")
    page.tap("#selected-span button:has-text('Confirm')")
    page.tap("#text a:has-text('SANA')")
    page.tap("#selected-span button:has-text('Reject')")
    saved(page)
    finger.long_press("Tehran")
    page.tap("#mark button[value=GPE]")
    saved(page)
    # Held, and drawn over the next word.
    finger.touch("touchStart", "in ")
    offered(page, "in")
    finger.touch("touchMove", "Damascus")
    finger.touch("touchEnd")
    offered(page, "in Damascus")
    box = page.locator("#mark").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    page.tap("#mark button[value=GPE]")
    saved(page)
    assert quotes(visit) == [*GOLD[:2], ("in Damascus", "GPE"), ("Tehran", "GPE"), ("Monday", "DATE")]
    page.tap("button:has-text('inish'):visible >> nth=0")
    page.wait_for_url("**/articles/**finished=*")
    assert visit.reviews.get().stage == "done"


def test_a_short_tap_and_a_swipe_select_nothing(open_page, visit, editor):
    page = at_work(open_page(editor, **TELEPHONE), visit)
    finger = Finger(page)
    finger.touch("touchStart", "Damascus")
    finger.touch("touchEnd")
    finger.touch("touchStart", "Tehran")
    finger.touch("touchMove", "Zarif")
    page.wait_for_timeout(600)
    finger.touch("touchEnd")
    assert page.evaluate("getSelection().toString()") == ""
    assert page.locator("#mark").is_hidden()


def test_a_long_press_as_the_browser_makes_it(open_page, visit, editor):
    page = at_work(open_page(editor, **TELEPHONE), visit)
    left, right, height = page.evaluate(PLACE, "Damascus")
    finger = page.context.new_cdp_session(page)
    gesture = {"x": (left + right) / 2, "y": height, "duration": 900, "tapCount": 1, "gestureSourceType": "touch"}
    finger.send("Input.synthesizeTapGesture", gesture)
    offered(page, "Damascus")
    page.tap("#mark button[value=GPE]")
    saved(page)
    assert ("Damascus", "GPE") in quotes(visit)


def test_a_manager_drops_files_and_a_folder_into_a_corpus(open_page, article, tmp_path):
    corpus, manager = article.corpus, factories.make_member(article.corpus, Role.MANAGER)
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "homs.txt").write_text("It rained in Homs.")
    (folder / ".hidden").write_text("Not an article.")
    page = open_page(manager)
    page.goto(reverse("import", args=[corpus.slug]))
    page.wait_for_selector(".chosen:has-text('drop files')")
    (tmp_path / "aleppo.txt").write_text("It snowed in Aleppo.")
    drop(page, tmp_path / "aleppo.txt", folder)
    page.wait_for_selector(".chosen:has-text('2 files')")
    page.click("main button.primary")
    page.wait_for_selector("#import-now:has-text('Waiting for a worker')")
    factories.work_off()
    page.wait_for_selector("#import-now:has-text('Finished: 2 items read')")
    texts = set(corpus.articles.exclude(pk=article.pk).values_list("text", flat=True))
    assert texts == {"It rained in Homs.", "It snowed in Aleppo."}


def drop(page, *paths):
    """Drag files from outside the browser over the page, and let them go."""
    mouse = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        mouse.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 200, "data": data})
