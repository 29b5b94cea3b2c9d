"""The sample corpus is data that people meet first: it has to be well formed, varied and exact to the code point."""

import datetime
import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

PATH = Path(__file__).resolve().parents[2] / "corpusapp" / "sample" / "articles.jsonl"
RAW = PATH.read_bytes().decode("utf-8")
ARTICLES = [json.loads(line) for line in RAW.split("\n") if line]
KEYS = {"text", "title", "url", "source", "published_on", "external_id", "zones", "metadata"}
KINDS = {"title", "dateline", "byline", "caption", "chrome"}

SPELLINGS = {
    "Amir-Abdollahian": ["Amir-Abdollahian", "Amir Abdollahian", "Amirabdollahian"],
    "al-Assad": ["al-Assad", "Al-Assad", "Al-Asad", r"(?<!-)Assad"],
    "Mekdad": ["Mekdad", "Mikdad", "Miqdad"],
    "Deir ez-Zor": ["Deir ez-Zor", "Deir al-Zour", "Deir Ezzor"],
    "Idlib": ["Idlib", "Idleb"],
    "Pedersen": ["Pedersen", "Pederson"],
    "Erdoğan": ["Erdoğan", "Erdogan"],
}


def slices(article, kind):
    return [article["text"][start:end] for start, end, zone_kind in article["zones"] if zone_kind == kind]


def test_there_are_enough_articles_and_each_is_whole():
    assert len(ARTICLES) >= 12
    for article in ARTICLES:
        assert set(article) == KEYS
        assert isinstance(article["metadata"], dict)


def test_texts_addresses_and_identifiers_are_unique():
    for key in ("text", "url", "external_id"):
        assert len({article[key] for article in ARTICLES}) == len(ARTICLES), key


def test_no_carriage_returns_or_nul_characters():
    for article in ARTICLES:
        assert "\r" not in article["text"] and "\0" not in article["text"]


def test_word_counts():
    for article in ARTICLES:
        assert 150 <= len(article["text"].split()) <= 600, article["external_id"]


def test_addresses_are_reserved_for_examples():
    for article in ARTICLES:
        assert re.search(r"(^|\.)example\.(org|com)$", urlsplit(article["url"]).hostname), article["url"]


def test_five_sources():
    assert len({article["source"] for article in ARTICLES}) == 5


def test_dates_are_dates_or_missing():
    dates = [article["published_on"] for article in ARTICLES]
    assert dates.count(None) >= 3
    years = {datetime.date.fromisoformat(date).year for date in dates if date is not None}
    assert min(years) == 2011 and max(years) == 2024


def test_zones_are_integers_in_range_of_a_known_kind():
    for article in ARTICLES:
        for start, end, kind in article["zones"]:
            assert type(start) is int and type(end) is int
            assert 0 <= start < end <= len(article["text"]), article["external_id"]
            assert kind in KINDS


def test_zones_are_in_order_and_do_not_overlap():
    for article in ARTICLES:
        for (_, end, _), (start, _, _) in pairwise(article["zones"]):
            assert end <= start, article["external_id"]


def test_zones_start_and_end_on_visible_characters():
    for article in ARTICLES:
        for start, end, _ in article["zones"]:
            zone = article["text"][start:end]
            assert zone == zone.strip(), (article["external_id"], zone)


def test_the_title_zone_is_the_title():
    for article in ARTICLES:
        assert article["title"] in article["text"]
        assert slices(article, "title") == [article["title"]]


def test_datelines_are_many_and_unlike():
    datelines = [dateline for article in ARTICLES for dateline in slices(article, "dateline")]
    assert len(datelines) >= 10
    assert all(dateline.strip() for dateline in datelines)
    assert len(set(datelines)) == len(datelines)


def test_some_articles_have_site_furniture_and_some_have_none():
    with_chrome = [bool(slices(article, "chrome")) for article in ARTICLES]
    assert any(with_chrome) and not all(with_chrome)


def test_one_name_in_many_spellings():
    found = {
        name: {spelling for spelling in spellings if any(re.search(spelling, article["text"]) for article in ARTICLES)}
        for name, spellings in SPELLINGS.items()
    }
    assert found == {name: set(spellings) for name, spellings in SPELLINGS.items()}
    assert sum(len(spellings) >= 3 for spellings in found.values()) >= 3


def test_offsets_would_differ_in_utf16():
    """At least one zone stands behind a character outside the basic plane, so code points and UTF-16 disagree."""
    assert any(
        ord(character) > 0xFFFF
        for article in ARTICLES
        for start, _, _ in article["zones"]
        for character in article["text"][:start]
    )


def test_a_name_in_arabic_script():
    assert any(re.search(r"\([\u0600-\u06ff ]+\)", article["text"]) for article in ARTICLES)
