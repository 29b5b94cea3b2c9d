"""Articles and decisions sent by a program: in chunks, once each, with a report of what was left out."""

import pytest

from corpusapp.client import Ambiguous, Invalid, LeftOut, NotFound
from corpusapp.client import adding as sending
from tests.client.articles import adding, articles
from tests.client.desk import BreakingLine


def test_few_articles_are_one_request(corpus):
    report = corpus.add([*articles(3), {"text": ""}, *articles(1)], suggest=False)
    assert (report.added, report.duplicates, report.failed, report.is_complete) == (3, 1, 1, False)
    assert [(one["item"], one["field"]) for one in report.problems] == [(3, "text")]
    assert [one["item"] for one in report.repeats] == [4]
    nothing = corpus.add([{"text": ""}])
    assert (nothing.added, nothing.failed, nothing.problems[0]["item"]) == (0, 1, 0)
    assert corpus.add([]).is_complete
    with pytest.raises(Invalid, match="label"):
        corpus.decide([adding(0, "NOBODY")])


def test_many_articles_are_sent_in_chunks_that_a_worker_imports(corpus, monkeypatch):
    monkeypatch.setattr(sending, "_SMALL_ARTICLES", 10)
    monkeypatch.setattr(sending, "_CHUNK_ARTICLES", 40)
    given = [*articles(90), {"text": " "}, *articles(2), *articles(30, begin=90)]
    report = corpus.add(iter(given), suggest=False, source="SANA")
    assert (report.added, report.duplicates, report.failed) == (120, 2, 1)
    assert [one["item"] for one in report.problems] == [90] and [one["item"] for one in report.repeats] == [91, 92]
    assert {row["source"] for row in corpus.articles(fields="source")} == {"SANA"}


def test_known_articles_get_the_metadata_that_is_given(corpus):
    corpus.add(articles(3), suggest=False)
    renewed = [{**article, "title": "Another"} for article in articles(2, spans=False)]
    report = corpus.add([*renewed, *articles(1, begin=9)], upsert=True, suggest=False)
    assert (report.updated, report.added) == (2, 1)
    assert corpus.article(external_id="a-1")["title"] == "Another"
    assert corpus.article(external_id="a-2")["title"] == "Visit 2"


def test_decisions_are_applied_in_chunks_and_say_what_was_left_out(corpus, monkeypatch):
    monkeypatch.setattr("corpusapp.client.deciding.CHUNK", 20)
    corpus.add(articles(50), suggest=False)
    outcome = corpus.decide(adding(number) for number in range(45))
    assert (outcome.applied, len(outcome.decisions), outcome.is_complete) == (45, 3, True)
    outcome = corpus.decide(adding(number) for number in range(30, 50))
    assert outcome.applied == 5 and [one["item"] for one in outcome.left_out] == list(range(15))
    # A chunk of which nothing is left is no error either.
    outcome = corpus.decide(adding(number) for number in range(50))
    assert outcome.applied == 0 and [one["item"] for one in outcome.left_out] == list(range(50))
    with pytest.raises(LeftOut, match="50 items") as refused:
        outcome.require_complete()
    assert len(refused.value.left_out) == 50


def test_all_or_none(corpus):
    corpus.add(articles(3), suggest=False)
    corpus.decide([adding(0)])
    with pytest.raises(LeftOut) as refused:
        corpus.decide([adding(0), adding(1)], all_or_none=True)
    assert [one["item"] for one in refused.value.left_out] == [0]
    assert len(corpus.article(external_id="a-1")["spans"]) == 1
    assert corpus.decide([adding(1), adding(2)], all_or_none=True).require_complete().applied == 2
    with pytest.raises(ValueError, match="1,000 items at most"):
        corpus.decide([adding(1)] * 1001, all_or_none=True)


def test_finish_and_reopen(corpus):
    corpus.add(articles(3), suggest=False)
    ids = [row["id"] for row in corpus.articles()]
    assert corpus.finish(ids).applied == 3
    again = corpus.finish(external_ids=["a-0", "a-1"])
    assert again.applied == 0 and len(again.left_out) == 2
    assert corpus.reopen(external_ids=["a-0"]).applied == 1
    assert corpus.article(external_id="a-0")["stage"] == "in_review"
    with pytest.raises(ValueError, match="name the articles"):
        corpus.finish()


def test_names_of_two_articles(corpus):
    corpus.add([{**article, "url": f"https://example.org/{n}"} for n, article in enumerate(articles(2))], suggest=False)
    mixed = {"external_id": "a-0", "url": "https://example.org/1", "text": "Another text.", "title": "Mixed"}
    with pytest.raises(Ambiguous):
        corpus._http.post("articles/", mixed, {"corpus": corpus.slug, "upsert": True})
    with pytest.raises(NotFound):
        corpus.article(1)


def test_a_write_whose_answer_is_lost_takes_effect_once(desk, corpus):
    line = BreakingLine(desk.port, 0, 0, 0)
    through = desk.client(line.url).corpus(corpus.slug)
    assert through.add(articles(5), suggest=False).added == 5
    assert line.is_whole
    line._breaks += [0, 0]
    assert through.decide([adding(0), adding(1)]).applied == 2
    corpus.finish(external_ids=["a-0"])
    line._breaks += [0]
    assert through.make_release("May").number == 1
    assert line.is_whole and len(list(corpus.releases())) == 1
    assert len(list(corpus.articles())) == 5 and len(list(corpus.spans())) == 7
    line.close()
