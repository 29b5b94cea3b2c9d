"""Broken, empty and malicious pages are read, or refused with a reason."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusapp.intake.draft import Unfit
from corpusapp.intake.html import extract
from corpusapp.intake.html.extract import MAX_CODE_POINTS, MAX_ELEMENTS

from .pages import LEAD, PARAGRAPHS, paragraphs

TAGS = ("div", "span", "b", "ul><li", "table><tr><td", "blockquote", "font", "section")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        (b"", "the page is empty"),
        ("  \n\t", "the page is empty"),
        (LEAD, "has no HTML tags"),
        ("<html><body></body></html>", "no main text"),
        ("<html><frameset><frame src='a'></frameset></html>", "no main text"),
        ("<!-- only a comment -->", "cannot be read as HTML|no main text"),
        ("<p>" + "word " * (MAX_CODE_POINTS // 5), "at most 10000000 are taken"),
        ("<p>a" * (MAX_ELEMENTS + 1), "more than 30000 elements"),
        ("<div>" * 400 + "<p>word</p>" * 5000, "too large for how deep"),
    ],
)
def test_refused_with_a_reason(page, reason):
    with pytest.raises(Unfit, match=reason):
        extract(page)


@pytest.mark.parametrize("tag", TAGS)
def test_ten_thousand_nested_tags_are_refused(tag):
    with pytest.raises(Unfit, match="nests its tags more than 500 deep"):
        extract(f"<html><body>{f'<{tag}>' * 10_000}{paragraphs()}</body></html>")


@pytest.mark.parametrize("tag", TAGS)
def test_deep_nesting_within_the_limit_loses_nothing(tag):
    deep = 400 // (tag.count("<") + 1)
    page = f"<html><body>{f'<{tag}>' * deep}{paragraphs()}</body></html>"
    assert all(text in extract(page).text for text in PARAGRAPHS)


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body><div><p>{'<p>'.join(PARAGRAPHS)}<b><i><table><td>",
        f"</div></p></body>{paragraphs()}<html>",
        f"<html><body><p class='a{paragraphs()}</p>'>{paragraphs()}",
        f'<?xml version="1.0" encoding="utf-8"?><html xmlns="http://www.w3.org/1999/xhtml"><body>{paragraphs()}</body></html>',
        f"<html><body>\0{paragraphs()}\x01\x0b\ufffe</body></html>",
        f"<html><body>\ud800{paragraphs()}</body></html>",
        f'<script type="application/ld+json">{{"articleBody": {"[" * 100_000}</script>{paragraphs()}',
        f'<script type="application/ld+json">{{"articleBody": "a", "datePublished": {{}}}}</script>{paragraphs()}',
    ],
)
def test_the_text_of_broken_markup_is_read(page):
    assert PARAGRAPHS[2] in extract(page).text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            (
                *PARAGRAPHS,
                "<p>",
                "</p>",
                "<div",
                ">",
                "<a href='x'>",
                "</a>",
                "<table>",
                "<td>",
                "<li>",
                "<!--",
                "&#0;",
                "\n\n",
                "<br>",
                "<script>",
                "<h1>",
                "x",
            )
        ),
        max_size=40,
    )
)
def test_any_markup_is_read_or_refused(parts):
    page = "".join(parts)
    try:
        found = extract(page)
    except Unfit as unfit:
        assert unfit.reason
    else:
        assert found.text.strip()
        assert all(0 <= block.position <= len(found.text) and block.reason for block in found.dropped)


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data):
    try:
        assert extract(b"<p>" + data).text.strip()
    except Unfit as unfit:
        assert unfit.reason
