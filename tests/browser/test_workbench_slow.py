"""Keys on a slow line: what is pressed before the desk has answered says what it says on a quick one."""

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Decision, State
from tests import factories
from tests.browser.test_desk import address, quotes
from tests.browser.test_workbench import at_work, press, saved
from tests.browser.test_workbench_together import decide_as_anna, first_answer_lost, look_again
from tests.review.replay import decided, replayed

pytestmark = pytest.mark.browser

# Each answer comes so many milliseconds later, or each from addresses with `part` in them.
SLOW = """(milliseconds, part = "/") => {
    const real = window.fetch;
    window.fetch = async (...all) => {
        const answer = await real(...all);
        if (String(all[0]).includes(part)) await new Promise(done => setTimeout(done, milliseconds));
        return answer;
    };
}"""


@pytest.fixture
def doubted(article, editor):
    """Two labels are proposed for its first word, and one of them was rejected: the page does not have it."""
    places = [("Zarif", "PERSON"), ("Zarif", "ORG"), ("Muallem", "ORG")]
    starts = [(article.text.index(words), words, label) for words, label in places]
    factories.suggest(article, *((start, start + len(words), label) for start, words, label in starts))
    reject(article, editor)
    return article


def reject(article, editor):
    span = article.spans.get(start=0, label__name="ORG")
    decide(user=editor, article=article, choices=[Choice("reject", span.pk, span.revision)])


@pytest.mark.parametrize("answered", [True, False])
def test_a_relabel_over_a_rejected_span_that_is_undone_leaves_each_its_own(open_page, doubted, editor, answered):
    page = at_work(open_page(editor), doubted)
    page.evaluate(SLOW, 300)
    press(page, "Tab", "2")
    if answered:
        saved(page)
    press(page, "Control+z", "Shift+Tab", "a")
    saved(page)
    assert page.locator(".conflict").count() == 0
    assert quotes(doubted) == [("Zarif", "PERSON")]
    assert quotes(doubted, State.REJECTED) == [("Zarif", "ORG")]
    press(page, "Control+z", "Control+z")
    press(page, "Control+Shift+z", "Control+Shift+z")
    saved(page)
    assert replayed(doubted) == decided(doubted)


def test_an_undo_whose_answer_was_lost_tells_all_that_it_restored(open_page, article, editor):
    factories.suggest(article, (0, 5, "PERSON"), (0, 5, "ORG"))
    page = at_work(open_page(editor), article)
    lost = first_answer_lost(page, "**/undo/")
    press(page, "Tab", "2", "Control+z")
    while not lost:
        page.wait_for_timeout(20)
    press(page, "a", "Shift+Tab", "Shift+Tab", "x")
    saved(page)
    assert page.locator(".conflict").count() == 0
    assert replayed(article) == decided(article)
    assert len(quotes(article)) == len(quotes(article, State.REJECTED)) == 1


def test_a_key_after_the_undo_of_an_earlier_day(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab", "a", "x")
    saved(page)
    at_work(page, article)
    page.evaluate(SLOW, 300)
    # Twice taken back what was decided before the page was opened, and decided anew before the desk has told of it.
    press(page, "Tab", "Control+z", "Control+z", "x", "a")
    saved(page)
    page.wait_for_selector("#announcement:has-text('Undone')", state="attached")
    assert page.locator(".conflict").count() == 0
    assert (quotes(article), quotes(article, State.REJECTED)) == ([("Damascus", "GPE")], [("Zarif", "PERSON")])


def test_decisions_on_one_span_are_taken_back_one_by_one(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.evaluate(SLOW, 200)
    back = ["Shift+Tab"] * 2
    press(page, "Tab", "a", *back, "x", "Shift+Tab", "2", "Escape", "Tab", "3", *back, "Control+z", "Control+z")
    # Two more than there is to take back, and at once another decision.
    press(page, "Control+z", "Control+z", "Control+z", "Control+z", "Escape", "Tab", "3")
    saved(page)
    assert page.locator(".conflict").count() == 0
    assert quotes(article) == [("Zarif", "GPE")]
    assert replayed(article) == decided(article)


def test_a_redo_of_nothing_brings_back_no_later_undo(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.evaluate(SLOW, 300)
    press(page, "Tab", "a", "Control+Shift+z", "x", "Control+z")
    saved(page)
    assert (quotes(article), quotes(article, State.REJECTED)) == ([("Zarif", "PERSON")], [])
    at_work(page, article)
    page.evaluate(SLOW, 300)
    press(page, "Tab", "Control+Shift+z", "ArrowRight", "a", "Control+z")
    saved(page)
    assert quotes(article, State.REJECTED) == [("Muallem", "ORG")]


def test_an_undo_that_waits_is_drawn_when_the_page_is_opened_again(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.context.route("**/api/**", lambda route: route.abort())
    press(page, "Tab", "a", "a", "Control+z")
    page.wait_for_selector("#saved:has-text('3 decisions wait')")
    at_work(page, article)
    assert page.locator("#text .confirmed").all_inner_texts() == ["Zarif"]
    press(page, "Control+z")
    page.context.unroute("**/api/**")
    saved(page)
    assert page.locator(".conflict").count() == 0
    assert quotes(article) == []


HIDDEN = """
    Object.defineProperty(document, "hidden", { get: () => true });
    globalThis.requestAnimationFrame = () => 0;
"""


def test_decisions_that_wait_are_sent_from_a_page_in_the_background(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.context.route("**/api/**", lambda route: route.abort())
    press(page, "Tab", "a")
    page.wait_for_selector("#saved:has-text('waits')")
    page.context.unroute("**/api/**")
    page.add_init_script(HIDDEN)
    page.goto(address(article))
    saved(page)
    assert quotes(article) == [("Zarif", "PERSON")]


def test_a_decision_on_a_like_that_was_left_out(open_page, article, editor):
    stored = factories.make_article(article.corpus, "Homs one. Homs two. Homs three.")
    factories.suggest(stored, (0, 4, "GPE"), (10, 14, "GPE"), (20, 24, "GPE"))
    page = at_work(open_page(editor), stored)
    press(page, "Tab", "m")
    page.wait_for_selector("#bulk[open] button.primary:enabled")
    decide_as_anna(stored, ("reject", stored.spans.get(start=10)))
    page.evaluate(SLOW, 400)
    press(page, "Enter", "Escape", "Tab", "Tab", "x")
    page.wait_for_selector("#announcement:has-text('1 had changed')", state="attached")
    saved(page)
    # It was rejected already, as this person says too: nothing to choose.
    assert page.locator(".conflict").count() == 0
    assert [quote for quote, _ in quotes(stored)] == ["Homs", "Homs"]


def test_a_conflict_of_another_article_is_told_in_its_own_words(open_page, article, editor):
    other = factories.make_article(article.corpus, "Nobody here but Asma.", title="Other")
    page = at_work(open_page(editor), article)
    page.context.route("**/decisions/", lambda route: route.abort())
    press(page, "Tab", "a")
    page.wait_for_selector("#saved:has-text('waits')")
    decide_as_anna(article, ("reject", article.spans.get(start=0)))
    at_work(page, other)
    page.context.unroute("**/decisions/")
    conflict = page.wait_for_selector(".conflict")
    assert "“Zarif”, PERSON, rejected, by anna" in conflict.inner_text()
    press(page, ".")
    page.click(".conflict a:has-text('Open the article')")
    page.wait_for_url(f"**{address(article)}?span=*")
    assert not Decision.objects.filter(user=editor).exists()


def test_spans_that_were_read_before_a_decision_do_not_hide_it(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.evaluate(f"({SLOW})(500, '/spans/')")
    factories.suggest(article, (article.text.index("Muallem"), article.text.index("Muallem") + 7, "ORG"))
    # The suggestion is gone, so all spans are read anew, and meanwhile the next one is decided on.
    press(page, "Tab", "a")
    saved(page)
    press(page, "a")
    saved(page)
    page.wait_for_selector("#text .suggested:has-text('Damascus')", state="detached")
    assert page.locator("#text .confirmed").all_inner_texts() == ["Zarif", "Muallem"]
    press(page, "s", "ArrowRight", "2")
    saved(page)
    anna = factories.make_member(article.corpus, username="anna")
    span = article.spans.get(start=0)
    decide(user=anna, article=article, choices=[Choice("reject", span.pk, span.revision)])
    look_again(page)
    page.wait_for_selector("#remote-changes:has-text('1 suggestion changed')")
    press(page, "s", "ArrowRight", "2")
    page.click("#remote-changes button")
    page.wait_for_selector("#text .confirmed:has-text('Zarif')", state="detached")
    assert page.locator("#text .confirmed").count() == len(quotes(article)) == 3


def test_finishing_twice_finishes_once(open_page, article, editor):
    factories.make_article(article.corpus, "Zarif rested.")
    page = at_work(open_page(editor), article)
    press(page, "Control+Enter", "Control+Enter")
    page.wait_for_selector("#finished:has-text('4 confirmed')")
    assert Decision.objects.filter(verb="finish").count() == 1
