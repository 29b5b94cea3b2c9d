"""The header: the same place on every page at every width, the present tab, the menus with and without scripts."""

import pytest
from django.urls import reverse

from corpusapp.articles.models import Role
from tests import factories
from tests.browser.axe import both_ways
from tests.browser.test_desk import address
from tests.browser.test_every_page import pages_of_a_corpus

pytestmark = pytest.mark.browser

# 720 is a window of 1440 at 200 %.
WIDTHS = (1440, 1280, 1024, 720, 360)
PLACES = """() => {
    const place = (query) => {
        const found = document.querySelector(query);
        const { x, y, width, height } = found ? found.getBoundingClientRect() : {};
        return [x, y, width, height].map((side) => Math.round(side * 100) / 100).join(" ");
    };
    const { right } = document.body.getBoundingClientRect();
    const shown = [...document.querySelectorAll(".top *")].filter((one) => one.checkVisibility());
    return {
        brand: place(".brand"), corpus: place(".top .corpus"), tab: place(".tabs a"), user: place(".top .user"),
        search: place(".top .search"), header: place(".top"),
        wider: document.documentElement.scrollWidth > document.documentElement.clientWidth,
        clipped: shown.filter((one) => one.getBoundingClientRect().right > right).map((one) => one.outerHTML),
    };
}"""
CURRENT = """() => [...document.querySelectorAll(".tabs > a[aria-current=page]")].map((one) => one.textContent)"""
TABS = {
    "corpus": "Overview", "guidelines": "Overview", "article-list": "Articles", "concordance": "Concordance",
    "comments": "Comments", "dashboard": "Dashboard", "releases": "Releases", "pipelines": "Models",
    "suggester": "Models", "export": "Export", "import": "Import", "entities": "Entities",
    "entities-duplicates": "Entities",
}  # fmt: skip


def test_nothing_moves_between_pages(open_page, article):
    manager = factories.make_member(article.corpus, Role.MANAGER, "noor-of-a-name-that-is-long")
    pages = [reverse("home"), reverse("help"), reverse("account"), *pages_of_a_corpus(article, manager)]
    page = open_page(manager)
    page.goto(address(article))
    at_article = places(page)
    for each in pages:
        page.goto(each)
        of_a_corpus = page.query_selector(".top .corpus")
        for width, found in places(page).items():
            there = at_article[width]
            if of_a_corpus:
                assert found.pop("header").endswith(" 51"), (each, width)
                assert found == {name: there[name] for name in found}, (each, width)
            assert (found["brand"], found["wider"], found["clipped"]) == (there["brand"], False, []), (each, width)


def places(page):
    """Where the parts of the header stand, by the width of the window."""
    found = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        found[width] = page.evaluate(PLACES)
    return found


@pytest.mark.parametrize("name", TABS)
def test_the_present_tab_is_marked(client, article, name):
    """And it is the only one, in the row of tabs and in the menus."""
    client.force_login(factories.make_member(article.corpus, Role.MANAGER))
    html = client.get(reverse(name, args=[article.corpus.slug])).content.decode()
    header = html[html.index("<header") : html.index("</header>")]
    marked = [line.rpartition("</a>")[0].rpartition(">")[2] for line in header.split("\n") if "aria-current" in line]
    assert set(marked) == {TABS[name]}


def test_an_article_belongs_to_the_articles(open_page, article, editor):
    page = open_page(editor)
    page.goto(address(article))
    assert page.evaluate(CURRENT) == ["Articles"]


def test_links_for_managers_are_shown_to_managers(open_page, article, editor):
    page = open_page(editor)
    page.goto(reverse("corpus", args=["desk"]))
    page.click(".more summary")
    assert page.locator(".more a:visible").all_inner_texts()[-1] == "Export"
    assert both_ways(page) == []
    page.set_viewport_size({"width": 720, "height": 450})
    page.click(".site-menu summary")
    assert both_ways(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("Escape")
    assert not page.is_visible(".more a")
    page.click(".more summary")
    page.mouse.click(600, 700)
    assert not page.is_visible(".more a")


def test_all_tabs_are_reached_at_every_width(open_page, article):
    page = open_page(factories.make_member(article.corpus, Role.MANAGER), java_script_enabled=False)
    page.goto(reverse("corpus", args=["desk"]))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        page.click(".site-menu summary" if width <= 800 else ".more summary")
        shown = page.locator(".tabs a:visible").all_inner_texts()
        assert sorted(shown) == sorted({*TABS.values(), "Settings", "Admin"}), width
        assert page.is_visible(".top input[type=search]") and page.is_visible(".user summary")
        page.click(".site-menu summary" if width <= 800 else ".more summary")


def test_the_key_of_the_search_opens_the_menu_that_holds_it(open_page, article, editor):
    page = open_page(editor)
    page.set_viewport_size({"width": 720, "height": 450})
    for each in (reverse("concordance", args=["desk"]), address(article)):
        page.goto(each)
        page.wait_for_selector("html.keys", state="attached")
        page.keyboard.press("/")
        page.wait_for_selector(".top input[type=search]:focus")
        page.keyboard.type("zarif")
        page.keyboard.press("Enter")
        page.wait_for_url("**/articles/?q=zarif")
        assert page.input_value(".top input[type=search]") == "zarif"
