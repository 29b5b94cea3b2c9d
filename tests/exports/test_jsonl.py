"""The JSONL export: one article per line, from one snapshot."""

import json

import pytest
from django.db import connection

from annotations.exports.format_choices import known_format
from annotations.exports.queries import records as queries
from annotations.exports.queries.records import CHUNK, export_records
from annotations.exports.queries.streaming import stream
from annotations.exports.sources import CorpusSource
from annotations.formats import jsonl
from corpusapp.articles.actions.withdraw import withdraw_articles
from tests import factories
from tests.api.client import Rest, refusal
from tests.exports.cast import ANY

PATH = "corpora/desk/export/"


@pytest.fixture
def corpus(db):
    return factories.make_corpus()


@pytest.fixture
def reader(corpus) -> Rest:
    return Rest(factories.make_member(corpus, "reader", "reader"))


def _lines(response) -> list[dict]:
    assert response.status_code == 200, response.content
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


@pytest.fixture
def article(corpus):
    spans = [[0, 5, "PERSON"], {"start": 21, "end": 29, "label": "GPE", "state": "rejected"}]
    article = factories.make_article(corpus, title="T", external_id="e-1", spans=spans, zones=[[0, 30, "title"]])
    factories.suggest(article, (10, 17, "PERSON"))
    return article


def test_a_line_is_an_article_with_its_confirmed_spans(article, reader):
    response = reader.get(PATH, format="jsonl", stage="any")
    assert response["Content-Type"] == "application/x-ndjson"
    assert response["Content-Disposition"] == 'attachment; filename="desk.jsonl"'
    (line,) = _lines(response)
    assert {"id", "external_id", "title", "language", "text", "spans", "zones", "meta"} <= line.keys()
    assert (line["offsets"], response["X-Offsets"]) == ("code points", "code points")
    assert line["zones"] == [{"start": 0, "end": 30, "kind": "title"}]
    spans = reader.get(f"articles/{article.pk}/spans/", state="confirmed").json()["results"]
    # A file names an entity only where there is one.
    assert [{**span, "entity": None} for span in line["spans"]] == spans


def test_other_states_and_stages_where_asked_for(article, corpus, reader):
    (line,) = _lines(reader.get(PATH, stage="any", state="rejected,suggested"))
    assert [span["text"] for span in line["spans"]] == ["Muallem", "Damascus"]
    assert len(_lines(reader.get(PATH, stage="suggested"))) == 1
    assert _lines(reader.get(PATH, stage="done,new")) == []


def test_chrome_leaves_no_span_unless_asked_for(corpus, reader):
    text = "Zarif met Assad.\nRead more: Assad in Moscow"
    spans = [[0, 5, "PERSON"], [10, 15, "PERSON"], [15, 21, "EVENT"], [28, 33, "PERSON"]]
    factories.make_article(corpus, text, spans=spans, zones=[[17, 43, "chrome"], [0, 5, "title"]])
    (line,) = _lines(reader.get(PATH, stage="any"))
    assert line["text"] == text
    assert line["zones"] == [{"start": 0, "end": 5, "kind": "title"}, {"start": 17, "end": 43, "kind": "chrome"}]
    assert [span["start"] for span in line["spans"]] == [0, 10]
    (line,) = _lines(reader.get(PATH, chrome=1, stage="any"))
    assert [span["start"] for span in line["spans"]] == [0, 10, 15, 28]
    refusal(reader.get(PATH, chrome="yes"), 400, "chrome")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("format=csv", "format"),
        ("format=api", "format"),
        ("state=sure", "state"),
        ("stage=ready", "stage"),
        ("a=1", "a"),
    ],
)
def test_what_does_not_exist_is_refused(corpus, reader, query, field):
    document = refusal(reader.get(f"{PATH}?{query}"), 400, field)
    assert field != "format" or "jsonl" in document["detail"]


def test_an_empty_corpus_is_an_empty_export(corpus, reader):
    assert _lines(reader.get(PATH, stage="any")) == []


def test_withdrawn_articles_and_other_corpora_stay_out(article, corpus, reader):
    factories.make_article(factories.make_corpus("other"), "Elsewhere.")
    withdraw_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[article.pk])
    assert _lines(reader.get(PATH, stage="any")) == []


def test_lines_hold_what_other_programs_take_for_line_ends(corpus, reader):
    text = "Zarif\u2028met\u2029Assad\x85\x0b\x0c\x1c in\nDamascus 👨‍👩‍👧"
    factories.make_article(corpus, text, spans=[[0, 5, "PERSON"]])
    body = b"".join(reader.get(PATH, stage="any").streaming_content)
    assert body.count(b"\n") == 1 and "👨‍👩‍👧".encode() in body
    assert json.loads(body)["text"] == text


@pytest.mark.parametrize("entities_enabled", [True, False])
def test_chunks_join_without_loss(corpus, django_assert_num_queries, entities_enabled):
    from corpusapp.articles.actions.import_articles import import_articles
    from corpusapp.intake.draft import draft_from_record

    records = [{"text": f"Zarif {n}", "spans": [[0, 5, "PERSON"]]} for n in range(2 * CHUNK + 1)]
    drafts = [draft_from_record(record) for record in records]
    import_articles(user=factories.make_superuser(), corpus=corpus, items=drafts, origin="rest", suggest=False)
    corpus.entities_enabled = entities_enabled
    # Links are one statement for each chunk, where there may be any.
    with django_assert_num_queries(2 * 3 + 3 + 3 * entities_enabled):
        found = list(export_records(corpus, ANY))
    assert [record.text for record in found] == [record["text"] for record in records]
    assert all(record.spans[0].triple == (0, 5, "PERSON") for record in found)


def test_the_first_line_is_sent_at_once_and_later_ones_together(corpus, reader):
    factories.make_articles(corpus, *[{"text": f"Zarif {n}"} for n in range(400)])
    first, *others = reader.get(PATH, stage="any").streaming_content
    assert first.count(b"\n") == 1 and 0 < len(others) < 10
    assert [json.loads(line)["text"] for line in b"".join([first, *others]).splitlines()] == [
        f"Zarif {n}" for n in range(400)
    ]


def test_what_comes_before_an_error_is_sent(corpus, monkeypatch):
    factories.make_articles(corpus, *[{"text": f"Zarif {n}"} for n in range(3)])

    def encoded(line, record):
        if record.text == "Zarif 2":
            raise ValueError("no line")
        return f"{record.text}\n".encode()

    monkeypatch.setattr(jsonl, "_encoded", encoded)
    sent = []
    with pytest.raises(ValueError, match="no line"):
        sent.extend(stream(CorpusSource(corpus, ANY), known_format("jsonl")).chunks)
    assert b"".join(sent) == b"Zarif 0\nZarif 1\n"


def test_long_texts_come_in_smaller_chunks(corpus, monkeypatch):
    texts = ["Zarif " * 3 + str(n) for n in range(7)]
    for text in texts:
        factories.make_article(corpus, text)
    for length in (1, 40, 60):
        monkeypatch.setattr(queries, "CHUNK_LENGTH", length)
        assert [record.text for record in export_records(corpus, ANY)] == texts


@pytest.mark.django_db(transaction=True)
def test_an_export_shows_one_moment(transactional_db):
    from threading import Thread

    corpus = factories.make_corpus()
    factories.make_article(corpus, "First.")
    records = export_records(corpus, ANY)
    assert next(records).text == "First."

    def elsewhere() -> None:
        factories.make_article(corpus, "Second.")
        connection.close()

    thread = Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert list(records) == []
    assert [record.text for record in export_records(corpus, ANY)] == ["First.", "Second."]


@pytest.mark.django_db(transaction=True)
def test_a_client_that_goes_away_leaves_no_transaction_open(transactional_db):
    corpus = factories.make_corpus()
    factories.make_article(corpus, "First.")
    records = export_records(corpus, ANY)
    next(records)
    records.close()
    assert not connection.in_atomic_block
