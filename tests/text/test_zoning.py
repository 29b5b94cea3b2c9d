"""Zones of plain text: each kind is found, and for any text zones are within it and do not overlap."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusapp.intake.scoring import Counts, compare, evaluate_chrome
from corpusapp.text.lines import RecurringLines, normalised_lines
from corpusapp.text.zones import KINDS
from corpusapp.text.zoning import find_zones, read_zones

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
SAMPLE = [json.loads(line) for line in (ROOT / "corpusapp/sample/articles.jsonl").read_text().split("\n") if line]
FIRST = (
    "The ferry between the two towns stopped on Monday, for the first time since the winter of the great ice, and "
    "nobody at the harbour could say when it would sail again."
)
SECOND = "Farmers who sell their milk on the other side had to pour it away, the owner of the largest dairy said."


def zones(text, kind=None):
    return [text[zone.start : zone.end] for zone in find_zones(text) if kind in (None, zone.kind)]


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_corpus(kind):
    """Its zones are exact; accuracy on other articles is lower."""
    total = Counts()
    for article in SAMPLE:
        found = [(zone.start, zone.end) for zone in find_zones(article["text"]) if zone.kind == kind]
        true = [(start, end) for start, end, named in article["zones"] if named == kind]
        total += compare(article["text"], found, true)
    assert total.f1 >= 0.95


def test_no_running_text_of_the_sample_is_lost():
    lines = [{"text": one["text"], "chrome": [z[:2] for z in one["zones"] if z[2] == "chrome"]} for one in SAMPLE]
    assert evaluate_chrome(lines)["running_text_lost"] == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared articles (../shared) are not here")
def test_articles_with_marked_boilerplate():
    lines = [json.loads(line) for line in (SHARED / "gold/seeds_dev.jsonl").read_text().split("\n") if line]
    scores = evaluate_chrome(lines)
    assert scores["f1"] >= 0.95
    assert scores["running_text_lost"] == 0


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared articles (../shared) are not here")
@pytest.mark.parametrize("name", ["html/expected.jsonl", "gold/news_dev.jsonl"])
def test_clean_articles_lose_nothing(name):
    lines = [json.loads(line) for line in (SHARED / name).read_text().split("\n") if line]
    assert evaluate_chrome({"text": line["text"]} for line in lines)["running_text_lost"] == 0


def test_an_article_with_every_kind():
    text = (
        "Home > Region > Harbour\n\nFerry stops for the first time in years\n\nBy Ada Holm\n\n"
        "The ferry in its better days. (Photo by Nils Berg)\n\n"
        f"BERGEN, Jan. 5 (NWN) -- {FIRST}\n\n{SECOND}\n\nTags: ferry, ice\nShare   Tweet   Print"
    )
    assert zones(text, "title") == ["Ferry stops for the first time in years"]
    assert zones(text, "byline") == ["By Ada Holm"]
    assert zones(text, "caption") == ["The ferry in its better days. (Photo by Nils Berg)"]
    assert zones(text, "dateline") == ["BERGEN, Jan. 5 (NWN) --"]
    assert zones(text, "chrome") == ["Home > Region > Harbour", "Tags: ferry, ice\nShare   Tweet   Print"]
    found = read_zones(text).dateline
    assert [text[part.start : part.end] for part in (found.place, found.date, found.agency)] == [
        "BERGEN",
        "Jan. 5",
        "NWN",
    ]


@pytest.mark.parametrize(
    "byline",
    [
        "By Ada Holm",
        "Ada Holm in Bergen",
        "Ada Holm and Nils Berg",
        "Ada Holm, Bergen",
        "Abdul-Karim al-Hadi",
        "North Wire desk, with agencies",
        "Ada Holm\nHarbour correspondent",
    ],
)
def test_bylines_under_the_title(byline):
    assert zones(f"Ferry stops for the first time in years\n\n{byline}\n\n{FIRST}\n\n{SECOND}", "byline") == [byline]


@pytest.mark.parametrize(
    "credit", ["REUTERS / Ann Hill", "REUTERS/Ann Hill/File Photo", "Ann Hill / Pool via REUTERS", "Ann Hill/AFP"]
)
def test_a_line_that_is_only_a_credit_is_a_caption(credit):
    assert zones(f"{credit}\n{FIRST}\n\n{SECOND}", "caption") == [credit]
    assert zones(f"{FIRST}\n\n{credit}\n{SECOND}", "caption") == [credit]


@pytest.mark.parametrize(
    "line", ["Oslo / Rome", "Ann Hill / Karl Brandt", "read this / REUTERS", "A / B / C / D / E / AFP / G"]
)
def test_other_lines_with_slashes_are_none(line):
    assert zones(f"{line}\n{FIRST}\n\n{SECOND}", "caption") == []


def test_the_line_of_a_slideshow_is_boilerplate():
    assert zones(f"Slideshow (5 images)\n{FIRST}\n\n{SECOND}", "chrome") == ["Slideshow (5 images)"]


@pytest.mark.parametrize(
    "credit",
    [
        "Reporting by Ada Holm; editing by Nils Berg",
        "(Reporting by Ada Holm in Bergen; Editing by Nils Berg)",
        "Editor: Ada Holm",
        "A. Holm / N. Berg",
        "AH/NB",
    ],
)
def test_credits_below_the_text(credit):
    assert zones(f"{FIRST}\n\n{SECOND}\n\n{credit}", "byline") == [credit]


def test_a_credit_at_the_end_of_the_last_paragraph():
    assert zones(f"{FIRST}\n{FIRST} ah / nb (NWN, BDP)", "byline") == ["ah / nb (NWN, BDP)"]


@pytest.mark.parametrize(
    "caption",
    [
        "Passengers wait at the quay on Monday. (AFP photo)",
        "The quay seen from above. (File photo)",
        "The quay seen from above (N. Berg/North Wire)",
        "Mayor Ada Holm (L) and harbour master Nils Berg (R) look at the ice",
        "This photo released by the harbour shows the ice on Monday",
        "Ice on the quay. Photo: Nils Berg",
        "Image source, North Wire",
    ],
)
def test_captions(caption):
    assert zones(f"{FIRST}\n\n{caption}\n\n{SECOND}", "caption") == [caption]


@pytest.mark.parametrize(
    "line",
    [
        'The mayor (L) said that she "saw nothing" of a photo.',
        "Ferries, trains and buses (and one balloon)",
        "He showed a photo of the ice to the court.",
    ],
)
def test_lines_that_are_not_captions(line):
    assert zones(f"{FIRST}\n\n{line}\n\n{SECOND}", "caption") == []


def test_a_text_with_only_paragraphs_has_no_title():
    assert zones(f"{FIRST}\n\n{SECOND}") == []


def test_the_title_is_the_first_of_two_headlines():
    text = f"Ferry stops for the first time\n\nThe ice came in the night\n\n{FIRST}"
    assert zones(text, "title") == ["Ferry stops for the first time"]


def test_recurring_lines_of_the_source_are_boilerplate():
    text = f"{FIRST}\n\n{SECOND}\n\nNorth Wire, the voice of the north"
    assert zones(text, "chrome") == []
    counts = dict.fromkeys(normalised_lines("North Wire, the voice of the north"), 30)
    found = [zone for zone in find_zones(text, RecurringLines(counts, 40)) if zone.kind == "chrome"]
    assert [text[zone.start : zone.end] for zone in found] == ["North Wire, the voice of the north"]


LINES = st.sampled_from(
    [
        FIRST,
        SECOND,
        "",
        "Share   Tweet   Print",
        "Your Comment",
        "• captcha",
        "Read more: Ice on the quay",
        "Related stories",
        "Ice on the quay",
        "By Ada Holm",
        "(AFP photo)",
        "HOMS, Aug. 8 (BDP) -- Rain fell.",
        "News / Politics",
        "روسيا تعطل القرار",
        "کد خبر ۱۲۳۴۵",
        "新华社北京3月12日电 渡轮停了。",
        "渡轮停了。" * 20,
        "👩🏽‍💻 🔔 ✉️",
        "e\u0301\u0000\u200f",
    ]
)


def check(text):
    found = find_zones(text)
    assert found == sorted(found)
    for zone in found:
        assert 0 <= zone.start < zone.end <= len(text)
        assert zone.kind in KINDS
        assert not text[zone.start].isspace() and not text[zone.end - 1].isspace()
    for first, second in pairwise(found):
        assert first.end <= second.start


@given(st.lists(st.one_of(LINES, st.text(max_size=60)), max_size=25).map("\n".join))
@settings(deadline=None)
def test_zones_of_any_lines_are_in_order_in_range_and_apart(text):
    check(text)


@given(st.text(max_size=400))
@settings(deadline=None)
def test_zones_of_any_text_are_in_order_in_range_and_apart(text):
    check(text)


@pytest.mark.parametrize(
    "line",
    [
        " ", "a", "A ", "(", "Tehran, ", "Read more: ", "al-", "#a ", "a / ", "sign up ", "photo: ", "1:",
        "news code 1",        "\u0640", "a\u0301", ". ", "By Ab ", "a/", "news ", "12:00 ",
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", [100, 390, 200_000])
def test_long_and_odd_lines_are_matched_in_bounded_time(line, length):
    """A pattern with unbounded backtracking would not end on these."""
    once = (line * (length // len(line) + 1))[:length]
    check("\n".join([once] * max(1, 20_000 // length)))
