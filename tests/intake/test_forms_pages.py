"""The HTML extractor gets raw bytes; only unreadable pages fail."""

from corpusapp.intake.limits import Limits
from corpusapp.intake.readers.pages import Article
from tests.intake.forms import LONG, PAGE, drafts, failures, only_failure, read, zipped


def test_the_extractor_gets_raw_bytes_and_its_fields_are_kept():
    seen = []

    def extract(data, url):
        seen.append((data, url))
        return Article("Text", "Title", "A. Writer", "2018-09-03", "River Wire", "en", "", "cp1252")

    data = PAGE.encode("cp1252")
    (draft,) = read(data, "a.html", extract_html=extract)
    assert seen == [(data, "")]
    assert (draft.text, draft.title, draft.source, draft.language) == ("Text", "Title", "River Wire", "en")
    assert str(draft.published_on) == "2018-09-03"
    assert draft.metadata == {"author": "A. Writer", "published": "2018-09-03"}
    assert (draft.encoding, draft.form, draft.raw) == ("cp1252", "html", data)


def test_the_plain_extractor():
    (draft,) = read(PAGE.encode(), "a.html")
    assert "embankment" in draft.text
    assert "All rights reserved" not in draft.text
    assert draft.title == "Floods feared"


def test_a_title_that_is_too_long_is_cut_and_kept():
    (draft,) = read(PAGE.encode(), "a.html", extract_html=lambda data, url: Article("Text", "t" * 600))
    assert len(draft.title) == 500
    assert draft.metadata["title"] == "t" * 600
    assert "600 characters" in draft.notes[0]


def test_a_page_without_text_and_a_parser_that_breaks():
    assert only_failure(b"<html><body></body></html>", "a.html").field == "text"

    def broken(data, url):
        raise RecursionError

    assert "cannot be read" in only_failure(PAGE.encode(), "a.html", extract_html=broken).reason


def test_a_page_nested_ten_thousand_deep_is_read_or_refused_and_the_rest_goes_on():
    deep = f"<html><body>{'<div>' * 10_000}<p>{LONG}</p>{'</div>' * 10_000}</body></html>"
    items = read(zipped({"a.html": deep, "b.html": PAGE}), "a.zip")
    assert drafts(items)[-1].item == "a.zip/b.html"
    assert len(items) == 2


def test_a_page_over_the_limit():
    assert "more than 300 bytes" in only_failure(PAGE.encode(), "a.html", limits=Limits(page_bytes=300)).reason


def test_a_wrong_encoding_of_a_page():
    text = "La côte évacuée après la tempête, déclare le ministère, sera fermée dès demain. " * 5
    page = f'<html><head><meta charset="utf-8"></head><body><article><p>{text}</p></article></body></html>'
    items = read(page.encode("cp1252"), "a.html")
    assert not failures(items)
    assert "côte évacuée" in items[0].text


def test_an_article_of_two_hundred_megabytes():
    class Large:
        left = 200_000_000

        def read(self, size=-1):
            size = min(self.left, size)
            self.left -= size
            return b"a" * size

    from corpusapp.intake.files import read_file

    (failure,) = read_file(Large(), "a.txt")
    assert "more than 80000000 bytes" in failure.reason
