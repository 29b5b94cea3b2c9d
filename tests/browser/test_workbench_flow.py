"""Decide, do not walk: doubt first, finding, choices that are offered, many at once, and the way around an article."""

import json

import pytest
from django.urls import reverse

from annotations.review.actions.propose import ProposalRow, replace_suggestions
from annotations.review.models import Decision, Label, State
from annotations.suggestions.actions.process_run import process_run
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import PossibleSpans
from corpusapp.accounts.models import User
from tests import factories
from tests.browser.test_desk import address, quotes
from tests.browser.test_workbench import at_work, in_hand, press, saved
from tests.browser.test_workbench_together import decide_as_anna, look_again

pytestmark = pytest.mark.browser

TEXT = (
    "Odessa Larkin of the Harbour Board met Émile Sørby in Odessa on Monday.\n"
    "The Quay Guard of Odessa came. Larkin said the Board and the board agreed on the 3rd day."
)
SURE, UNSURE = 0.97, 0.41


def at(words, nth=0, text=TEXT):
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return start, start + len(words)


@pytest.fixture
def story(article):
    made = factories.make_article(article.corpus, TEXT, title="The Board")
    suggest(
        made,
        ("Odessa Larkin", 0, "PERSON", SURE),
        ("Harbour Board", 0, "ORG", UNSURE),
        ("Émile Sørby", 0, "PERSON", SURE),
        ("Odessa", 1, "GPE", SURE),
        ("Odessa", 2, "GPE", UNSURE),
        ("Larkin", 1, "PERSON", None),
    )
    return made


def suggest(article, *suggestions):
    """Suggestions (words, which of them, label, score)."""
    labels = dict(Label.objects.filter(corpus=article.corpus).values_list("name", "pk"))
    places = [(*at(words, nth, article.text), labels[label], score) for words, nth, label, score in suggestions]
    replace_suggestions(
        corpus=article.corpus,
        pipeline_id=factories.make_pipeline().pk,
        article_ids=[article.pk],
        proposals=[ProposalRow(article.pk, *place) for place in places],
    )


def offer(article, *rows):
    PossibleSpans.objects.create(article=article, data=json.dumps([[*at(words), *rest] for words, *rest in rows]))


def counts(page):
    return page.inner_text(".review-state .left").strip()


def test_n_goes_from_doubt_to_doubt_and_decisions_go_on(open_page, story, editor):
    page = at_work(open_page(editor), story)
    assert counts(page) == "6 left, 3 doubtful"
    assert page.inner_text("#selected-title") == "6 suggestions, 3 doubtful"
    assert page.inner_text(".stage") == "suggested"
    press(page, "n")
    assert in_hand(page) == "Harbour Board"
    press(page, "n", "n")
    assert in_hand(page) == "Larkin"
    press(page, "Shift+N")
    assert in_hand(page) == "Odessa"
    press(page, "Shift+N")
    assert in_hand(page) == "Harbour Board"
    press(page, "a")
    assert in_hand(page) == "Odessa"
    assert page.inner_text(".stage") == "in review"
    assert counts(page) == "5 left, 2 doubtful"
    press(page, "x")
    assert in_hand(page) == "Larkin"
    press(page, "2")
    page.wait_for_selector("#message:has-text('Nothing doubtful is left. Ctrl+Enter confirms the other 3')")
    assert in_hand(page) == "3 suggestions"
    press(page, "n")
    page.wait_for_selector("#message:has-text('No other suggestion is doubtful')")
    assert page.inner_text("#announcement") == page.inner_text("#message")
    saved(page)
    assert quotes(story) == [("Harbour Board", "ORG"), ("Larkin", "ORG")]


def test_enter_begins_and_j_and_k_walk_what_is_undecided(open_page, story, editor):
    page = at_work(open_page(editor), story)
    press(page, "Enter")
    assert in_hand(page) == "Harbour Board"
    press(page, "Escape", "j")
    assert in_hand(page) == "Odessa Larkin"
    press(page, "a", "a", "j")
    assert in_hand(page) == "Odessa"
    press(page, "k", "k")
    # Those that are decided are passed over, and after the first comes the last.
    assert in_hand(page) == "Larkin"


def test_the_threshold_of_doubt_is_a_choice_of_the_person(open_page, story, editor):
    page = open_page(editor)
    page.goto(reverse("keys"))
    page.fill("[name=doubt]", "20")
    page.click("form:has([name=doubt]) button")
    page.wait_for_selector(".messages:has-text('Reading view saved')")
    at_work(page, story)
    # One without a score remains.
    assert counts(page) == "6 left, 1 doubtful"


def test_suggestions_that_come_while_the_page_is_open_are_doubtful(open_page, story, editor):
    page = at_work(open_page(editor), story)
    labels = dict(Label.objects.filter(corpus=story.corpus).values_list("name", "pk"))
    standing = [(span.start, span.end, span.label_id, span.score) for span in story.spans.filter(state=State.SUGGESTED)]
    replace_suggestions(
        corpus=story.corpus,
        pipeline_id=factories.make_pipeline().pk,
        article_ids=[story.pk],
        proposals=[ProposalRow(story.pk, *each) for each in (*standing, (*at("Monday"), labels["DATE"], SURE))],
    )
    look_again(page)
    page.click("#remote-changes button")
    page.wait_for_selector("#text .suggested:has-text('Monday')")
    assert counts(page) == "7 left, 4 doubtful"
    press(page, "n", "n")
    assert in_hand(page) == "Monday"
    press(page, "a")
    assert counts(page) == "6 left, 3 doubtful"


def test_the_walk_comes_to_likely_names_and_no_decision_on_many_takes_them(open_page, story, editor):
    offer(story, ("Quay Guard", "ORG", 0.31), ("Monday", "DATE", 0.19))
    page = at_work(open_page(editor), story)
    page.wait_for_selector(".possible-names button")
    press(page, "n", "a")
    assert in_hand(page) == "Quay Guard"
    assert "possible" in page.inner_text("#selected-span .facts-line")
    press(page, "a")
    assert in_hand(page) == "Odessa"
    saved(page)
    assert quotes(story) == [("Harbour Board", "ORG"), ("Quay Guard", "ORG")]
    press(page, "o")
    assert in_hand(page) == "Monday"
    press(page, "x", "o")
    page.wait_for_selector("#message:has-text('There are no possible names')")
    press(page, "Control+Enter")
    page.wait_for_url("**finished=**")
    assert "Monday" not in {words for words, _ in quotes(story)}


def test_a_possible_name_is_selected_by_a_click_and_takes_another_label(open_page, story, editor):
    offer(story, ("Quay Guard", "ORG", 0.31))
    page = at_work(open_page(editor), story)
    page.wait_for_selector(".possible-names button")
    box = page.evaluate("[...CSS.highlights.get('possible')][0].getBoundingClientRect().toJSON()")
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] / 2)
    assert in_hand(page) == "Quay Guard"
    press(page, "1")
    saved(page)
    assert quotes(story) == [("Quay Guard", "PERSON")]
    assert story.decisions.get().spared_actions == 0


def test_b_cycles_the_boundaries_that_are_offered(open_page, story, editor):
    offer(story, ("Harbour Board met", "ORG", 0.3), ("the Harbour Board", "ORG", 0.2))
    page = at_work(open_page(editor), story)
    press(page, "n")
    page.wait_for_selector(".possible-here button")
    for words in ("Harbour Board met", "the Harbour Board", "Harbour Board", "Harbour Board met"):
        press(page, "b")
        assert in_hand(page) == words
    saved(page)
    assert quotes(story) == [("Harbour Board met", "ORG")]
    press(page, *["Control+z"] * 4)
    saved(page)
    assert quotes(story) == []
    press(page, "j", "b")
    page.wait_for_selector("#message:has-text('No other boundaries are offered here')")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("la", "Odessa Larkin"),
        ("em so", "Émile Sørby"),
        ("har", "Harbour Board"),
        ("the q g", "The Quay Guard"),
        ("B", "Harbour Board"),
        ("arbou", "Harbour Board"),
    ],
)
def test_finding_lands_on_spans_or_words(open_page, story, editor, typed, found):
    page = at_work(open_page(editor), story)
    press(page, "f")
    page.keyboard.type(typed)
    page.wait_for_selector(".find [role=status]:has-text('1 of')")
    press(page, "Enter")
    selected = page.evaluate("getSelection().toString()")
    assert (selected or in_hand(page)) == found
    assert page.locator(".find").is_hidden()
    assert not Decision.objects.exists()


def test_what_was_found_is_labelled_and_the_next_is_a_step_away(open_page, story, editor):
    page = at_work(open_page(editor), story)
    press(page, "f", "3")
    page.wait_for_selector(".find [role=status]:has-text('1 of 1')")
    assert page.evaluate("[...CSS.highlights.get('found')].map(String)") == ["3rd"]
    # No word goes on with a 2: it is the key of a label.
    press(page, "2")
    saved(page)
    assert quotes(story) == [("3rd", "ORG")]
    press(page, "Escape", "f", "o", "d", "ArrowDown", "Enter")
    assert in_hand(page) == "Odessa"
    press(page, "f", "z", "z")
    page.wait_for_selector(".find [role=status]:has-text('Nothing found')")
    press(page, "Escape")
    assert in_hand(page) == "Odessa"
    # Within a span, the words themselves.
    press(page, "f", "S", "Shift+Enter", "5")
    saved(page)
    assert ("Sørby", "LOC") in quotes(story)


def test_ctrl_enter_warns_once_of_doubts_that_were_never_on_the_screen(open_page, article, editor):
    text = "Zarif spoke.\n" + "A line of the story.\n" * 200 + "Muallem left. Damascus slept."
    long = factories.make_article(article.corpus, text)
    suggest(long, *((words, 0, "ORG", UNSURE) for words in ("Zarif", "Muallem", "Damascus")))
    page = at_work(open_page(editor), long)
    press(page, "Control+Enter")
    page.wait_for_selector("#message:has-text('2 doubtful suggestions were never on the screen')")
    assert long.reviews.get().stage == "suggested"
    assert page.inner_text("#announcement") == page.inner_text("#message")
    press(page, "n", "n", "Control+Enter")
    page.wait_for_url("**finished=**")
    assert long.reviews.get().stage == "done"


def test_nothing_is_warned_of_that_was_scrolled_past(open_page, article, editor):
    text = "Zarif spoke.\n" + "A line of the story.\n" * 200 + "Muallem left."
    long = factories.make_article(article.corpus, text)
    suggest(long, ("Muallem", 0, "ORG", UNSURE))
    page = at_work(open_page(editor), long)
    page.locator("#text .sp").scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    page.evaluate("scrollTo(0, 0)")
    press(page, "Control+Enter")
    page.wait_for_url("**finished=**")
    assert long.reviews.get().stage == "done"


def test_why_something_is_suggested(open_page, story, editor):
    page = at_work(open_page(editor), story)
    press(page, "y")
    page.wait_for_selector("#message:has-text('Select a suggestion first')")
    press(page, "n", "y")
    # Nothing was suggested by the desk itself: these are of a test.
    page.wait_for_selector("#message:has-text('nothing is suggested at')")
    assert page.locator("#evidence").is_hidden()


def test_why_a_suggestion_of_the_desk_stands(open_page, article, editor):
    made = factories.make_article(article.corpus, "Iranian Foreign Minister Mohammad Javad Zarif flew to Damascus.")
    process_run(run=start_run(user=editor, corpus=made.corpus, article_ids=[made.pk]))
    page = at_work(open_page(editor), made)
    press(page, "f")
    page.keyboard.type("zar")
    press(page, "Enter", "y")
    page.wait_for_selector("#evidence:has-text('Weighed from the model')")
    assert "PERSON" in page.inner_text("#evidence .parts")
    assert "never yet" in page.inner_text("#evidence .parts")
    assert "Weighed from the model" in page.inner_text("#announcement")
    press(page, "y")
    assert page.locator("#evidence").is_hidden()
    press(page, "y")
    page.wait_for_selector("#evidence p")
    # That of another span is not shown as its own.
    press(page, "ArrowRight")
    assert page.locator("#evidence").is_hidden()


def test_suggestions_of_a_label_are_decided_at_once_after_a_preview(open_page, story, editor):
    page = at_work(open_page(editor), story)
    page.click(".chip:has-text('GPE')")
    page.wait_for_function("() => document.querySelectorAll('.grouped li').length === 1")
    press(page, "Shift+M")
    page.wait_for_selector("#bulk-title:has-text('Confirm 2 suggestions')")
    press(page, "x")
    page.wait_for_selector("#bulk-title:has-text('Reject 2 suggestions')")
    press(page, "5")
    page.wait_for_selector("#bulk-title:has-text('Relabel 2 suggestions') >> text=LOC")
    press(page, "Enter")
    saved(page)
    assert quotes(story) == [("Odessa", "LOC"), ("Odessa", "LOC")]
    assert Decision.objects.count() == 1
    press(page, "Control+z")
    saved(page)
    assert quotes(story) == []


def test_a_decision_on_many_is_refused_as_a_whole_if_one_of_them_changed(open_page, story, editor):
    page = at_work(open_page(editor), story)
    press(page, "Shift+M")
    page.wait_for_selector("#bulk .lines li:nth-child(6)")
    decide_as_anna(story, ("reject", story.spans.get(score=None)))
    press(page, "Enter")
    page.wait_for_selector(".conflict")
    assert not story.spans.filter(state=State.CONFIRMED).exists()
    # Nothing is half done here either, and what is left can be decided.
    assert counts(page) == "5 left, 2 doubtful"
    press(page, ",", "Shift+M")
    page.wait_for_selector("#bulk-title:has-text('Confirm 5 suggestions')")
    press(page, "Enter")
    saved(page)
    assert story.spans.filter(state=State.CONFIRMED).count() == 5


def test_suggestions_of_a_score_are_decided_at_once(open_page, story, editor):
    page = at_work(open_page(editor), story)
    press(page, "Shift+M")
    page.wait_for_selector("#bulk .lines li:nth-child(6)")
    # Each on one line, from the beginning of a word on.
    lines = page.locator("#bulk .words").all_text_contents()
    assert lines[4].startswith("… in Odessa on Monday. The Quay Guard of Odessa came.")
    page.locator(".limits input").first.fill("0.9")
    page.wait_for_selector("#bulk .primary:has-text('Apply to 3')")
    page.click("#bulk .primary")
    saved(page)
    assert story.spans.filter(state=State.CONFIRMED).count() == 3
    assert counts(page) == "3 left, 3 doubtful"


def test_walks_keep_to_the_label_of_the_list_until_none_is_left(open_page, story, editor):
    page = at_work(open_page(editor), story)
    page.click(".chip:has-text('GPE')")
    press(page, "Escape", "j")
    assert in_hand(page) == "Odessa"
    press(page, "a")
    assert in_hand(page) == "Odessa"
    press(page, "a")
    # Then with all others.
    assert in_hand(page) == "Larkin"
    assert page.get_attribute(".chip:has-text('All')", "aria-pressed") == "true"


def test_the_list_is_sorted_by_doubt(open_page, story, editor):
    page = at_work(open_page(editor), story)
    page.click("text=Sorted by position")
    names = page.locator(".grouped a").all_inner_texts()
    assert names[:3] == ["Larkin", "Harbour Board", "Odessa"]
    assert page.inner_text(".grouped li:has-text('Odessa') .times") == "×2"


def test_the_list_that_one_came_from_is_kept(open_page, story, article, editor):
    page = open_page(editor)
    page.goto(reverse("article-list", args=[article.corpus.slug]) + "?stage=to_decide")
    page.click("h2 >> text=The Board")
    page.wait_for_selector("#place:has-text('1 of 2')")
    press(page, "<")
    page.wait_for_selector("#message:has-text('This is the first article of the list')")
    press(page, ">")
    page.wait_for_url(f"**{address(article)}?stage=to_decide")
    page.wait_for_selector("#place:has-text('2 of 2')")
    page.click("#place >> text=2 of 2")
    page.wait_for_url("**/articles/?stage=to_decide")
    assert page.locator(".entries h2").count() == 2


def test_the_reading_view_is_kept_for_the_person(open_page, story, editor):
    page = at_work(open_page(editor), story)
    before = page.locator("#text").evaluate("box => parseFloat(getComputedStyle(box).fontSize)")
    page.click("#view summary")
    page.click("#view [data-size='1']")
    page.click("#view [data-width=wide]")
    page.wait_for_load_state("networkidle")
    at_work(page, story)
    after = page.locator("#text").evaluate("box => parseFloat(getComputedStyle(box).fontSize)")
    assert after > before
    page.click("#view summary")
    assert page.get_attribute("#view [data-width=wide]", "aria-pressed") == "true"
    assert User.objects.get(username="zaid").preferences["view"] == {"size": 1, "width": "wide"}


def test_the_guidelines_stand_beside_the_text_while_keys_go_on(open_page, story, editor):
    story.corpus.guidelines = "Titles stay outside of names."
    story.corpus.save()
    page = at_work(open_page(editor), story)
    press(page, "h")
    page.wait_for_selector("dialog.beside >> text=Titles stay outside of names.")
    text, guidelines = (page.locator(one).bounding_box() for one in ("#text", "dialog.beside"))
    assert text["x"] + text["width"] <= guidelines["x"]
    press(page, "n", "a")
    saved(page)
    assert quotes(story) == [("Harbour Board", "ORG")]
    press(page, "Escape")
    assert page.locator("dialog").count() == page.locator("dialog:not([open])").count()
    assert in_hand(page) == "Odessa"
    press(page, "h", "h")
    page.wait_for_selector("dialog.beside", state="detached")
    page.set_viewport_size({"width": 360, "height": 740})
    press(page, "h")
    page.wait_for_selector("#guidelines:visible")
    assert page.evaluate("document.querySelector('#overlay').matches(':modal')")


def test_names_for_those_who_listen(open_page, story, editor):
    story.spans.filter(label__name="ORG").update(state=State.CONFIRMED)
    page = at_work(open_page(editor), story)
    links = page.get_by_role("article").get_by_role("link", include_hidden=False)
    names = [link.get_attribute("aria-label") for link in links.all() if link.get_attribute("data-s")]
    assert names == [
        "Odessa Larkin, PERSON, suggested",
        "Harbour Board, ORG, confirmed",
        "Émile Sørby, PERSON, suggested",
        "Odessa, GPE, suggested",
        "Odessa, GPE, suggested",
        "Larkin, PERSON, suggested",
    ]
    press(page, "Tab", "a")
    saved(page)
    assert page.get_by_role("link", name="Odessa Larkin, PERSON, confirmed").count() == 1


@pytest.mark.parametrize(("width", "height"), [(360, 740), (640, 400)])
def test_small_windows_are_text_until_something_is_selected(open_page, story, editor, width, height):
    """The second is a usual window at 200 percent."""
    page = open_page(editor, viewport={"width": width, "height": height})
    at_work(page, story)
    page.wait_for_selector(".grouped li", state="attached")
    covered = page.evaluate("""() => ["header.top", "#selected-span", "#status-bar"]
        .map(one => document.querySelector(one).getBoundingClientRect())
        .map(box => Math.max(0, Math.min(innerHeight, box.bottom) - Math.max(0, box.top)))
        .reduce((sum, one) => sum + one, 0)""")
    assert covered <= 0.4 * height
    assert page.evaluate("document.documentElement.scrollWidth") <= width
