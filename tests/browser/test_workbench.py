"""A whole article at the workbench by keyboard alone, and what its keys do one by one."""

import pytest

from annotations.review.models import Comment, Decision, State
from tests import factories
from tests.browser.test_desk import GOLD, address, quotes

pytestmark = pytest.mark.browser


def saved(page):
    page.wait_for_selector("#saved[data-state=saved]")


def at_work(page, article, query=""):
    page.goto(address(article) + query)
    page.wait_for_selector("html.keys #selected-span")
    return page


def press(page, *keys):
    for key in keys:
        page.keyboard.press(key)


def in_hand(page):
    return page.inner_text("#selected-title")


def test_a_whole_article_to_an_exact_gold_by_keyboard_alone(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab")
    assert in_hand(page) == "Zarif"
    press(page, "a")
    assert in_hand(page) == "Muallem"
    # The name begins a word earlier; an organisation it is not.
    press(page, "[")
    assert in_hand(page) == "Wálid\u0301 Muallem"
    press(page, "1")
    assert in_hand(page) == "Damascus"
    press(page, "a")
    assert in_hand(page) == "Monday"
    press(page, "x")
    # A span that nobody proposed: words are picked from the one in hand on.
    press(page, "Shift+Tab", "s", "ArrowRight", "ArrowRight", "ArrowRight")
    assert page.evaluate("getSelection().toString()") == "Tehran"
    press(page, "g")
    saved(page)
    assert quotes(article) == GOLD
    press(page, "Control+Enter")
    page.wait_for_url("**/corpora/desk/articles/*")
    assert article.reviews.get().stage == "done"


def test_undo_and_redo(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab", "a", "x", "Control+z")
    saved(page)
    assert quotes(article) == [("Zarif", "PERSON")]
    press(page, "Control+z")
    saved(page)
    assert quotes(article) == []
    press(page, "Control+Shift+z", "Control+Shift+z")
    saved(page)
    assert quotes(article) == [("Zarif", "PERSON")]
    assert quotes(article, State.REJECTED) == [("Muallem", "ORG")]
    at_work(page, article)
    press(page, "Control+z", "Control+z")
    page.wait_for_selector("#announcement:has-text('Undone')")
    page.wait_for_selector("#text .suggested:has-text('Muallem')")


def test_the_steps_of_a_boundary_are_one_decision(open_page, article, editor):
    page = at_work(open_page(editor), article, f"?span={article.spans.get(label__name='GPE').pk}")
    press(page, "[", "[", "{")
    assert in_hand(page) == "in Damascus"
    saved(page)
    assert quotes(article) == [("in Damascus", "GPE")]
    assert Decision.objects.filter(user=editor).count() == 1
    press(page, "Control+z")
    saved(page)
    assert quotes(article) == []
    assert quotes(article, State.REJECTED) == []


def test_keys_only_write_in_form_fields(open_page, article, editor):
    page = at_work(open_page(editor), article, f"?span={article.spans.get(start=0).pk}")
    page.click("#add summary")
    page.fill("#add textarea", "")
    page.type("#add textarea", "ax1m[")
    assert page.input_value("#add textarea") == "ax1m["
    assert not Decision.objects.filter(user=editor).exists()


def test_a_screen_reader_hears_what_is_in_hand(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab", "Tab", "Tab")
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == "Damascus, GPE, suggested, 3 of 4"


def test_every_like_mention(open_page, article, editor):
    text = "Zarif spoke. Then Zarif left, and Zarif slept."
    stored = factories.make_article(article.corpus, text)
    factories.suggest(stored, (0, 5, "ORG"), (18, 23, "ORG"), (34, 39, "ORG"))
    page = at_work(open_page(editor), stored)
    press(page, "Tab", "m")
    page.wait_for_selector("#bulk .lines li:nth-child(2)")
    press(page, "1")
    page.wait_for_selector("#bulk-title:has-text('Relabel') >> text=PERSON")
    press(page, "m")
    page.wait_for_selector("#bulk .quiet:has-text('in the corpus')")
    press(page, "Enter")
    saved(page)
    assert quotes(stored) == [("Zarif", "PERSON")] * 3
    press(page, "Control+z")
    saved(page)
    assert quotes(stored) == []


def in_forty_places(other):
    article = factories.make_article(other.corpus, "Damascus. " * 40)
    return article, factories.suggest(article, *((10 * place, 10 * place + 8, "GPE") for place in range(40)))


def test_equal_suggestions_are_one_row_and_are_decided_after_a_preview(open_page, article, editor):
    article, spans = in_forty_places(article)
    page = at_work(open_page(editor), article)
    page.wait_for_selector(".grouped li:has-text('×40')")
    assert page.locator(".grouped li").count() == 1
    page.click(f"#row-{spans[0].pk} [name=reject]")
    page.wait_for_selector("#bulk-title:has-text('Reject 40 suggestions')")
    page.locator("#bulk .lines input").first.uncheck()
    page.click("#bulk .primary")
    saved(page)
    assert article.spans.get(state="suggested").pk == spans[0].pk
    assert Decision.objects.filter(user=editor).count() == 1
    page.wait_for_function("() => !document.querySelector('.grouped .times')")
    press(page, "Control+z")
    saved(page)
    assert article.spans.filter(state="suggested").count() == 40
    page.wait_for_selector(".grouped li:has-text('×40')")
    without = open_page(editor, java_script_enabled=False)
    without.goto(address(article))
    without.click(f"#row-{spans[-2].pk} [name=confirm]")
    assert article.spans.get(state="confirmed").pk == spans[-2].pk


def test_a_row_says_at_once_what_became_of_it_and_keeps_its_place(open_page, article, editor):
    page = at_work(open_page(editor), article)
    first = f"#row-{article.spans.get(start=0).pk}"
    page.wait_for_selector(f".grouped {first}")
    page.click(f"{first} [name=confirm]")
    saved(page)
    page.wait_for_selector(f".grouped li.confirmed{first}")
    assert page.locator(".grouped li a").all_inner_texts()[0] == "Zarif"
    assert page.locator(f"{first} button").count() == 0
    # The list follows what is selected in the text.
    press(page, "Tab")
    page.wait_for_selector(".grouped a[aria-current]:has-text('Damascus')")


def test_a_finish_is_undone_where_one_lands(open_page, article, editor):
    other = factories.make_article(article.corpus, "Zarif slept.")
    page = at_work(open_page(editor), article)
    press(page, "Control+Enter")
    page.wait_for_url(f"**{address(other)}?finished=*")
    page.wait_for_selector("html.keys #selected-span")
    assert page.inner_text("#finished p").startswith("Zarif in Damascus is done, 4 confirmed.")
    press(page, "Control+z")
    page.wait_for_url(f"**{address(article)}*")
    assert article.reviews.get().stage == "in_review"
    assert quotes(article) == []
    # The same from the list, which comes when nothing else waits.
    page.wait_for_selector("html.keys #selected-span")
    other.reviews.update(stage="done", editor=editor)
    press(page, "Control+Enter")
    page.wait_for_url("**/corpora/desk/articles/?finished=*")
    page.wait_for_load_state("load")
    press(page, "Control+z")
    page.wait_for_url(f"**{address(article)}*")
    assert article.reviews.get().stage == "in_review"


def test_the_first_span_of_an_empty_article_is_listed(open_page, article, editor):
    bare = factories.make_article(article.corpus, "Zarif slept in Tehran.")
    page = at_work(open_page(editor), bare)
    press(page, "s", "1")
    saved(page)
    assert page.inner_text("#decided-title") == "Decided 1"
    page.click("#decided-title")
    assert page.inner_text(".spans.decided li a") == "Zarif"
    assert page.locator(".panel .empty").count() == 0
    assert page.inner_text(".review-state .left") == "all 1 decided"


def test_back_shows_no_stale_page(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab", "a")
    saved(page)
    page.fill("#comment-text", "Half a sen")
    page.goto("/corpora/desk/articles/")
    page.go_back()
    page.wait_for_selector("html.keys #selected-span")
    assert page.locator("#text .suggested").count() == 3
    assert page.input_value("#comment-text") == "Half a sen"
    page.goto("/corpora/desk/articles/")
    assert "3 to decide, 1 confirmed" in page.inner_text(".entries")
    press(at_work(page, article), "Tab", "ArrowRight", "a")
    saved(page)
    page.go_back()
    page.wait_for_selector(".entries:has-text('2 to decide, 2 confirmed')")


def test_a_done_article_shows_history_and_takes_comments(open_page, article, editor):
    article.reviews.update(stage="done", editor=editor)
    page = at_work(open_page(editor), article)
    press(page, "Tab", "c")
    page.keyboard.type("Which Zarif?")
    press(page, "Control+Enter")
    page.wait_for_selector(".comment-list:has-text('Which Zarif?')")
    comment = Comment.objects.get()
    assert (comment.span_id, article.reviews.get().stage) == (article.spans.get(start=0).pk, "done")
    press(page, "Tab")
    page.click("#selected-span >> text=History")
    page.wait_for_url("**/history/")


def test_a_comment_outlives_a_desk_that_is_away_and_comes_back_no_more_once_sent(open_page, article, editor):
    page = at_work(open_page(editor), article)
    words = "Which Zarif?\n\nThe minister."
    page.fill("#comment-text", words)
    page.context.set_offline(True)
    press(page, "Control+Enter")
    page.wait_for_timeout(300)
    page.context.set_offline(False)
    at_work(page, article)
    assert not Comment.objects.exists()
    assert page.input_value("#comment-text") == words
    page.focus("#comment-text")
    press(page, "Control+Enter")
    page.wait_for_selector(".comment-list:has-text('The minister.')")
    at_work(page, article)
    assert page.input_value("#comment-text") == ""
    assert Comment.objects.count() == 1
