"""The article list: by keys, by mouse, and without scripts."""

import pytest
from django.urls import reverse

from annotations.review.models import Review
from corpusapp.articles.models import Role
from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What stands outside the window, or is cut off by a box that does not scroll.
CLIPPED = """() => {
    const wide = document.documentElement.clientWidth;
    const scrolls = one => one.closest(".scroll") !== null;
    const shown = [...document.querySelectorAll("main a, main button, main h1, main h2, main select, main summary")];
    return shown.filter(one => {
        const box = one.getBoundingClientRect();
        return box.width && !scrolls(one) && (box.right > wide + 1 || box.left < -1);
    }).map(one => one.outerHTML.slice(0, 80));
}"""


@pytest.fixture
def corpus(db):
    return factories.make_corpus(name="The desk")


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER, "noor")


@pytest.fixture
def articles(corpus):
    """Five, the newest first."""
    factories.make_member(corpus, Role.EDITOR, "anna")
    made = [
        factories.make_article(corpus, f"On day {n} Zarif met others.", title=f"Day {n}", source="SANA")
        for n in range(5)
    ]
    factories.suggest(made[0], (9, 14, "PERSON"), score=0.8)
    return made[::-1]


def address():
    return reverse("article-list", args=["desk"])


def focused(page):
    return page.evaluate("document.activeElement.textContent.trim()")


def assigned():
    found = (
        Review.objects.exclude(assignee=None).order_by("-article").values_list("article__title", "assignee__username")
    )
    return dict(found)


@pytest.mark.parametrize("view", ["", "?view=columns"])
def test_rows_are_reached_selected_and_opened_by_keys(open_page, manager, articles, view):
    page = open_page(manager)
    page.goto(address() + view)
    page.wait_for_selector("html.keys")
    page.keyboard.press("j")
    assert focused(page) == "Day 4"
    page.keyboard.press("x")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    assert focused(page) == "Day 2"
    page.keyboard.press("x")
    assert page.locator(".checked-count").inner_text() == "2"
    for _ in range(9):
        page.keyboard.press("j")
    assert focused(page) == "Day 0"
    page.keyboard.press("k")
    page.keyboard.press("ArrowUp")
    assert focused(page) == "Day 2"
    page.keyboard.press("x")
    assert page.locator(".checked-count").inner_text() == "1"
    # In a field, keys type.
    page.locator(".search input").focus()
    page.keyboard.press("j")
    assert page.locator(".search input").input_value() == "j"
    page.locator("h1").click()
    page.keyboard.press("j")
    assert focused(page) == "Day 1"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/articles/{articles[3].pk}/")


def test_selected_articles_are_assigned_and_that_is_undone(open_page, manager, articles):
    page = open_page(manager)
    page.goto(address())
    for title in ("Day 4", "Day 1"):
        page.get_by_role("checkbox", name=f"Select {title}").check()
    page.locator("#bulk-assignee").select_option("anna")
    page.get_by_role("button", name="Assign", exact=True).click()
    page.get_by_text("2 articles are assigned to anna.").wait_for()
    page.wait_for_load_state()
    assert assigned() == {"Day 4": "anna", "Day 1": "anna"}
    page.keyboard.press("Control+z")
    page.get_by_text("2 articles are assigned as before.").wait_for()
    assert assigned() == {}


def test_selected_articles_are_reopened_and_that_is_undone(open_page, manager, articles):
    Review.objects.filter(article__in=articles[:2]).update(stage="done", editor=manager, done_by=manager)
    page = open_page(manager)
    page.goto(address())
    page.get_by_role("link", name="Select all 5 on this page").click()
    page.get_by_role("button", name="Reopen").click()
    page.get_by_text("2 articles are open again.").wait_for()
    assert "Left out “Day 2”, “Day 1”, “Day 0”: it is not done." in page.locator("main").inner_text()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("2 articles are done.").wait_for()
    assert Review.objects.filter(stage="done").count() == 2


def test_without_scripts_filters_are_saved_and_articles_taken(open_page, corpus, articles):
    page = open_page(factories.make_member(corpus, username="ben"), java_script_enabled=False)
    page.goto(address())
    page.locator("input[name=source][value=SANA]").check()
    page.locator("aside").get_by_role("button", name="Apply").click()
    page.get_by_text("Save these filters").click()
    page.get_by_label("Name").fill("From SANA")
    page.get_by_role("button", name="Save", exact=True).click()
    assert page.locator("h1").inner_text() == "From SANA"
    page.get_by_role("checkbox", name="Select Day 3").check()
    page.get_by_role("button", name="Assign to me").click()
    assert assigned() == {"Day 3": "ben"} and "assigned to you" in page.locator("main").inner_text()
    page.get_by_role("link", name="Review next").click()
    assert f"/articles/{articles[1].pk}/?filter=" in page.url


@pytest.mark.parametrize("size", [(1440, 900), (1024, 768), (720, 450), (360, 640)])
def test_nothing_is_cut_off_at_any_size(open_page, corpus, manager, articles, size):
    factories.make_article(corpus, "Long.", title="A headline of " + "manywordswithoutanyspaces" * 4)
    page = open_page(manager)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for view in ("", "?view=columns&source=SANA", "?q=zarif&order=date"):
        page.goto(address() + view)
        assert page.evaluate(CLIPPED) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
