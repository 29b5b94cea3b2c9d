"""A manager sets up a corpus with labels of its own, members and articles, and an editor works it."""

import pytest
from django.urls import reverse

from annotations.review.models import Label, Span
from corpusapp.articles.models import Corpus
from tests import factories
from tests.browser.test_journeys import drop

pytestmark = pytest.mark.browser
TEXT = "The Baltic Star reached Latakia."


def set_up(page, *, scripts):
    """Create a corpus, give a label a key, and hide another one; returns the corpus."""
    page.goto(reverse("corpus-new"))
    page.fill("[name=name]", "Ships and ports")
    if scripts:
        assert page.input_value("[name=slug]") == "ships-and-ports"
    page.fill("[name=labels]", "SHIP: vessels with a name\nPORT: harbours\nCREW")
    if not scripts:
        page.check("[name=label_set][value=own]")
    page.click("text=Create corpus")
    assert "Next: import its first articles" in page.inner_text(".messages")
    page.click("nav >> text=Labels")
    page.click("[aria-label='Edit the label SHIP']")
    page.fill("[name=key]", "a")
    page.click("text=Save label")
    assert "is the shortcut of confirm" in page.inner_text(".refusal")
    page.fill("[name=key]", "z")
    page.click("text=Save label")
    page.click("[aria-label='Edit the label CREW']")
    page.click("text=Preview hiding it")
    page.click("button:has-text('Hide CREW')")
    page.wait_for_selector("text=CREW is hidden.")
    return Corpus.objects.get(slug="ships-and-ports")


def test_a_manager_sets_up_a_corpus_that_an_editor_works(open_page, transactional_db, tmp_path):
    zaid = factories.make_user("zaid")
    page = open_page(factories.make_superuser())
    corpus = set_up(page, scripts=True)
    page.click("nav >> text=Members")
    page.fill("[name=username]", "zaid")
    page.click("button:has-text('Add member')")
    page.wait_for_selector(".messages:has-text('zaid is editor of Ships and ports now')")
    page.click("nav >> text=Imports")
    page.wait_for_selector(".chosen:has-text('drop files')")
    (tmp_path / "arrival.txt").write_text(TEXT)
    drop(page, tmp_path / "arrival.txt")
    page.wait_for_selector(".chosen:has-text('1 file')")
    page.click("main button.primary")
    page.wait_for_selector("#import-now:has-text('Waiting for a worker')")
    factories.work_off()
    page.wait_for_selector("#import-now:has-text('Finished: 1 item read')")
    factories.suggest(corpus.articles.get(), (4, 15, "PORT"))
    theirs = open_page(zaid)
    theirs.goto(reverse("home"))
    theirs.click("text=/^Review next article/")
    theirs.wait_for_selector("html.keys.filled #selected-span")
    assert "CREW" not in theirs.inner_text(".panel")
    # The key that the manager gave the label.
    theirs.keyboard.press("Enter")
    theirs.keyboard.press("z")
    theirs.wait_for_selector("#saved[data-state=saved]")
    assert list(Span.objects.filter(state="confirmed").values_list("label__name", flat=True)) == ["SHIP"]


def test_settings_by_forms_alone_on_a_narrow_screen(open_page, transactional_db):
    page = open_page(factories.make_superuser(), java_script_enabled=False)
    page.set_viewport_size({"width": 360, "height": 640})
    corpus = set_up(page, scripts=False)
    page.click("[role=status] button:has-text('Undo')")
    assert "CREW is shown again" in page.inner_text(".messages")
    page.click("[aria-label='Move PORT up']")
    assert list(Label.objects.filter(corpus=corpus).values_list("name", flat=True)) == ["PORT", "SHIP", "CREW"]
    page.click("nav >> text=Guidelines")
    page.fill("[name=guidelines]", "# Ships\n\n*whole names*")
    page.click("text=Preview")
    assert page.inner_text("#preview h3") == "Ships"
    assert page.input_value("[name=guidelines]") == "# Ships\n\n*whole names*"
    page.click("text=Save guidelines")
    corpus.refresh_from_db()
    assert corpus.guidelines == "# Ships\n\n*whole names*"
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
