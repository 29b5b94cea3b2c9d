"""Lines that recur in articles of one source are boilerplate, also across imports."""

import random

import pytest

from corpusapp.articles.actions import completing
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Article
from corpusapp.intake.draft import draft_from_record
from tests import factories

pytestmark = pytest.mark.django_db
WORDS = (
    "talks", "border", "trade", "visit", "aid", "road", "bridge", "river", "market", "school", "water", "power",
    "letter", "summit", "plan",
)  # fmt: skip
LINE = "Window nine of the tram office is open until six"


def article(number, source="Paper", line=LINE):
    chance = random.Random(f"{source} {number}")
    body = "\n\n".join("The minister " + " ".join(chance.choices(WORDS, k=18)) + "." for _ in range(3))
    return {"text": f"{body}\n\n{line}\n", "source": source, "external_id": f"{source} {number}"}


def import_records(corpus, records):
    items = [draft_from_record(record) for record in records]
    import_articles(user=factories.make_superuser(), corpus=corpus, items=items, origin="command", suggest=False)


def marked(corpus, external_id):
    found = Article.objects.get(corpus=corpus, external_id=external_id)
    return [found.text[zone.start : zone.end] for zone in found.zones.filter(kind="chrome")]


def test_lines_recur_within_an_import_and_in_earlier_articles():
    corpus = factories.make_corpus()
    import_records(corpus, [article(number) for number in range(8)])
    assert marked(corpus, "Paper 0") == marked(corpus, "Paper 7") == [LINE]
    import_records(corpus, [article(8)])
    assert marked(corpus, "Paper 8") == [LINE]


def test_a_report_that_repeats_with_other_numbers_is_not_boilerplate():
    corpus = factories.make_corpus()
    daily = "The index of the exchange closed {0} points higher on a turnover of {0} million, its office said."
    reports = [{"text": daily.format(n) + "\n\n" + LINE, "source": "Paper", "external_id": str(n)} for n in range(9)]
    import_records(corpus, reports)
    assert all("index of the exchange" not in "".join(marked(corpus, str(n))) for n in range(9))


def test_lines_of_another_source_do_not_count():
    corpus = factories.make_corpus()
    import_records(corpus, [article(number) for number in range(8)])
    import_records(corpus, [article(9, source="Other paper"), article(10, source="")])
    assert marked(corpus, "Other paper 9") == marked(corpus, " 10") == []


def test_sources_dropped_for_memory_are_counted_again(monkeypatch):
    monkeypatch.setattr(completing, "_SOURCES", 1)
    monkeypatch.setattr(completing, "_REMEMBERED", 10)
    corpus = factories.make_corpus()
    import_records(corpus, [article(number) for number in range(8)])
    import_records(corpus, [article(20, source="Other paper")])
    import_records(corpus, [article(8), article(21, source="Third paper"), article(9)])
    assert marked(corpus, "Paper 9") == [LINE]
