"""The publication date: as precise as stated, with evidence, nothing guessed."""

from datetime import date, datetime

import pytest

from corpusapp.text.dateline import find_dateline
from corpusapp.text.dates import date_at
from corpusapp.text.publication import PublicationDate, publication_date


def of(metadata=None, url="", text=""):
    return publication_date(metadata, url, find_dateline(text), text)


@pytest.mark.parametrize(
    ("value", "day", "precision"),
    [
        ("2018-09-03", date(2018, 9, 3), "day"),
        ("2018-09-03T23:10:00+04:30", date(2018, 9, 3), "day"),
        (datetime(2018, 9, 3, 10), date(2018, 9, 3), "day"),
        (date(2018, 9, 3), date(2018, 9, 3), "day"),
        ("20180903", date(2018, 9, 3), "day"),
        ("Mon, 03 Sep 2018 10:00:00 GMT", date(2018, 9, 3), "day"),
        ("September 3, 2018", date(2018, 9, 3), "day"),
        ("3 septembre 2018", date(2018, 9, 3), "day"),
        ("2018-09", date(2018, 9, 1), "month"),
        ("September 2018", date(2018, 9, 1), "month"),
        ("2018", date(2018, 1, 1), "year"),
        ("23/09/2018", date(2018, 9, 23), "day"),
        ("03/09/2018", date(2018, 1, 1), "year"),
    ],
)
def test_metadata(value, day, precision):
    found = of({"datePublished": value})
    assert (found.value, found.precision, found.evidence) == (day, precision, "metadata")


@pytest.mark.parametrize("value", ["", "soon", "2018-13-40", "0000-00-00", None, 7, [], "31 February 2018"])
def test_metadata_that_is_not_a_date(value):
    assert of({"date": value}) == PublicationDate()


@pytest.mark.parametrize(
    ("url", "day", "precision", "quote"),
    [
        ("https://north.example/2018/09/03/ferry", date(2018, 9, 3), "day", "2018/09/03"),
        ("https://north.example/a/2018-9-3/ferry", date(2018, 9, 3), "day", "2018-9-3"),
        ("https://north.example/2018/0903-ferry", date(2018, 9, 3), "day", "2018/0903"),
        ("https://north.example/20180903/ferry", date(2018, 9, 3), "day", "20180903"),
        ("https://north.example/news/2018/sep/03/ferry", date(2018, 9, 3), "day", "2018/sep/03"),
        ("https://north.example/news/ferry-2018-09-03.html", date(2018, 9, 3), "day", "2018-09-03"),
        ("https://north.example/2018/09/ferry", date(2018, 9, 1), "month", "2018/09"),
        ("https://north.example/2018/ferry", date(2018, 1, 1), "year", "2018"),
    ],
)
def test_url(url, day, precision, quote):
    assert of(url=url) == PublicationDate(day, precision, "url", quote)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://north.example/ferry-123456789",
        "https://north.example/news/20184455",
        "https://2018.example/ferry",
        "https://north.example/ferry?from=2018/09/03",
        "https://north.example/the-revolt-of-1979-02-11-remembered",
        "https://north.example/2018/13/45-x",
    ],
)
def test_urls_without_a_date(url):
    assert of(url=url).precision in (None, "year")
    if "/2018/" not in url:
        assert of(url=url) == PublicationDate()


def test_dateline_with_a_year():
    found = of(text="BERGEN, 3 September 2018 (NWN) – The ferry stopped.")
    assert found == PublicationDate(date(2018, 9, 3), "day", "dateline", "3 September 2018")


def test_a_day_without_a_year_is_kept_as_evidence():
    found = of(text="BERGEN, Sept. 3 (NWN) – The ferry stopped.")
    assert found == PublicationDate(None, None, "dateline", "Sept. 3")


def test_a_url_adds_the_year_if_the_months_agree():
    text = "BERGEN, Sept. 3 (NWN) – The ferry stopped."
    found = of(url="https://north.example/2018/09/ferry", text=text)
    assert (found.value, found.precision) == (date(2018, 9, 3), "day")
    assert found.quote == "Sept. 3, 2018/09"
    found = of(url="https://north.example/2018/10/ferry", text=text)
    assert (found.value, found.precision, found.evidence) == (date(2018, 10, 1), "month", "url")


@pytest.mark.parametrize(
    "line",
    [
        "Published: 3 September 2018",
        "Published On 3 Sep 2018",
        "News ID: 12   Service: Region   Date: 3 September 2018 - 18:05",
        "News Code 12 | 3 September 2018 | Region",
    ],
)
def test_labelled_lines_of_the_text(line):
    found = of(text=f"Ferry stops\n{line}\n\nThe ferry stopped.")
    assert (found.value, found.precision, found.evidence) == (date(2018, 9, 3), "day", "text")


@pytest.mark.parametrize(
    "text",
    [
        "The ferry last stopped on 3 September 2018.",
        "The quay on March 08, 2019. (Photo by N. Berg)",
        "Updated: 3 September 2018",
        "",
    ],
)
def test_other_dates_of_the_text_are_ignored(text):
    assert of(text=text) == PublicationDate()


def test_the_most_precise_date_wins_and_metadata_before_others():
    assert of({"date": "2018"}, "https://north.example/2018/09/03/x").evidence == "url"
    assert of({"date": "2018-09-04"}, "https://north.example/2018/09/03/x").value == date(2018, 9, 4)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Aug. 8", (None, 8, 8)),
        ("8th of August, 2016", (2016, 8, 8)),
        ("Monday, March 12, 2012", (2012, 3, 12)),
        ("21.06.2023", (2023, 6, 21)),
        ("06/07/2023", (2023, None, None)),
        ("12 мая 2020", (2020, 5, 12)),
    ],
)
def test_written_dates(text, parts):
    found = date_at(text)
    assert (found.year, found.month, found.day) == parts


@pytest.mark.parametrize("text", ["30 February", "March", "45.13.2020", "he 3 May", "Marching 3"])
def test_text_that_is_not_a_date(text):
    assert date_at(text) is None
