"""Several at one article, a desk that goes away, a session that ends: nothing changes by itself and nothing is lost."""

import time

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Decision, Presence, State
from tests import factories
from tests.browser.line import Line
from tests.browser.test_desk import address, quotes, sign_in
from tests.browser.test_workbench import at_work, in_hand, press, saved
from tests.review.replay import decided, replayed

pytestmark = pytest.mark.browser

KEPT = "Object.keys(localStorage).filter(key => key.startsWith('desk:'))"


def look_again(page):
    """As when its window comes to the front: the page asks at once and not seconds later."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_two_at_one_article(open_page, article, editor):
    mine = at_work(open_page(editor), article)
    other = factories.make_member(article.corpus, username="anna")
    theirs = at_work(open_page(other), article)
    while not Presence.objects.filter(article=article, user=other).exists():
        theirs.wait_for_timeout(20)
    look_again(mine)
    mine.wait_for_selector("#people:has-text('anna')")
    press(theirs, "Tab", "a", "x")
    saved(theirs)
    look_again(mine)
    mine.wait_for_selector("#remote-changes:has-text('2 suggestions changed')")
    assert mine.locator("#text .suggested").count() == 4
    # What another decided meanwhile is not overwritten: both sides stand there.
    press(mine, "Tab", "Tab", "1")
    conflict = mine.wait_for_selector(".conflict")
    assert "relabel it as PERSON" in conflict.inner_text()
    assert "rejected" in conflict.inner_text()
    assert quotes(article, State.REJECTED) == [("Muallem", "ORG")]
    mine.click(".conflict >> text=Keep current")
    look_again(mine)
    mine.wait_for_selector("#remote-changes:has-text('1 suggestion changed')")
    mine.click("#remote-changes button")
    mine.wait_for_selector("#text .confirmed:has-text('Zarif')")
    assert mine.locator("#text .suggested").count() == 2


def decide_as_anna(article, *choices):
    anna = factories.make_member(article.corpus, username="anna")
    decide(user=anna, article=article, choices=[Choice(verb, span.pk, span.revision) for verb, span in choices])


def test_conflicts_have_keys_and_keep_nothing_else_waiting(open_page, article, editor):
    mine = at_work(open_page(editor), article)
    decide_as_anna(article, *(("reject", span) for span in article.spans.order_by("start")[:2]))
    press(mine, "Tab", "a", "a", "a")
    mine.wait_for_selector(".conflict >> nth=1")
    assert "rejected, by anna" in mine.inner_text(".conflict >> nth=0")
    saved(mine)
    assert quotes(article) == [("Damascus", "GPE")]
    press(mine, ".")
    saved(mine)
    assert quotes(article) == [("Zarif", "PERSON"), ("Damascus", "GPE")]
    press(mine, ",")
    assert mine.locator(".conflict").count() == 0
    assert quotes(article, State.REJECTED) == [("Muallem", "ORG")]


def test_a_conflict_is_said_before_an_article_is_finished_and_holds_it_up_once(open_page, article, editor):
    mine = at_work(open_page(editor), article)
    decide_as_anna(article, ("reject", article.spans.get(start=0)))
    press(mine, "Tab", "a")
    mine.wait_for_selector(".conflict")
    press(mine, "Control+Enter")
    mine.wait_for_selector("#announcement:has-text('A conflict is open')")
    assert article.reviews.get().stage == "in_review"
    press(mine, "Control+Enter")
    mine.wait_for_selector("#finished")
    assert article.reviews.get().stage == "done"
    assert quotes(article, State.REJECTED) == [("Zarif", "PERSON")]


def test_a_machine_is_no_conflict(open_page, article, editor):
    page = at_work(open_page(editor), article)
    press(page, "Tab")
    # All of it is proposed anew: another label for the first, the second no longer, the third under another number.
    factories.suggest(article, (0, 5, "ORG"))
    damascus = article.text.index("Damascus")
    factories.suggest(article, (0, 5, "ORG"), (damascus, damascus + 8, "GPE"))
    press(page, "a", "x", "a")
    saved(page)
    page.wait_for_selector("#announcement:has-text('had changed: your decision was saved')")
    assert page.locator(".conflict").count() == 0
    assert quotes(article) == [("Zarif", "PERSON"), ("Damascus", "GPE")]
    assert quotes(article, State.REJECTED) == [("Muallem", "ORG")]
    assert replayed(article) == decided(article)


def test_decisions_on_a_span_that_is_still_on_its_way(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.route("**/decisions/", lambda route: (time.sleep(0.2), route.continue_()))
    # A span that nobody proposed, moved and relabelled before the desk has given it a number.
    press(page, "Tab", "x", "s", "1", "]", "2")
    saved(page)
    assert page.locator(".conflict").count() == 0
    assert quotes(article) == [("in Damascus", "ORG")]


def test_an_article_that_somebody_has_open_is_offered_to_nobody_else(open_page, article, editor):
    taken = factories.make_article(article.corpus, "Zarif rested.")
    free = factories.make_article(article.corpus, "Zarif slept.")
    at_work(open_page(factories.make_member(article.corpus, username="anna")), free)
    page = at_work(open_page(editor), article)
    while not Presence.objects.filter(article=free).exists():
        page.wait_for_timeout(20)
    press(page, "Control+Enter")
    page.wait_for_url(f"**{address(taken)}?finished=*")


def test_a_desk_that_is_stopped_and_started_under_an_editor(open_page, live_server, article, editor):
    line = Line(live_server.thread.port)
    page = at_work(open_page(editor, base_url=line.url), article)
    press(page, "Tab")
    line.stop()
    press(page, "a", "[", "1", "x")
    page.wait_for_selector("#saved:has-text('4 decisions wait in this browser')")
    assert in_hand(page) == "Monday"
    assert not Decision.objects.filter(user=editor).exists()
    line.start()
    saved(page)
    assert quotes(article) == [("Zarif", "PERSON"), ("Wálid\u0301 Muallem", "PERSON")]
    assert page.evaluate(KEPT) == []
    line.stop()


def test_an_article_is_not_left_for_a_desk_that_is_away(open_page, live_server, article, editor):
    line = Line(live_server.thread.port)
    page = at_work(open_page(editor, base_url=line.url), article)
    line.stop()
    press(page, "Control+Enter")
    page.wait_for_selector("#message:has-text('Cannot reach the server, so the article stays open')")
    assert page.locator("#text .suggested").count() == 4
    line.start()
    cookies = page.context.cookies()
    page.context.clear_cookies()
    press(page, "Control+Enter")
    page.wait_for_selector("#message:has-text('You are signed out')")
    page.context.add_cookies(cookies)
    press(page, "Control+Enter")
    page.wait_for_selector("#text", state="detached")
    page.wait_for_load_state()
    assert article.reviews.get().stage == "done"
    line.stop()


def test_a_page_is_of_use_after_signing_in_again_elsewhere(open_page, article, editor):
    """A new session has a new token: the forms of pages that were open before send that one."""
    page = at_work(open_page(editor), article)
    other = page.context.new_page()
    other.goto(address(article))
    other.click(".user .menu summary")
    other.click("text=Sign out")
    other.goto(f"/sign-in/?next={address(article)}")
    sign_in(other, "zaid")
    other.wait_for_selector("#text")
    page.fill("#comments textarea", "Which Muallem?")
    page.click("#comments form button")
    page.wait_for_selector(".comment-text:has-text('Which Muallem?')")
    press(page, "Control+Enter")
    page.wait_for_selector("#text", state="detached")
    assert article.reviews.get().stage == "done"


def test_what_waits_outlives_the_page(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.context.route("**/api/**", lambda route: route.abort())
    press(page, "Tab", "a", "1")
    page.wait_for_selector("#saved:has-text('2 decisions wait')")
    page.context.unroute("**/api/**")
    at_work(page, article)
    assert page.locator("#text .confirmed").count() == 2
    page.wait_for_selector("#saved[data-state=saved]")
    assert quotes(article) == [("Zarif", "PERSON"), ("Muallem", "PERSON")]


def first_answer_lost(page, address):
    """The first request to this address arrives, and its answer never does; the list gets that answer's status."""
    lost = []

    def lose(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route(address, lose)
    return lost


def test_an_answer_that_was_lost_makes_no_second_decision(open_page, article, editor):
    page = at_work(open_page(editor), article)
    lost = first_answer_lost(page, "**/decisions/")
    press(page, "Tab", "a")
    saved(page)
    assert lost == [201]
    assert Decision.objects.filter(user=editor).count() == 1
    assert quotes(article) == [("Zarif", "PERSON")]


def test_a_session_that_ends(open_page, article, editor):
    page = at_work(open_page(editor), article)
    page.context.clear_cookies()
    press(page, "Tab", "a", "x")
    page.wait_for_selector("#saved:has-text('You are signed out: 2 decisions wait')")
    page.click("#saved a")
    # Another person at the same browser sends nothing in the first one's name.
    factories.make_member(article.corpus, username="anna")
    sign_in(page, "anna")
    page.wait_for_selector("html.keys #selected-span")
    assert not Decision.objects.filter(corpus=article.corpus).exists()
    page.context.clear_cookies()
    page.goto(address(article))
    sign_in(page, "zaid")
    page.wait_for_selector("html.keys #selected-span")
    saved(page)
    assert page.evaluate(KEPT) == []
    assert [decision.user for decision in Decision.objects.all()] == [editor, editor]
    assert quotes(article) == [("Zarif", "PERSON")]
