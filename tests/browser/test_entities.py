"""Entities in the workbench: what a span is linked to, choosing it by keys, and deciding it with its span."""

import pytest

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.models import Entity, Link
from annotations.review.models import Decision, Span, State
from tests import factories
from tests.browser.axe import violations
from tests.browser.test_workbench import at_work, in_hand, press, saved
from tests.browser.test_workbench_together import KEPT, look_again

pytestmark = pytest.mark.browser

TEXT = "Zarif met Muallem in Damascus.\nZarif left for Tehran on Monday. Zarif spoke."
PLACES = [(0, 5, "PERSON"), (10, 17, "PERSON"), (21, 29, "GPE"), (31, 36, "PERSON"), (64, 69, "PERSON")]


@pytest.fixture
def article(transactional_db):
    article = factories.make_article(factories.make_corpus(name="The desk"), TEXT, title="Zarif in Damascus")
    factories.suggest(article, *PLACES, (56, 62, "DATE"))
    return article


@pytest.fixture
def manager(article):
    return factories.make_member(article.corpus, username="maryam")


def entity(article, by, name, label="PERSON", **more):
    return create_entity(user=by, corpus=article.corpus, name=name, label=label, **more).entities[0]


def suggest_link(article, start, entity):
    """As the linker does."""
    span = article.spans.get(start=start)
    pipeline = factories.make_pipeline()
    return Link.objects.create(
        corpus=article.corpus, article=article, span=span, entity=entity, state=State.SUGGESTED, score=0.9,
        pipeline=pipeline, week="2024-01-01",
    )  # fmt: skip


def links(article):
    """(start, name, state of the link, state of the span) of each link that stands."""
    rows = Link.objects.standing().filter(article=article).order_by("span__start")
    return list(rows.values_list("span__start", "entity__name", "state", "span__state"))


def line(page):
    return " ".join(page.inner_text(".entity-line").split())


def quiet(page):
    """The page knows what the server has: nothing is announced."""
    saved(page)
    with page.expect_response("**/pulse/"):
        look_again(page)
    page.wait_for_timeout(200)
    assert not page.is_visible("#remote-changes")


def chooser(page):
    page.wait_for_selector(".entity-chooser:not([hidden]) li.link")


def test_the_selected_span_shows_its_entity(open_page, article, editor, manager):
    zarif = entity(article, manager, "Mohammad Javad Zarif", description="foreign minister of Iran")
    suggest_link(article, 0, zarif)
    page = at_work(open_page(editor), article)
    assert page.locator("#text .link-suggested").count() == 1
    assert page.get_attribute("#text .link-suggested", "aria-label") == "Zarif, PERSON, suggested, link suggested"
    page.wait_for_selector(".spans.grouped li")
    press(page, "Tab")
    assert line(page) == "Mohammad Javad Zarif ×1 link suggested 0.90 foreign minister of Iran Change e"
    assert page.get_attribute(".entity-line a", "href") == f"/corpora/desk/entities/{zarif.pk}/"
    press(page, "Tab")
    assert line(page) == "Not linked Link e"
    # What has no entities says nothing of them.
    page.click("#text a:has-text('Monday')")
    assert not page.is_visible(".entity-line")
    press(page, "e")
    page.wait_for_selector("#announcement:has-text('DATE is not linked to entities')")


def test_confirming_a_span_confirms_the_link_shown_with_it_and_undo_takes_both_back(
    open_page, article, editor, manager
):
    suggest_link(article, 0, entity(article, manager, "Mohammad Javad Zarif"))
    page = at_work(open_page(editor), article)
    press(page, "Tab", "a")
    saved(page)
    assert links(article) == [(0, "Mohammad Javad Zarif", "confirmed", "confirmed")]
    assert page.locator("#text .link-confirmed").count() == 1
    press(page, "Control+z")
    saved(page)
    assert links(article) == [(0, "Mohammad Javad Zarif", "suggested", "suggested")]
    page.wait_for_selector("#text .link-suggested")
    press(page, "Control+Shift+z")
    saved(page)
    assert links(article) == [(0, "Mohammad Javad Zarif", "confirmed", "confirmed")]
    quiet(page)


def test_a_candidate_is_chosen_by_its_number(open_page, article, editor, manager):
    entity(article, manager, "Zarif")
    page = at_work(open_page(editor), article)
    press(page, "Tab", "e")
    chooser(page)
    assert page.evaluate("document.activeElement.id") == "entity-field"
    press(page, "1")
    assert page.is_hidden(".entity-chooser")
    # The span was to be decided: linking it confirms it, and goes on.
    assert in_hand(page) == "Muallem"
    saved(page)
    assert links(article) == [(0, "Zarif", "confirmed", "confirmed")]
    press(page, "Shift+Tab")
    assert line(page).startswith("Zarif ×1 link confirmed")
    quiet(page)
    press(page, "Control+z")
    quiet(page)
    assert links(article) == []
    assert article.spans.get(start=0).state == "suggested"
    press(page, "Control+Shift+z")
    quiet(page)
    assert links(article) == [(0, "Zarif", "confirmed", "confirmed")]
    assert Decision.objects.filter(corpus=article.corpus, user=editor).count() == 3


def test_escape_closes_the_list_and_the_focus_returns_to_the_span(open_page, article, editor, manager):
    entity(article, manager, "Zarif")
    page = at_work(open_page(editor), article)
    press(page, "Tab", "e")
    chooser(page)
    press(page, "Escape")
    assert page.is_hidden(".entity-chooser")
    assert page.evaluate("document.activeElement.textContent") == "Zarif"
    assert in_hand(page) == "Zarif"
    press(page, "e", "Escape", "a")
    assert in_hand(page) == "Muallem"


def test_an_entity_is_found_by_typing(open_page, article, editor, manager):
    entity(article, manager, "Mohammad Javad Zarif", description="foreign minister")
    entity(article, manager, "Walid al-Muallem")
    page = at_work(open_page(editor), article)
    press(page, "Tab", "e")
    page.wait_for_selector(".entity-chooser li")
    page.keyboard.type("walid")
    page.wait_for_selector(".entity-chooser li.link:has-text('Walid al-Muallem')")
    press(page, "Enter")
    saved(page)
    assert links(article) == [(0, "Walid al-Muallem", "confirmed", "confirmed")]


def test_a_new_entity_is_named_like_the_span_and_used_again_before_it_is_saved(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.context.set_offline(True)
    press(page, "Tab", "e")
    page.wait_for_selector(".entity-chooser p:has-text('Cannot reach the server')")
    press(page, "+")
    assert page.input_value("#entity-field") == "Zarif"
    page.keyboard.type("Mohammad Javad Zarif")
    press(page, "Enter")
    assert in_hand(page) == "Muallem"
    # The other mentions are this new entity, which only this page knows.
    press(page, "Tab", "Tab")
    assert in_hand(page) == "Zarif"
    press(page, "e")
    page.wait_for_selector(".entity-chooser li.link:has-text('Mohammad Javad Zarif')")
    press(page, "1")
    assert page.evaluate(f"{KEPT}.length") == 2
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    saved(page)
    name = "Mohammad Javad Zarif"
    assert links(article) == [(0, name, "confirmed", "confirmed"), (31, name, "confirmed", "confirmed")]
    assert Entity.objects.filter(corpus=article.corpus).count() == 1
    press(page, "Control+z", "Control+z")
    saved(page)
    assert links(article) == []
    assert Entity.objects.get(corpus=article.corpus).state == "removed"


def test_not_this_entity(open_page, article, editor, manager):
    suggest_link(article, 0, entity(article, manager, "Mohammad Javad Zarif"))
    page = at_work(open_page(editor), article)
    press(page, "Tab", "e")
    page.wait_for_selector(".entity-chooser li.unlink")
    press(page, "-")
    quiet(page)
    assert links(article) == []
    assert Link.objects.get(article=article).state == "rejected"
    assert line(page) == "Not linked Link e"
    press(page, "Control+z")
    quiet(page)
    assert links(article) == [(0, "Mohammad Javad Zarif", "suggested", "suggested")]


def test_all_like_it_are_linked_with_one_decision(open_page, article, editor, manager):
    entity(article, manager, "Zarif")
    page = at_work(open_page(editor), article)
    press(page, "Tab", "e")
    chooser(page)
    assert "and the 2 others like it here" in page.inner_text(".all-alike")
    press(page, "*", "1")
    quiet(page)
    assert [(start, state) for start, _, state, _ in links(article)] == [
        (0, "confirmed"), (31, "confirmed"), (64, "confirmed"),
    ]  # fmt: skip
    press(page, "Control+z")
    saved(page)
    assert links(article) == []
    assert not article.spans.filter(state="confirmed").exists()


def test_deciding_all_like_it_carries_the_link(open_page, article, editor, manager):
    zarif, other = entity(article, manager, "Mohammad Javad Zarif"), entity(article, manager, "Another Zarif")
    suggest_link(article, 0, zarif)
    suggest_link(article, 31, other)
    page = at_work(open_page(editor), article)
    press(page, "Tab", "m")
    page.wait_for_selector("#bulk .lines")
    assert "Linked to Mohammad Javad Zarif, too." in page.inner_text("#bulk")
    assert "now Another Zarif" in page.inner_text("#bulk .lines li >> nth=0")
    page.click("#bulk .primary")
    quiet(page)
    name = "Mohammad Javad Zarif"
    assert links(article) == [(start, name, "confirmed", "confirmed") for start in (0, 31, 64)]
    press(page, "Control+z")
    saved(page)
    assert links(article) == [(0, name, "suggested", "suggested"), (31, "Another Zarif", "suggested", "suggested")]


def test_finishing_confirms_the_links_shown_and_says_so(open_page, article, editor, manager):
    suggest_link(article, 0, entity(article, manager, "Mohammad Javad Zarif"))
    suggest_link(article, 21, entity(article, manager, "Damascus", "GPE"))
    page = at_work(open_page(editor), article)
    assert page.inner_text("#finish-count") == "Confirm 6 spans, 2 links and finish"
    press(page, "Tab", "a")
    assert page.inner_text("#finish-count") == "Confirm 5 spans, 1 link and finish"
    saved(page)
    press(page, "Control+Enter")
    page.wait_for_selector(".finished")
    assert "5 spans, 1 link confirmed" in page.inner_text(".finished")
    assert [state for _, _, state, _ in links(article)] == ["confirmed", "confirmed"]


def test_links_that_change_on_the_server_are_announced_and_shown_on_request(open_page, article, editor, manager):
    zarif = entity(article, manager, "Mohammad Javad Zarif")
    page = at_work(open_page(editor), article)
    press(page, "Tab")
    suggest_link(article, 0, zarif)
    suggest_link(article, 31, zarif)
    look_again(page)
    page.wait_for_selector("#remote-changes:has-text('2 links changed')")
    assert page.locator("#text .link-suggested").count() == 0
    assert line(page) == "Not linked Link e"
    page.click("#remote-changes button")
    page.wait_for_selector("#text .link-suggested >> nth=1")
    assert line(page).startswith("Mohammad Javad Zarif")
    look_again(page)
    page.wait_for_timeout(300)
    assert not page.is_visible("#remote-changes")


def test_a_link_that_another_person_decided_meanwhile_is_a_conflict_with_both_sides(
    open_page, article, editor, manager
):
    zarif, other = entity(article, manager, "Zarif"), entity(article, manager, "Another Person")
    page = at_work(open_page(editor), article)
    press(page, "Tab")
    span = article.spans.get(start=0)
    link_spans(user=manager, corpus=article.corpus, choices=[LinkChoice(span.pk, other.pk)])
    press(page, "e")
    page.click(".entity-chooser li.link:has(b:text-is('Zarif'))")
    conflict = page.wait_for_selector(".conflict")
    assert "link it to Zarif" in conflict.inner_text()
    assert "Linked to Another Person, confirmed, by maryam" in conflict.inner_text()
    assert links(article) == [(0, "Another Person", "confirmed", "confirmed")]
    page.wait_for_selector("#text .link-confirmed")
    page.click(".conflict >> text=Use mine")
    saved(page)
    assert links(article) == [(0, "Zarif", "confirmed", "confirmed")]
    assert zarif.links.get(state="confirmed").span_id == span.pk


def test_a_decision_on_a_link_outlives_the_page(open_page, article, editor, manager):
    zarif = entity(article, manager, "Zarif")
    suggest_link(article, 10, zarif)
    page = at_work(open_page(editor), article)
    press(page, "Tab", "Tab")
    page.context.set_offline(True)
    press(page, "e")
    page.wait_for_selector(".entity-chooser li.unlink:has-text('Zarif')")
    press(page, "-")
    assert page.evaluate(f"{KEPT}.length") == 1
    page.context.set_offline(False)
    page.reload()
    page.wait_for_selector("html.filled")
    saved(page)
    assert links(article) == []
    assert Link.objects.get(article=article).state == "rejected"
    assert Span.objects.filter(article=article, state="confirmed").count() == 0


def test_a_new_entity_outlives_the_page(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.context.set_offline(True)
    press(page, "Tab", "e")
    page.wait_for_selector(".entity-chooser p:has-text('Cannot reach the server')")
    press(page, "+", "Enter")
    # The page that goes must not send it itself: it would be saved while the next one is read.
    going = [True]
    page.route("**/links/", lambda route: route.abort() if going else route.continue_())
    page.context.set_offline(False)
    page.wait_for_timeout(200)
    going.clear()
    page.reload()
    page.wait_for_selector("html.filled")
    quiet(page)
    assert links(article) == [(0, "Zarif", "confirmed", "confirmed")]
    assert Entity.objects.filter(corpus=article.corpus).count() == 1
    press(page, "Tab")
    assert line(page).startswith("Zarif ×")


def test_a_number_pressed_before_the_candidates_come_takes_the_candidate(open_page, article, editor, manager):
    entity(article, manager, "Zarif")
    page = at_work(open_page(editor), article)
    page.route("**/candidates/", lambda route: (page.wait_for_timeout(200), route.continue_()))
    press(page, "Tab", "e", "1")
    page.wait_for_selector(".entity-chooser", state="hidden")
    saved(page)
    assert links(article) == [(0, "Zarif", "confirmed", "confirmed")]


def test_the_list_of_entities_is_readable_and_fits_a_narrow_window(open_page, article, editor, manager):
    suggest_link(article, 0, entity(article, manager, "Zarif", description="foreign minister " * 12))
    for width, height in ((1280, 900), (360, 640), (640, 450)):
        page = at_work(open_page(editor, viewport={"width": width, "height": height}), article)
        page.click("#text a >> nth=0")
        page.click(".entity-line button")
        chooser(page)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # What is linked stands beside the list, and the field is on the screen.
        word, field = (page.locator(one).bounding_box() for one in ("#text .selected", "#entity-field"))
        assert field["y"] + field["height"] <= height
        top = page.locator(".selected-span").bounding_box()["y"]
        assert width > 800 or word["y"] + word["height"] <= top
        press(page, "Escape")


def test_a_corpus_without_entities_shows_nothing_of_them(open_page, article, editor):
    article.corpus.entities_enabled = False
    article.corpus.save(update_fields=["entities_enabled"])
    page = at_work(open_page(editor), article)
    press(page, "Tab")
    assert page.locator(".entity-chooser, .entity-line").count() == 0
    assert in_hand(page) == "Zarif"
    # The key is the label's.
    press(page, "e")
    saved(page)
    assert article.spans.get(start=0).state == "confirmed"
