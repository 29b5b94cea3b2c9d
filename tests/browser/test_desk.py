"""An editor at the desk, in a real browser: with its scripts and without them."""

import pytest
from django.urls import reverse

from annotations.review.models import State
from annotations.suggestions.actions.runs import start_run
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

# What the article of these tests holds, in the end.
GOLD = [("Zarif", "PERSON"), ("Wálid\u0301 Muallem", "PERSON"), ("Damascus", "GPE"), ("Tehran", "GPE")]


def address(article, name="article"):
    return reverse(name, args=[article.corpus.slug, article.pk])


def quotes(article, state=State.CONFIRMED):
    spans = article.spans.filter(state=state).order_by("start", "label__name")
    return [(article.text[span.start : span.end], span.label.name) for span in spans]


def sign_in(page, username):
    # The page puts the cursor there by itself: Chromium complains where something else was quicker.
    page.wait_for_selector("[name=username]:focus")
    page.fill("[name=username]", username)
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button")


def test_the_first_paint_waits_for_no_script_and_the_panel_not_for_one_that_fails(open_page, article, editor):
    page, held = open_page(editor), []
    page.route("**/workbench.js", lambda route: held.append(route))
    page.goto(address(article), wait_until="commit")
    page.wait_for_selector("#text a.sp:has-text('Zarif')")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    held[0].abort()
    page.click(f"#row-{article.spans.get(start=0).pk} [name=confirm]")
    page.wait_for_selector(".outcome .messages")
    assert quotes(article) == [("Zarif", "PERSON")]


def test_the_fast_pencil(open_page, article, editor):
    page = open_page()
    page.goto(address(article))
    sign_in(page, "zaid")
    page.wait_for_selector("html.keys")
    page.keyboard.press("Tab")
    page.wait_for_selector("#selected-title:has-text('Zarif')")
    page.keyboard.press("a")
    page.wait_for_selector("#selected-title:has-text('Muallem')")
    page.keyboard.press("1")
    page.wait_for_selector("#selected-title:has-text('Damascus')")
    page.keyboard.press("x")
    page.wait_for_selector("#selected-title:has-text('Monday')")
    page.wait_for_selector("#saved[data-state=saved]")
    assert quotes(article) == [("Zarif", "PERSON"), ("Muallem", "PERSON")]
    assert ("Damascus", "GPE") in quotes(article, State.REJECTED)

    words = "👩‍👩‍👧 met Wálid\u0301 Muallem 🇸🇾"
    page.evaluate(SELECT, words)
    page.click("#mark:visible button[value=NORP]")
    page.wait_for_selector("#saved[data-state=saved]")
    assert (words, "NORP") in quotes(article)
    page.keyboard.press("Control+z")
    page.wait_for_selector("#saved[data-state=saved]")
    assert (words, "NORP") not in quotes(article)

    page.click("#text a:has-text('Zarif')")
    page.wait_for_selector("#selected-title:has-text('Zarif')")
    page.click("#text a:has-text('Monday')")
    page.wait_for_selector("#selected-title:has-text('Monday')")
    page.click("#selected-span button:has-text('← start')")
    page.wait_for_selector("#saved[data-state=saved]")
    assert ("on Monday", "DATE") in quotes(article)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/articles/?finished=*")
    assert article.reviews.get().stage == "done"


def test_the_same_to_an_exact_gold_by_forms_alone(open_page, article, editor):
    """The gold of test_workbench, without a script."""
    page = open_page(java_script_enabled=False)
    page.goto(address(article))
    sign_in(page, "zaid")
    page.click("text=Start with the first suggestion")
    page.click(".selected-span button:has-text('Confirm')")
    assert page.inner_text("#selected-title") == "Muallem"
    page.click(".selected-span button[value=PERSON]")
    assert page.inner_text("#selected-title") == "Damascus"
    page.click(".selected-span button:has-text('Confirm')")
    page.click(".selected-span button:has-text('Reject')")
    # The name begins a word earlier.
    page.click("#text a:has-text('Muallem')")
    start = article.text.index("Muallem")
    assert page.input_value(".boundaries [name=start]") == str(start)
    page.fill(".boundaries [name=start]", str(start - len("Wálid\u0301 ")))
    page.click(".boundaries button")

    def add(words, label):
        page.click("#add summary")
        page.fill("#add textarea", words)
        page.select_option("#add select", label)
        page.click("#add button")

    add("Tehran", "GPE")
    assert quotes(article) == GOLD
    add("👩‍👩‍👧 met", "NORP")
    assert ("👩‍👩‍👧 met", "NORP") in quotes(article)
    page.click("button:has-text('Undo add')")
    assert quotes(article) == GOLD
    add("e", "ORG")
    assert "Which one do you mean" in page.inner_text(".occurrences")
    page.click(".occurrences li:last-child button")
    assert ("e", "ORG") in quotes(article)
    page.click("button:has-text('Undo add')")
    page.click("button:has-text('Finish')")
    assert "Finished on" in page.inner_text(".panel")
    assert quotes(article) == GOLD
    page.click("button:has-text('Reopen')")
    assert article.reviews.get().stage == "in_review"


def test_what_changed_meanwhile_is_refused_where_the_eye_is(open_page, article, editor):
    """By forms alone; how the workbench says it is told in test_workbench_together."""
    span = article.spans.get(label__name="ORG")
    page = open_page(editor, java_script_enabled=False)
    page.goto(address(article) + f"?span={span.pk}")
    other = open_page(editor, java_script_enabled=False)
    other.goto(page.url)
    other.click(".selected-span button[value=PERSON]")
    page.click(".selected-span button:has-text('Confirm')")
    alert = page.wait_for_selector(".panel [role=alert]")
    assert "Changed in the meantime" in alert.inner_text()
    assert "PERSON" in alert.inner_text()
    assert not article.spans.filter(label__name="PERSON", state="rejected").exists()


def test_the_browser_reads_the_stored_text(open_page, article, editor):
    page = open_page(editor)
    for text in TEXTS.values():
        stored = factories.make_article(article.corpus, text, zones=[[0, max(1, len(text) // 3), "chrome"]])
        factories.suggest(stored, (0, 1, "PERSON"), (len(text) - 1, len(text), "GPE"), (0, len(text), "ORG"))
        page.goto(address(stored))
        assert page.evaluate("document.getElementById('text').textContent") == text


COUNTED = [
    ("Zarif", 0, 5, (0, 5)),
    ("👩 Zarif", 3, 8, (2, 7)),
    ("👩 Zarif", 1, 8, (0, 7)),
    ("a👩", 0, 3, (0, 2)),
    ("e\u0301👩‍👩‍👧x", 2, 11, (2, 8)),
]


def test_utf_16_offsets_become_code_points(open_page, article, editor, settings):
    page = open_page(editor)
    page.goto(address(article))
    count = """([url, text, ...units]) => import(url).then(({ Offsets }) => {
        const offsets = new Offsets(text);
        const points = units.map((unit) => offsets.point(unit));
        return [points, points.map((point) => offsets.unit(point))];
    })"""
    for text, start, end, expected in COUNTED:
        points, units = page.evaluate(count, [f"{settings.STATIC_URL}js/code-points.js", text, start, end])
        assert tuple(points) == expected
        before = [len(text[:point].encode("utf-16-le")) // 2 for point in expected]
        assert units == before


def test_an_imports_page_follows_its_suggestions(open_page, article, editor):
    run = start_run(user=editor, corpus=article.corpus, article_ids=[article.pk], batch=article.batch)
    page = open_page(editor)
    page.goto(reverse("import-batch", args=[article.corpus.slug, article.batch_id]))
    assert "0 of 1 articles processed" in page.inner_text("#suggestions")
    run.items.update(state="done")
    page.wait_for_selector("#suggestions:has-text('The article is processed')")


DROP = """([name, text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], name));
    for (const kind of ["dragover", "drop"])
        document.body.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


def test_files_are_dropped_and_their_import_is_followed(open_page, article):
    corpus, manager = article.corpus, factories.make_member(article.corpus, Role.MANAGER)
    page = open_page(manager)
    page.goto(reverse("import", args=[corpus.slug]))
    page.wait_for_selector(".chosen:has-text('drop files')")
    page.evaluate(DROP, ["a.txt", "It rained in Homs."])
    page.evaluate(DROP, ["b.jsonl", '{"text": "Mars is far.", "spans": [[0, 4, "PLANET"]]}'])
    assert "2 files" in page.inner_text(".chosen")
    page.click("main button.primary")
    page.wait_for_selector("#import-now:has-text('Waiting for a worker')")
    factories.work_off()
    page.wait_for_selector("#import-now:has-text('Finished: 2 items read')")
    page.wait_for_selector("#import-found:has-text('no label')")
    assert "It rained in Homs." in page.inner_text("#import-found")
    page.click("button:has-text('Try again')")
    page.wait_for_selector(".messages:has-text('failed again')")


def test_the_admin_site_takes_drops_and_follows_them(open_page, article):
    page = open_page(factories.make_member(article.corpus, Role.MANAGER))
    page.goto(reverse("admin:articles_article_import"))
    page.wait_for_selector(".chosen:has-text('drop files')")
    page.select_option("[name=corpus]", str(article.corpus.pk))
    page.evaluate(DROP, ["a.txt", "It rained in Homs."])
    page.click("[type=submit][value=Import]")
    page.wait_for_selector("#import-now:has-text('waiting')")
    assert factories.work_off().added == 1
    page.wait_for_selector("#import-now:has-text('finished')")


def test_a_refused_upload_says_why_and_can_be_sent_again(open_page, article, settings):
    settings.IMPORT_MAX_UPLOAD_BYTES = 10
    page = open_page(factories.make_member(article.corpus, Role.MANAGER))
    page.goto(reverse("import", args=[article.corpus.slug]))
    page.wait_for_selector(".chosen")
    page.evaluate(DROP, ["a.txt", "It rained in Homs."])
    page.click("main button.primary")
    page.wait_for_selector("#refused [role=alert]:has-text('more than 10 bytes')")
    settings.IMPORT_MAX_UPLOAD_BYTES = 100
    page.click("main button.primary")
    page.wait_for_selector("#import-now:has-text('Waiting for a worker')")


def test_files_are_chosen_and_sent_without_scripts(open_page, article):
    manager = factories.make_member(article.corpus, Role.MANAGER)
    page = open_page(manager, java_script_enabled=False)
    page.goto(reverse("import", args=[article.corpus.slug]))
    page.set_input_files("[name=files]", [{"name": "a.txt", "mimeType": "text/plain", "buffer": b"It rained."}])
    page.click("main button.primary")
    assert "Waiting for a worker" in page.inner_text("#import-now")
    factories.work_off()
    page.reload()
    assert "Finished: 1 item read" in page.inner_text("#import-now")


def test_an_original_is_downloaded_whatever_it_holds(open_page, article, editor):
    factories.upload(article.corpus, ("rain.html", b"<p>It rained in Homs.</p><script>alert(1)</script>" * 20))
    page = open_page(editor)
    page.goto(address(article.corpus.articles.latest("pk")))
    with page.expect_download() as found:
        page.click("text=original")
    assert found.value.suggested_filename == "rain.html"


def test_a_right_to_left_text_runs_from_the_right(open_page, article, editor):
    text = "محمدجواد ظریف در دمشق بود.\nSANA خبر داد."
    stored = factories.make_article(article.corpus, text, language="fa")
    factories.suggest(stored, (0, 13, "PERSON"), (text.index("SANA"), text.index("SANA") + 4, "ORG"))
    page = open_page(editor)
    page.goto(address(stored))
    right = page.evaluate("document.getElementById('text').getBoundingClientRect().right")
    for name in ("محمدجواد ظریف", "SANA"):
        box = page.locator(f"#text a:has-text('{name}')").bounding_box()
        assert abs(box["x"] + box["width"] - right) < 4
    assert page.evaluate("document.getElementById('text').textContent") == text
