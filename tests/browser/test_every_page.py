"""Every page once, in one browser: no violation of axe-core, light and dark, no complaint of the browser, least of all
of the Content-Security-Policy, nothing wider than a narrow screen, and Ctrl+Enter in each field sends its form."""

import pytest
from django.urls import reverse

from annotations.exports.actions.make import make_export
from annotations.exports.actions.order import order_export
from annotations.exports.selection import Selection
from annotations.review.actions.choices import Choice
from annotations.review.actions.comments import add_comment
from annotations.review.actions.decide import decide
from annotations.review.actions.set_aside import set_aside
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import TrainedModel
from corpusapp.articles.models import Role, Zone
from tests import factories
from tests.browser.axe import both_ways
from tests.browser.test_desk import address
from tests.pages.test_copies import STORY
from tests.releases import cast

pytestmark = pytest.mark.browser

# The fields in which Ctrl+Enter does not send their own form; nothing is sent in truth.
UNSENT = """() => {
    const sent = [];
    const stop = event => { event.preventDefault(); event.stopImmediatePropagation(); sent.push(event.target); };
    const press = { key: "Enter", ctrlKey: true, bubbles: true, cancelable: true };
    const form = one => one.matches("form") ? one : one.form;
    for (const kind of ["submit", "invalid"]) addEventListener(kind, stop, true);
    const fields = document.querySelectorAll("input:not([type=hidden], [type=submit]), select, textarea");
    const missed = [...fields].filter(field => {
        sent.length = 0;
        field.dispatchEvent(new KeyboardEvent("keydown", press));
        return field.form && !field.disabled && !sent.some(one => form(one) === field.form);
    });
    for (const kind of ["submit", "invalid"]) removeEventListener(kind, stop, true);
    return missed.map(field => field.outerHTML.slice(0, 120));
}"""


def test_every_page(open_page, article):
    manager = factories.make_member(article.corpus, Role.MANAGER, "noor")
    page = open_page(manager)
    found = {}
    for each in [*pages_of_a_corpus(article, manager), *pages_of_the_desk()]:
        page.goto(each)
        found |= faults(page, each)
    page.goto(reverse("concordance", args=["desk"]) + "?q=zarif")
    page.click("text=/^Select all/")
    page.click("main button:has-text('Confirm')")
    page.wait_for_selector(".what")
    found |= faults(page, "concordance-preview")
    page.context.clear_cookies()
    page.goto(reverse("sign-in"))
    found |= faults(page, "sign-in")
    assert found == {}, "\n".join(f"{place}: {fault}" for place, faults in found.items() for fault in faults)


def faults(page, address):
    """What is wrong with the page: in the light, in the dark, and narrow."""
    page.wait_for_selector("html.filled, body:not(.desk-page)", state="attached")
    page.set_viewport_size({"width": 1280, "height": 800})
    wrong = both_ways(page)
    page.set_viewport_size({"width": 360, "height": 640})
    if (width := page.evaluate("document.documentElement.scrollWidth")) > 360:
        wrong.append(("wider than 360 px", width))
    wrong += [("Ctrl+Enter sends nothing", field) for field in page.evaluate(UNSENT)]
    return {address: wrong} if wrong else {}


def pages_of_the_desk():
    names = (
        "home",
        "help",
        "account",
        "keys",
        "set-aside-list",
        "password-change",
        "password-changed",
        "admin:articles_article_import",
    )
    lists = ("articles_article", "review_label", "review_span", "suggestions_run", "suggestions_trainedmodel")
    admin = ["admin:index", *(f"admin:{name}_changelist" for name in lists)]
    return [*(reverse(name) for name in (*names, *admin)), "/corpora/none/", "/nowhere/"]


def pages_of_a_corpus(article, manager):
    """Each with something on it."""
    corpus, slug = article.corpus, article.corpus.slug
    factories.suggest(article, (0, 5, "PERSON"), (0, 9, "NORP"), (4, 9, "WORK_OF_ART"), score=0.3)
    span = article.spans.get(label__name="PERSON")
    add_comment(user=manager, article=article, text="Is it he?", span=span.pk)
    for kind in ("flag", "park"):
        set_aside(user=manager, article=article, kind=kind, reason="Waits for the answer of the desk.")
    decided = article.spans.get(label__name="NORP")
    decide(user=manager, article=article, choices=[Choice("confirm", decided.pk, decided.revision)])
    make_export(export_id=order_export(user=manager, corpus=corpus, format="jsonl", selection=Selection()).pk)
    releases = [cast.make(corpus).number for _ in range(2)]
    model = TrainedModel.objects.create(corpus=corpus, base="hand", state="failed", reason="Nothing to learn from.")
    run = start_run(user=manager, corpus=corpus, article_ids=[article.pk])
    plain = ("dashboard", "comments", "guidelines", "corpus", "import", "suggester", "pipelines", "export", "releases")
    yield from (reverse(name, args=[slug]) for name in plain)
    yield from (reverse(name, args=[slug]) + "?q=zarif" for name in ("article-list", "concordance"))
    yield f"{address(article)}?span={span.pk}&rejected=1"
    yield reverse("span-history", args=[slug, article.pk, span.pk])
    yield reverse("label", args=[slug, "PERSON"])
    yield reverse("model", args=[slug, model.pk])
    yield reverse("suggestion-run", args=[slug, run.pk])
    yield reverse("release", args=[slug, releases[0]])
    yield reverse("release-compare", args=[slug, releases[1]]) + f"?with={releases[0]}"
    yield from new_pages(corpus)


def new_pages(corpus):
    """An import with all that can be wrong in one, near copies, a new reading."""
    long = "a-file-of-a-name-that-is-longer-than-a-narrow-screen-is-wide.jsonl"
    batch = factories.upload(corpus, ("rain.txt", STORY.encode()), (long, b"{broken\n"), ("b.txt", STORY.encode()))
    factories.make_article(corpus, STORY.replace("refugees", "exiles"))
    rain = batch.articles.get()
    Zone.objects.create(corpus=corpus, article=rain, article_length=rain.length, start=0, end=99, kind="caption")
    yield reverse("import-batch", args=[corpus.slug, batch.pk])
    yield from (address(rain, name) for name in ("copies", "reading"))
