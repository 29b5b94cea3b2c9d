"""An editor at the desk, in a real browser: with its scripts and without them."""

import pytest
from django.urls import reverse

from annotations.review.models import State
from annotations.suggestions.actions.start_run import start_run
from corpusapp.articles.models import Role
from tests import factories
from tests.pages.test_fidelity import TEXTS

pytestmark = pytest.mark.browser

SELECT = """words => {
    const box = document.getElementById("text");
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    const whole = box.textContent, from = whole.indexOf(words), to = from + words.length;
    const range = document.createRange();
    for (let node, at = 0; (node = walker.nextNode()); at += node.length) {
        if (from >= at && from < at + node.length) range.setStart(node, from - at);
        if (to > at && to <= at + node.length) range.setEnd(node, to - at);
    }
    getSelection().removeAllRanges();
    getSelection().addRange(range);
}"""


def address(article, name="article"):
    return reverse(name, args=[article.corpus.slug, article.pk])


def quotes(article, state=State.CONFIRMED):
    spans = article.spans.filter(state=state).order_by("start", "label__name")
    return [(article.text[span.start : span.end], span.label.name) for span in spans]


def sign_in(page, username):
    page.fill("[name=username]", username)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button")


def test_the_fast_pencil(open_page, article, editor):
    page = open_page()
    page.goto(address(article))
    sign_in(page, "zaid")
    page.wait_for_selector("html.keys")
    page.keyboard.press("n")
    page.wait_for_selector("#hand-title:has-text('Zarif')")
    page.keyboard.press("a")
    page.wait_for_selector("#hand-title:has-text('Muallem')")
    page.keyboard.press("1")
    page.wait_for_selector("#hand-title:has-text('Damascus')")
    page.keyboard.press("x")
    page.wait_for_selector("#hand-title:has-text('Monday')")
    assert quotes(article) == [("Zarif", "PERSON"), ("Muallem", "PERSON")]
    assert ("Damascus", "GPE") in quotes(article, State.REJECTED)

    words = "👩‍👩‍👧 met Wálid\u0301 Muallem 🇸🇾"
    page.evaluate(SELECT, words)
    page.click("#mark:visible button[value=NORP]")
    page.wait_for_selector(".messages .success:has-text('Added')")
    assert (words, "NORP") in quotes(article)
    page.keyboard.press("u")
    page.wait_for_selector(".messages .success:has-text('Taken back')")
    assert (words, "NORP") not in quotes(article)

    page.click("#text a:has-text('Zarif')")
    page.wait_for_selector("#hand-title:has-text('Zarif')")
    page.click("#text a:has-text('Monday')")
    page.wait_for_selector("#hand-title:has-text('Monday')")
    page.fill(".boundaries [name=start]", str(article.text.index("on Monday")))
    assert page.inner_text(".moved") == "on Monday"
    page.click(".boundaries button")
    page.wait_for_selector(".messages .success:has-text('Moved')")
    assert ("on Monday", "DATE") in quotes(article)
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("text=This article is done")


def test_the_same_by_forms_alone(open_page, article, editor):
    page = open_page(java_script_enabled=False)
    page.goto(address(article))
    sign_in(page, "zaid")
    page.click("text=Begin with the first suggestion")
    page.click(".in-hand button:has-text('Confirm')")
    assert page.inner_text("#hand-title") == "Muallem"
    page.click(".in-hand button[value=PERSON]")
    assert page.inner_text("#hand-title") == "Damascus"
    page.click(".in-hand button:has-text('Reject')")
    assert quotes(article) == [("Zarif", "PERSON"), ("Muallem", "PERSON")]

    page.click("#add summary")
    page.fill("#add textarea", "👩‍👩‍👧 met")
    page.select_option("#add select", "NORP")
    page.click("#add button")
    assert ("👩‍👩‍👧 met", "NORP") in quotes(article)
    page.click("button:has-text('Undo add')")
    assert ("👩‍👩‍👧 met", "NORP") not in quotes(article)

    page.click("#add summary")
    page.fill("#add textarea", "e")
    page.select_option("#add select", "ORG")
    page.click("#add button")
    assert "Which one do you mean" in page.inner_text(".occurrences")
    page.click(".occurrences li:last-child button")
    assert ("e", "ORG") in quotes(article)
    page.click("button:has-text('and finish')")
    assert "This article is done" in page.inner_text(".panel")
    page.click("button:has-text('Reopen')")
    assert article.reviews.get().stage == "in_review"


def test_what_changed_meanwhile_is_refused_where_the_eye_is(open_page, article, editor):
    page = open_page(editor)
    page.goto(address(article) + f"?span={article.spans.get(label__name='ORG').pk}")
    other = open_page(editor)
    other.goto(page.url)
    other.wait_for_selector("html.keys")
    other.keyboard.press("1")
    other.wait_for_selector(".messages .success")
    page.keyboard.press("a")
    alert = page.wait_for_selector(".panel [role=alert]")
    assert "Changed since you looked" in alert.inner_text()
    assert "PERSON" in alert.inner_text()
    page.context.clear_cookies(name="csrftoken")
    page.keyboard.press("x")
    page.wait_for_selector(".panel [role=alert]:has-text('This was not saved')")
    assert not article.spans.filter(label__name="PERSON", state="rejected").exists()


def test_the_browser_reads_the_stored_text(open_page, article, editor):
    page = open_page(editor)
    for text in TEXTS.values():
        stored = factories.make_article(article.corpus, text, zones=[[0, max(1, len(text) // 3), "chrome"]])
        factories.suggest(stored, (0, 1, "PERSON"), (len(text) - 1, len(text), "GPE"), (0, len(text), "ORG"))
        page.goto(address(stored))
        assert page.evaluate("document.getElementById('text').textContent") == text


COUNTED = [
    ("Zarif", 0, 5, (0, 5, "Zarif")),
    ("👩 Zarif", 3, 8, (2, 7, "Zarif")),
    ("👩 Zarif", 1, 8, (0, 7, "👩 Zarif")),
    ("a👩", 0, 2, (0, 2, "a👩")),
    ("e\u0301👩‍👩‍👧x", 2, 11, (2, 8, "👩‍👩‍👧x")),
]


def test_utf_16_becomes_code_points_in_one_module(open_page, article, editor, settings):
    page = open_page(editor)
    page.goto(address(article))
    count = "([url, ...given]) => import(url).then(m => m.range(...given))"
    for text, start, end, expected in COUNTED:
        found = page.evaluate(count, [f"{settings.STATIC_URL}js/code-points.js", text, start, end])
        assert (found["start"], found["end"], found["quote"]) == expected
        assert text[found["start"] : found["end"]] == found["quote"]


def test_an_imports_page_follows_its_suggestions(open_page, article, editor):
    run = start_run(user=editor, corpus=article.corpus, article_ids=[article.pk], batch=article.batch)
    page = open_page(editor)
    page.goto(reverse("import-batch", args=[article.corpus.slug, article.batch_id]))
    assert "0 of 1 articles are read" in page.inner_text("#suggestions")
    run.items.update(state="done")
    page.wait_for_selector("#suggestions:has-text('The article is read')")


def test_every_page_keeps_the_policy_and_fits_a_narrow_screen(open_page, article):
    manager = factories.make_member(article.corpus, Role.MANAGER)
    corpus, span = article.corpus, article.spans.first()
    page = open_page(manager, color_scheme="dark")
    page.set_viewport_size({"width": 360, "height": 640})
    pages = [
        reverse("home"), reverse("help"), reverse("password-change"), reverse("corpus", args=[corpus.slug]),
        reverse("article-list", args=[corpus.slug]) + "?q=zarif", f"{address(article)}?span={span.pk}",
        reverse("span-history", args=[corpus.slug, article.pk, span.pk]), reverse("import", args=[corpus.slug]),
        reverse("import-batch", args=[corpus.slug, article.batch_id]), "/corpora/none/", "/nowhere/",
    ]  # fmt: skip
    for each in pages:
        page.goto(each)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, each
