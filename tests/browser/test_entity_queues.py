"""The queues of entities and the mentions of one, worked by keys, by mouse, and by forms alone."""

import pytest
from django.urls import reverse

from annotations.entities.models import Distinct, Entity, EntityState, Link, PossibleDuplicate
from tests import factories
from tests.entities.cast import leave_unlinked, link, make_entity, propose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def corpus(db):
    return factories.make_corpus(name="The desk")


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus, username="nora")


@pytest.fixture
def pairs(corpus):
    """Three pairs, in the order of the queue."""
    pairs = []
    for number, (one, other) in enumerate((("Idlib", "Idleb"), ("Homs", "Hims"), ("Aleppo", "Halab"))):
        pair = make_entity(corpus, one, "GPE"), make_entity(corpus, other, "GPE")
        propose(corpus, *pair, saves=9 - number)
        pairs.append(pair)
    return pairs


@pytest.fixture
def spans(corpus):
    """Mentions of `Zarif` in two articles, and one of `Damascus`."""
    articles = [factories.make_article(corpus, f"Zarif came on day {n}. He saw Damascus.") for n in range(2)]
    return [factories.suggest(one, (0, 5, "PERSON"), (28, 36, "GPE")) for one in articles]


def _wait(page, heading):
    page.locator("h1", has_text=heading).wait_for()


def _open(page, name, *args):
    page.goto(reverse(name, args=["desk", *args]))
    page.wait_for_load_state("load")


def test_duplicates_are_worked_by_keys_without_leaving_the_page(open_page, editor, pairs):
    page = open_page(editor)
    _open(page, "entities-duplicates")
    page.evaluate("window.kept = true")
    assert "3 pairs left" in page.locator("#queue").inner_text()
    page.keyboard.press("y")
    page.get_by_text("2 pairs left").wait_for()
    assert Entity.objects.get(state=EntityState.MERGED).merged_into_id in {entity.pk for entity in pairs[0]}
    page.keyboard.press("n")
    page.get_by_text("1 pair left").wait_for()
    assert Distinct.objects.count() == 1
    page.keyboard.press("h")
    page.get_by_text("put off").first.wait_for()
    assert PossibleDuplicate.objects.get().postponed_at is not None
    page.keyboard.press("y")
    page.get_by_text("No pair of entities looks like one").wait_for()
    page.keyboard.press("u")
    page.locator(".messages", has_text="Undone: merge.").wait_for()
    assert Entity.objects.filter(state=EntityState.MERGED).count() == 1
    assert page.evaluate("window.kept")


def test_control_z_undoes_the_last_answer(open_page, editor, pairs):
    page = open_page(editor)
    _open(page, "entities-duplicates")
    page.keyboard.press("n")
    page.get_by_text("2 pairs left").wait_for()
    page.keyboard.press("Control+z")
    page.locator(".messages", has_text="Undone: distinct.").wait_for()
    assert not Distinct.objects.exists()


def test_a_refusal_is_shown_in_place(open_page, editor, pairs):
    page = open_page(editor)
    _open(page, "entities-duplicates")
    Entity.objects.filter(pk=pairs[0][0].pk).update(revision=7)
    page.keyboard.press("y")
    page.get_by_role("alert").get_by_text("is at revision 7").wait_for()
    page.keyboard.press("y")
    page.get_by_text("2 pairs left").wait_for()


def test_names_are_linked_by_number_and_created_by_n(open_page, corpus, editor, spans):
    (first, damascus), (second, _) = spans
    leave_unlinked(first, second, damascus)
    zarif = make_entity(corpus, "Zarif")
    page = open_page(editor)
    _open(page, "entities-unlinked")
    _wait(page, "Who or what is Zarif?")
    page.keyboard.press("h")
    _wait(page, "Who or what is Damascus?")
    page.keyboard.press("n")
    page.locator(".messages", has_text="Linked 1 mention to the new entity “Damascus”.").wait_for()
    page.get_by_role("link", name="Begin again").or_(page.locator("h1", has_text="Zarif")).first.wait_for()
    _open(page, "entities-unlinked")
    page.keyboard.press("1")
    page.get_by_text("Every name has an entity").wait_for()
    assert Link.objects.filter(entity=zarif, state="confirmed").count() == 2


def test_another_entity_is_found_by_typing(open_page, corpus, editor, spans):
    (first, _), (second, _) = spans
    leave_unlinked(first, second)
    minister = make_entity(corpus, "Foreign Minister")
    page = open_page(editor)
    _open(page, "entities-unlinked")
    page.keyboard.press("f")
    page.keyboard.type("minister")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Foreign Minister").wait_for()
    page.keyboard.press("1")
    page.get_by_text("Every name has an entity").wait_for()
    assert Entity.objects.get(pk=minister.pk).mentions == 2


def test_ambiguous_mentions_are_chosen_article_by_article(open_page, corpus, editor, spans):
    (first, _), (second, _) = spans
    one, other = make_entity(corpus, "Javad Zarif"), make_entity(corpus, "Zarif of Shiraz")
    leave_unlinked(first, second, reason="ambiguous", candidates=(one, other))
    page = open_page(editor)
    _open(page, "entities-ambiguous")
    _wait(page, "Which Zarif is this?")
    page.keyboard.press("2")
    page.locator(".messages", has_text="Linked 1 mention to “Zarif of Shiraz”.").wait_for()
    page.keyboard.press("1")
    page.get_by_text("No name waits for a choice").wait_for()
    assert {link.span_id: link.entity_id for link in Link.objects.all()} == {second.pk: other.pk, first.pk: one.pk}


def test_by_forms_alone(open_page, corpus, editor, pairs, spans):
    (first, _), (second, _) = spans
    leave_unlinked(first, second)
    make_entity(corpus, "Zarif")
    page = open_page(editor, java_script_enabled=False)
    page.goto(reverse("entities-duplicates", args=["desk"]))
    page.get_by_role("button", name="Same: merge").click()
    page.get_by_text("2 pairs left").wait_for()
    assert Entity.objects.filter(state="merged").count() == 1
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone: merge.").wait_for()
    assert not Entity.objects.filter(state="merged").exists()
    page.goto(reverse("entities-unlinked", args=["desk"]))
    page.get_by_role("button", name="Zarif", exact=False).first.click()
    page.get_by_text("Linked 2 mentions to “Zarif”.").wait_for()
    linked = Link.objects.filter(span__in=[first, second], state="confirmed").values_list("entity__name", flat=True)
    assert list(linked) == ["Zarif", "Zarif"]


def test_mentions_are_moved_by_keys(open_page, corpus, editor, spans):
    (first, _), (second, _) = spans
    zarif = make_entity(corpus, "Zarif")
    link(corpus, zarif, first, second)
    page = open_page(editor)
    _open(page, "entity", zarif.pk)
    page.locator(".checked-count").get_by_text("0").wait_for()
    for key in ("ArrowDown", "Space", "s"):
        page.keyboard.press(key)
    _wait(page, "Move 1 mention to another entity")
    page.wait_for_load_state("load")
    page.get_by_label("Name", exact=True).fill("Another Zarif")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Moved 1 mention of “Zarif” to “Another Zarif”").wait_for()
    page.keyboard.press("u")
    page.locator(".messages", has_text="Undone: split.").wait_for()
    assert Entity.objects.get(pk=zarif.pk).mentions == 2
