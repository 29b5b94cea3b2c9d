"""Every page, in a browser: no violation of axe-core, wide and narrow, light and dark; no complaint of the browser,
least of all of the Content-Security-Policy; nothing out of its place at any size; and Ctrl+Enter sends each form.
"""

import pytest
from django.contrib.admin import site
from django.urls import reverse

from annotations.exports.actions.make import make_export
from annotations.exports.actions.order import order_export
from annotations.exports.selection import Selection
from annotations.feed.actions.webhooks import create_webhook
from annotations.feed.models import Webhook
from annotations.review.actions.choices import Choice
from annotations.review.actions.comments import add_comment
from annotations.review.actions.decide import decide
from annotations.review.actions.labels import edit_label
from annotations.review.actions.merge_labels import merge_labels
from annotations.review.actions.set_aside import set_aside
from annotations.review.models import Decision, Label
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import TrainedModel
from corpusapp.accounts.models import User
from corpusapp.articles.actions.corpora import edit_guidelines, guidelines_mark
from corpusapp.articles.actions.invitations import invite
from corpusapp.articles.models import Article, Corpus, Membership, Role, Zone
from tests import factories
from tests.admin.addresses import page as admin_page
from tests.browser.axe import both_ways, light_up, violations
from tests.browser.geometry import WINDOWS, misplaced
from tests.browser.test_desk import address
from tests.entities import cast as entities
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


def test_every_page_of_a_corpus(open_page, article):
    manager = factories.make_member(article.corpus, Role.MANAGER, "noor")
    page = open_page(manager)
    found = walk(page, pages_of_a_corpus(article, manager))
    page.goto(reverse("concordance", args=["desk"]) + "?q=zarif")
    page.click("text=/^Select all/")
    page.click("main button:has-text('Confirm')")
    page.wait_for_selector(".what")
    found |= faults(page, "concordance-preview")
    for name in ("export", "releases"):
        page.goto(reverse(name, args=["desk"]))
        page.click("main button[name=preview]")
        page.wait_for_selector("#preview")
        found |= faults(page, f"{name}-preview")
    assert found == {}, listed(found)


def test_every_page_of_the_site(open_page, article):
    manager = factories.make_member(article.corpus, Role.MANAGER, "noor")
    page = open_page(manager)
    found = walk(page, pages_of_the_site())
    page.context.clear_cookies()
    found |= walk(open_page(factories.make_superuser()), [reverse("corpus-new")])
    token = invite(user=manager, corpus=article.corpus, role="editor")[1]
    addresses = [reverse("sign-in"), *(reverse("invitation", args=[each]) for each in (token, "unknown"))]
    found |= walk(page, addresses)
    assert found == {}, listed(found)


def test_every_page_of_the_admin_site(open_page, article):
    superuser = factories.make_superuser()
    page = open_page(superuser)
    # The pages of the admin are loaded with the URLs.
    reverse("admin:index")
    found = walk(page, pages_of_the_admin_site(article, superuser))
    for model, action in ((Corpus, "erase_whole"), (Membership, "delete_selected")):
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(admin_page(model, "changelist"))
        page.check("tbody .action-select >> nth=0")
        page.select_option("select[name=action]", action)
        page.click("button[name=index]")
        found |= faults(page, action)
    assert found == {}, listed(found)


@pytest.mark.slow
def test_every_list_of_the_admin_site(open_page, article):
    """They are alike: the walk above has that of articles."""
    page = open_page(factories.make_superuser())
    # The pages of the admin are loaded with the URLs.
    reverse("admin:index")
    found = walk(page, [admin_page(model, "changelist") for model in site._registry], narrow=False)
    assert found == {}, listed(found)


@pytest.mark.slow
def test_axe_finds_nothing_at_any_size_in_either_scheme(open_page, article):
    """All rules everywhere; the walks above leave out what hangs on neither."""
    manager = factories.make_member(article.corpus, Role.MANAGER, "noor")
    page = open_page(manager)
    found = {}
    for each in (*pages_of_a_corpus(article, manager), *pages_of_the_site()):
        page.goto(each)
        page.wait_for_selector("html.filled, body:not(.desk-page)", state="attached")
        for width, height in WINDOWS.values():
            page.set_viewport_size({"width": width, "height": height})
            for scheme in ("light", "dark"):
                light_up(page, scheme)
                if wrong := violations(page):
                    found[f"{each} {width} {scheme}"] = wrong
    assert found == {}, listed(found)


def test_the_brand_stands_at_the_same_place_on_each_page(open_page, article):
    superuser = factories.make_superuser()
    page = open_page(superuser)
    named = [
        ("home",),
        ("help",),
        ("corpus", "desk"),
        ("article-list", "desk"),
        ("dashboard", "desk"),
        ("admin:index",),
    ]
    addresses = [*(reverse(name, args=args) for name, *args in named), admin_page(Corpus, "changelist")]
    for width in (1440, 360):
        page.set_viewport_size({"width": width, "height": 740})
        places = {}
        for each in addresses:
            page.goto(each)
            box = page.locator(".brand").bounding_box()
            places[each] = box["x"], box["y"]
        left, top = zip(*places.values(), strict=True)
        assert max(left) - min(left) < 1 and max(top) - min(top) < 2, (width, places)


def walk(page, addresses, narrow=True):
    found = {}
    for each in addresses:
        page.goto(each)
        found |= faults(page, each, narrow)
    return found


def faults(page, address, narrow=True):
    """What is wrong with the page: in the light, in the dark, and at each size of the window."""
    page.wait_for_selector("html.filled, body:not(.desk-page)", state="attached")
    page.set_viewport_size({"width": 1440, "height": 900})
    wrong = both_ways(page)
    wrong += misplaced(page, without="covered" if "?span=" in address else None)
    wrong += [("Ctrl+Enter sends nothing", field) for field in page.evaluate(UNSENT)]
    if narrow:
        page.set_viewport_size({"width": 360, "height": 740})
        light_up(page, "light")
        wrong += [("360", *one) for one in violations(page)]
    return {address: wrong} if wrong else {}


def listed(found):
    return "\n".join(f"{place}: {fault}" for place, faults in found.items() for fault in faults)


def pages_of_the_site():
    names = ("home", "help", "account", "notices", "set-aside-list", "keys", "password-change", "password-changed")
    return [*(reverse(name) for name in names), "/corpora/none/", "/nowhere/", "/api/problems/stale/", "/api/client/"]


def pages_of_the_admin_site(article, superuser):
    """Each kind of page, with all kinds of fields."""
    factories.make_member(article.corpus, Role.EDITOR, "zaid")
    span = article.spans.first()
    decide(user=superuser, article=article, choices=[Choice("confirm", span.pk, span.revision)])
    yield from (reverse(f"admin:{name}") for name in ("index", "status", "articles_article_import"))
    yield reverse("admin:app_list", args=["articles"])
    yield admin_page(Article, "changelist")
    for row in (
        article.corpus,
        article,
        Membership.objects.first(),
        Decision.objects.get(),
        superuser,
        Label.objects.first(),
        create_webhook(user=superuser, corpus=article.corpus, url="https://1.1.1.1/hook"),
    ):
        yield admin_page(type(row), "change", row.pk)
    yield admin_page(Corpus, "history", article.corpus.pk)
    yield admin_page(Membership, "delete", Membership.objects.first().pk)
    yield from (admin_page(model, "add") for model in (Corpus, Membership, Label, Zone, User, Webhook))


def pages_of_a_corpus(article, manager):
    """Each with something on it."""
    corpus, slug = article.corpus, article.corpus.slug
    factories.suggest(article, (0, 5, "PERSON"), (0, 9, "NORP"), (4, 9, "WORK_OF_ART"), score=0.3)
    span = article.spans.get(label__name="PERSON")
    comment = add_comment(user=manager, article=article, text="Is it he?", span=span.pk)
    add_comment(
        user=factories.make_superuser(), article=article, text="It is, @noor: see the dateline.", reply_to=comment.pk
    )
    for kind in ("flag", "park"):
        set_aside(user=manager, article=article, kind=kind, reason="Waits for the answer of the desk.")
    decided = article.spans.get(label__name="NORP")
    decide(user=manager, article=article, choices=[Choice("confirm", decided.pk, decided.revision)])
    make_export(export_id=order_export(user=manager, corpus=corpus, format="jsonl", selection=Selection()).pk)
    releases = [cast.make(corpus).number for _ in range(2)]
    model = TrainedModel.objects.create(corpus=corpus, base="hand", state="failed", reason="Nothing to learn from.")
    run = start_run(user=manager, corpus=corpus, article_ids=[article.pk])
    invite(user=manager, corpus=corpus, role="editor", note="Anna of the evening shift")
    plain = (
        "corpus-members",
        "dashboard",
        "comments",
        "guidelines",
        "corpus",
        "import",
        "suggester",
        "pipelines",
        "export",
        "releases",
    )
    yield from (reverse(name, args=[slug]) for name in plain)
    yield reverse("disagreements", args=[slug]) + "?verb=add&given=NORP"
    yield from (reverse(name, args=[slug]) + "?q=zarif" for name in ("article-list", "concordance"))
    yield reverse("article-list", args=[slug]) + "?view=columns&source=none-of-this-name"
    yield reverse("article-list", args=[slug]) + "?view=columns&order=work"
    yield f"{address(article)}?span={span.pk}&rejected=1"
    yield reverse("span-history", args=[slug, article.pk, span.pk])
    yield reverse("label", args=[slug, "PERSON"])
    yield from settings_pages(corpus, manager)
    yield reverse("model", args=[slug, model.pk])
    yield reverse("suggestion-run", args=[slug, run.pk])
    yield reverse("release", args=[slug, releases[0]])
    yield reverse("release-compare", args=[slug, releases[1]]) + f"?with={releases[0]}"
    yield from entity_pages(article)
    yield from new_pages(corpus)


def settings_pages(corpus, manager):
    """The settings, with a hidden label and a merge to be undone."""
    slug, (first, second) = corpus.slug, corpus.labels.order_by("position")[:2]
    merged, into = corpus.labels.order_by("-position")[:2]
    merge_labels(user=manager, label=merged, into=into)
    edit_guidelines(
        user=manager, corpus=corpus, guidelines="# Names\n\n- whole names\n\n| a | b |\n|---|---|\n| c | d |",
        shown=guidelines_mark(corpus.guidelines),
    )  # fmt: skip
    edit_label(user=manager, label=first, definition="Names", family=first.family, examples="+ Assad\n- Mr")
    yield from (reverse(name, args=[slug]) for name in ("corpus-settings", "settings-guidelines", "settings-labels"))
    yield reverse("settings-labels", args=[slug]) + f"?done=merge&label={merged.pk}"
    yield reverse("settings-label", args=[slug, first.pk])
    yield reverse("settings-label-rename", args=[slug, first.pk]) + "?name=PER"
    yield reverse("settings-label-merge", args=[slug, first.pk]) + f"?into={second.pk}"
    yield reverse("settings-label-hide", args=[slug, first.pk])
    yield reverse("guidelines", args=[slug])


def entity_pages(article):
    """Entities with all that their pages show: names, mentions, a chart, a possible duplicate, names without one."""
    slug, span = article.corpus.slug, article.spans.get(label__name="PERSON")
    others = article.spans.exclude(pk=span.pk).exclude(state="rejected")
    first, second = entities.pair(article.corpus, span, *others[:2])
    named = (
        "entities",
        "entity-new",
        "entities-duplicates",
        "entities-unlinked",
        "entities-ambiguous",
        "entities-import",
        "settings-knowledge",
    )
    entities.look_up(first)
    yield from (reverse(name, args=[slug]) for name in named)
    yield reverse("entities", args=[slug]) + "?q=nobody&state=merged"
    yield from (reverse(name, args=[slug, first.pk]) for name in ("entity", "entity-find", "entity-history"))
    yield from (reverse("span-entity", args=[slug, article.pk, one.pk]) for one in (span, others[1]))
    yield reverse("entities-compare", args=[slug]) + f"?entity={first.pk}&entity={second.pk}"


def new_pages(corpus):
    """An import with all that can be wrong in one, near copies, a new reading."""
    long = "a-file-of-a-name-that-is-longer-than-a-narrow-screen-is-wide.jsonl"
    batch = factories.upload(corpus, ("rain.txt", STORY.encode()), (long, b"{broken\n"), ("b.txt", STORY.encode()))
    factories.make_article(corpus, STORY.replace("refugees", "exiles"))
    rain = batch.articles.get()
    Zone.objects.create(corpus=corpus, article=rain, article_length=rain.length, start=0, end=99, kind="caption")
    yield reverse("import-batch", args=[corpus.slug, batch.pk])
    yield from (address(rain, name) for name in ("copies", "reading"))
