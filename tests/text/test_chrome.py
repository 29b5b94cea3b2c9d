"""Boilerplate is found, and running text next to it is not."""

import pytest

from corpusapp.text.zoning import find_zones

FIRST = (
    "The ferry between the two towns stopped on Monday, for the first time since the winter of the great ice, and "
    "nobody at the harbour could say when it would sail again."
)
SECOND = "Farmers who sell their milk on the other side had to pour it away, the owner of the largest dairy said."


def chrome(text):
    return [
        line
        for z in find_zones(text)
        if z.kind == "chrome"
        for line in text[z.start : z.end].split("\n")
        if line.strip()
    ]


ABOVE = [
    ["News / Politics"],
    ["News \xa0 / \xa0 Politics"],
    ["Home > Region > Harbours"],
    ["North Wire » Region » Harbours"],
    ["The North Wire – Front page – Weather"],
    ["World"],
    ["News ID: 12345   Service: Region   Date: 5 January 2019 - 18:05"],
    ["Published On 5 Jan 2019"],
    ["Last updated: 5 January 2019, 10:14 GMT"],
    ["5 min read"],
    ["3 hours ago"],
    ["📤 Share   🐦 Tweet   💬 38"],
    ["Log in | Register | Newsletter"],
]
BELOW = [
    ["News Code 12380", "Your Comment", "You are replying to: .", "• captcha"],
    ["Leave a Reply", "Your email address will not be published. Required fields are marked *", "Name *", "Email *"],
    ["12 Comments"],
    ["Comments (38)   Log in to reply"],
    ["Please enter your comment!", "Please enter your name here"],
    ["Check Also", "Harbour master wins a prize for his roses", "Oslo, NWN- The harbour master has won a prize for …"],
    ["Related", "Ice on the quay", "Why the milk went sour"],
    ["More from this section", "» Ice on the quay", "» Why the milk went sour"],
    ["Read more: Ice on the quay"],
    ["READ ALSO: Why the milk went sour"],
    ["Latest news", "Ice on the quay", "The ice on the quay has now grown to a height that nobody alive has seen..."],
    ["Our website can also be accessed at the following alternate addresses:", "www.north.example", "North Wire Roku"],
    ["Share this article"],
    ["Print   |   Send to a friend   |   A+  A-"],
    ["Follow us on Twitter @northwire"],
    ["Tags: ferry / ice"],
    ["#ferry #ice #milk"],
    ["GET THE NORTHERN BRIEFING", "Five stories every day at seven.", "Your e-mail address   [Sign up]"],
    ["Subscribe to our newsletter for the best of the north"],
    ["By signing up you accept our terms and our privacy notice."],
    ["We use cookies to improve this site. Accept all cookies"],
    ["© North Wire. All rights reserved."],
    ["Copyright 2019 North Wire. All rights reserved. This material may not be published, broadcast or rewritten."],
    ["Privacy Policy | Terms of Use | Contact us"],
    ["The views expressed here are the author's own and do not necessarily reflect those of North Wire."],
    ["English Bulletin"],
    ["Short link: https://north.example/s/12"],
    ["4208**2050"],
    ["(Adds quotes and background)"],
    ["کد خبر ۱۲۳۴۵", "نظر شما"],
    ["اقرأ أيضاً", "الجليد على الرصيف"],
    ["Читайте также: Лед на причале"],
]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("lines", ABOVE)
def test_boilerplate_above_the_title(lines, gap):
    text = gap.join([*lines, "Ferry stops for the first time in many years", FIRST, SECOND])
    assert chrome(text) == lines


@pytest.mark.parametrize("gap", ["\n", "\n\n\n"])
@pytest.mark.parametrize("lines", BELOW)
def test_boilerplate_below_the_text(lines, gap):
    text = "Ferry stops for the first time in many years\n\n" + FIRST + gap + SECOND + "\n\n" + "\n".join(lines)
    assert chrome(text) == [line.strip() for line in lines]


@pytest.mark.parametrize(
    "lines",
    [
        ["Read more: Ice on the quay"],
        ["READ ALSO: Why the milk went sour"],
        ["ALSO IN THE WIRE  👉  Ice on the quay"],
        ["Advertisement"],
        ["Share on Facebook   Tweet   Telegram"],
        ["Related stories", "Ice on the quay", "Why the milk went sour"],
        ["(Adds quotes throughout)"],
    ],
)
def test_boilerplate_within_the_text(lines):
    assert chrome("\n\n".join([FIRST, "\n".join(lines), SECOND, FIRST])) == lines


RUNNING = [
    ["Holm, Berg discuss the ice"],
    ["What comes next"],
    ["Comments"],
    ["Background"],
    ["Facebook"],
    ["Facebook and Google"],
    ["Print media"],
    ["Follow the news"],
    ["Related questions"],
    ["Google News"],
    ["Harbour master: no date yet"],
    ['"Ask me about tomatoes," said one.'],
    ["“We wait,” he said."],
    ["She declined to comment."],
    ["Share prices fell by a tenth."],
    ["Tags are sewn into each coat."],
    ["The copyright of the song is disputed."],
    ["They signed up for a course in knitting, and their names were read out."],
    ["Read the letter again, she told the court."],
    ["- Two ferries", "- Four barges", "- One tug"],
    ["1. Keep the engine warm", "2. Call the harbour"],
    ["Milk: 12,000 litres", "Butter: 40 tons"],
]


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("lines", RUNNING)
def test_short_lines_of_running_text_are_not_boilerplate(lines, gap):
    text = gap.join(["Ferry stops for the first time in many years", FIRST, *lines, SECOND, *lines[-1:], FIRST])
    assert chrome(text) == []


@pytest.mark.parametrize(
    "last",
    [
        '"Ask me about tomatoes," said one.',
        "The ice held.",
        "“And then?” she asked.",
        "Nobody knows…",
        "Long live the ice",
    ],
)
def test_the_last_paragraph_stays(last):
    text = "\n\n".join([FIRST, SECOND, last, "News Code 12380", "Your Comment", "• captcha"])
    assert chrome(text) == ["News Code 12380", "Your Comment", "• captcha"]


@pytest.mark.parametrize("between", ["Related stories", "Share   Tweet   Print", "Advertisement", "Read more"])
def test_a_subhead_and_a_list_after_boilerplate_stay(between):
    text = "\n\n".join([FIRST, between, "What comes next", SECOND, "Two ferries", "Four barges", "One tug"])
    assert chrome(text) == [between]


def test_a_comment_heading_before_more_text_is_a_subhead():
    assert chrome("\n\n".join([FIRST, "Comments", SECOND, FIRST, "Your opinion", "The ice will melt one day."])) == []


@pytest.mark.parametrize(
    "title",
    [
        "Share the road, harbour master says",
        "Cookie consent rules under fire",
        "Iran / Iraq",
        "More about Bergen's old ferry",
        "Copyright: a battle of two towns",
        "Top of the ice",
        "Comments by mayor anger ferrymen",
        "Sign up or stay ashore, crews told",
        "Read my lips: no more ice",
        "Date with destiny for the old ferry",
    ],
)
def test_headlines_that_begin_like_boilerplate_are_not(title):
    assert chrome("\n\n".join([title, FIRST, SECOND])) == []


def test_a_text_without_a_paragraph_only_has_boilerplate_found_anywhere():
    assert chrome("Ferry stops\nIce on the quay\nWorld") == []
    assert chrome("") == []
