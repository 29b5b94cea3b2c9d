"""Decisions in one article update the suggestions in the others."""

from importlib import import_module

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish, reopen
from annotations.review.actions.undo import undo
from annotations.review.models import Span
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.words import first_word
from annotations.suggestions.actions import learn
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_pending
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import ArticleLearningRecord, NameCount, PendingUpdate
from annotations.suggestions.queries import name_statistics
from annotations.suggestions.queries.runs import propagation
from tests import factories

pytestmark = pytest.mark.django_db


class Lookup:
    """A suggester that knows a few names, and labels every Larkin as a place."""

    name, version, digest = "lookup", "1", "lookup"
    NAMES = {"Larkin": "GPE", "Damascus": "GPE", "Odessa Larkin": "PERSON", "Harbour Board": "ORG"}

    def propose(self, texts):
        for source in texts:
            yield [
                Proposal(start, start + len(name), label)
                for name, label in self.NAMES.items()
                if (start := source.text.find(name)) >= 0
            ]


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


def suggested(corpus, editor, *texts):
    """Articles with these texts and suggestions on them."""
    articles = [factories.make_article(corpus, text) for text in texts]
    run = start_run(user=editor, corpus=corpus, article_ids=[article.pk for article in articles])
    process_pending(run=run, reader=NewsReader(Lookup()))
    learn_from_decisions(corpus=corpus)
    return articles


def spans(article, state="suggested"):
    rows = Span.objects.filter(article=article, state=state).select_related("label")
    return {(article.text[span.start : span.end], span.label.name) for span in rows}


def span(article, text):
    start = article.text.index(text)
    return Span.objects.get(article=article, start=start, end=start + len(text), state="suggested")


def decide_on(editor, article, verb, text, **more):
    row = span(article, text)
    choice = Choice(verb, span=row.pk, revision=row.revision, **more)
    return decide(user=editor, article=article, choices=[choice]).decision


FIRST = "A tram went from the quay to Larkin without a stop."
SECOND = "The tram that stops at Larkin was late again."


def test_a_relabel_changes_the_label_in_other_articles(corpus, editor):
    first, second = suggested(corpus, editor, FIRST, SECOND)
    assert spans(second) == {("Larkin", "GPE")}
    decide_on(editor, first, "relabel", "Larkin", label="ORG")
    assert propagation(corpus.pk).decided == 1
    learn_from_decisions(corpus=corpus)
    assert spans(second) == {("Larkin", "ORG")}
    assert propagation(corpus.pk).idle


@pytest.mark.parametrize(
    "text",
    [
        "A report (tram/Larkin) on trams.",
        "They all went.Larkin was empty.",
        "他去了Larkin市",
        "tram " * 300 + "Larkin",
    ],
)
def test_a_decision_applies_to_names_next_to_any_characters(corpus, editor, text):
    first, second = suggested(corpus, editor, FIRST, text)
    decide_on(editor, first, "relabel", "Larkin", label="ORG")
    learn_from_decisions(corpus=corpus)
    assert spans(second) == {("Larkin", "ORG")}


def test_a_decision_applies_in_scripts_without_spaces(corpus, editor):
    first, second = suggested(corpus, editor, "他去了北京市。", "昨天在北京举行会议。")
    start = first.text.index("北京")
    decide(user=editor, article=first, choices=[Choice("add", start=start, end=start + 2, label="GPE")])
    learn_from_decisions(corpus=corpus)
    assert spans(second) == {("北京", "GPE")}


def test_learning_is_queued_again_after_its_turn(corpus, editor, monkeypatch):
    first, second = suggested(corpus, editor, FIRST, SECOND)
    decide_on(editor, first, "relabel", "Larkin", label="ORG")
    monkeypatch.setattr(learn, "TURN_SECONDS", -1.0)
    jobs = ProcrastinateJob.objects.filter(task_name="heed_decisions")
    jobs._raw_delete("default")
    learn_from_decisions(corpus=corpus)
    # It has learned, and is queued again to update the suggestions.
    assert spans(second) == {("Larkin", "GPE")}
    assert {(job.queue_name, job.args["corpus_id"]) for job in jobs.all()} == {("decisions", corpus.pk)}
    learn_from_decisions(corpus=corpus)
    assert spans(second) == {("Larkin", "ORG")}
    assert not PendingUpdate.objects.exists()


def test_decisions_that_are_marked_meanwhile_are_left_to_their_own_job(corpus, editor, monkeypatch):
    first, second = suggested(corpus, editor, FIRST, SECOND)
    decide_on(editor, first, "confirm", "Larkin")
    ProcrastinateJob.objects.all()._raw_delete("default")
    former = learn.calibrate_if_due

    def decide_meanwhile(*, corpus):
        if not ProcrastinateJob.objects.exists():
            decide_on(editor, second, "confirm", "Larkin")
        former(corpus=corpus)

    monkeypatch.setattr(learn, "calibrate_if_due", decide_meanwhile)
    learn_from_decisions(corpus=corpus)
    assert not PendingUpdate.objects.filter(article=first.pk, kind="decided").exists()
    assert PendingUpdate.objects.filter(article=second.pk, kind="decided").exists()
    jobs = ProcrastinateJob.objects.filter(status="todo").exclude(task_name="link_articles")
    assert [job.task_name for job in jobs] == ["heed_decisions"]
    learn_from_decisions(corpus=corpus)
    assert not PendingUpdate.objects.exists()


def test_one_pass_learns_the_same_as_many(monkeypatch):
    """The records, outcomes and counts of one pass over all marks, and of one for each two of them."""
    monkeypatch.setattr(name_statistics, "_GROUP", 2)
    texts = [FIRST, SECOND, "Nobody in Larkin saw it.", "Larkin lay in the sun.", "The Harbour Board met in Larkin."]
    learned = []
    for slug, size in (("many", 2), ("one", 1000)):
        corpus = factories.make_corpus(slug)
        editor = factories.make_member(corpus)
        articles = suggested(corpus, editor, *texts)
        for number, article in enumerate(articles):
            decide_on(editor, article, "relabel" if number % 2 else "confirm", "Larkin", **LABELS[number % 2])
        monkeypatch.setattr(learn, "LEARN_BATCH", size)
        learn_from_decisions(corpus=corpus)
        records = (
            ArticleLearningRecord.objects.filter(corpus=corpus).order_by("article").values_list("data", "outcomes")
        )
        counts = NameCount.objects.filter(corpus=corpus).values_list("kind", "surface", "context", "label", "articles")
        learned.append((list(records), sorted(counts), [spans(article) for article in articles]))
    assert learned[0] == learned[1]


LABELS = ({}, {"label": "ORG"})


def test_decisions_of_one_pass_reach_each_others_articles(corpus, editor):
    both = "The tram from the quay to Larkin is late. Odessa Larkin waits."
    first, second = suggested(corpus, editor, both, both + " Again.")
    decide_on(editor, first, "relabel", "Larkin", label="ORG")
    decide_on(editor, second, "relabel", "Odessa Larkin", label="ORG")
    learn_from_decisions(corpus=corpus)
    assert ("Odessa Larkin", "ORG") in spans(first) and ("Larkin", "ORG") in spans(second)


def test_a_reject_removes_suggestions_elsewhere_and_its_undo_restores_them(corpus, editor):
    first, second = suggested(corpus, editor, FIRST, SECOND)
    decision = decide_on(editor, first, "reject", "Larkin")
    learn_from_decisions(corpus=corpus)
    assert spans(second) == set()
    undo(user=editor, decision=decision)
    learn_from_decisions(corpus=corpus)
    assert spans(second) == {("Larkin", "GPE")}
    assert not NameCount.objects.exclude(kind=NameCount.Kind.SEEN).exists()


def test_an_added_name_is_suggested_elsewhere_but_not_in_boilerplate(corpus, editor):
    first, second = suggested(corpus, editor, "It was the minister Zubrowka who left.", "They met Zubrowka at noon.")
    third = factories.make_article(corpus, "They met Zubrowka again.", zones=[[0, 24, "chrome"]])
    run = start_run(user=editor, corpus=corpus, article_ids=[third.pk])
    process_pending(run=run, reader=NewsReader(Lookup()))
    Span.objects.filter(state="suggested").delete()
    start = first.text.index("Zubrowka")
    decide(user=editor, article=first, choices=[Choice("add", start=start, end=start + 8, label="PERSON")])
    learn_from_decisions(corpus=corpus)
    assert spans(second) == {("Zubrowka", "PERSON")}
    assert spans(third) == set()


def test_learning_changes_no_decided_span_and_no_done_article(corpus, editor):
    first, second, third = suggested(corpus, editor, FIRST, SECOND, "Nobody in Larkin saw it.")
    decide_on(editor, second, "confirm", "Larkin")
    finish(user=editor, article=third)
    decide_on(editor, first, "relabel", "Larkin", label="ORG")
    learn_from_decisions(corpus=corpus)
    assert spans(second, "confirmed") == {("Larkin", "GPE")}
    assert spans(second) == set()
    assert spans(third) == {("Larkin", "GPE")}


def test_a_rejected_triple_is_not_suggested_again_when_other_articles_confirm_it(corpus, editor):
    first, second, third = suggested(corpus, editor, FIRST, SECOND, "Nobody in Larkin saw it.")
    decide_on(editor, second, "reject", "Larkin")
    for article in (first, third):
        decide_on(editor, article, "confirm", "Larkin")
    learn_from_decisions(corpus=corpus)
    assert spans(second) == set()


def test_names_without_a_span_in_a_done_article_count_as_rejected(corpus, editor):
    first, _ = suggested(corpus, editor, FIRST, SECOND)
    decide_on(editor, first, "reject", "Larkin")
    Span.objects.filter(article=first).exclude(state="rejected").delete()
    finish(user=editor, article=first)
    learn_from_decisions(corpus=corpus)
    assert ArticleLearningRecord.objects.get(pk=first.pk).data.startswith('[{"Larkin":{"":1.0}}')
    reopen(user=editor, article=first)
    assert PendingUpdate.objects.filter(kind="decided").count() == 1


def test_corpora_learn_separately(corpus, editor):
    other = factories.make_corpus("other")
    colleague = factories.make_member(other)
    (first,) = suggested(corpus, editor, FIRST)
    (second,) = suggested(other, colleague, SECOND)
    decide_on(editor, first, "relabel", "Larkin", label="ORG")
    learn_from_decisions(corpus=corpus)
    learn_from_decisions(corpus=other)
    assert spans(second) == {("Larkin", "GPE")}


def test_a_decision_that_is_rolled_back_marks_nothing(corpus, editor):
    (first,) = suggested(corpus, editor, FIRST)
    with pytest.raises(RuntimeError), transaction.atomic():
        decide_on(editor, first, "confirm", "Larkin")
        raise RuntimeError
    assert propagation(corpus.pk).idle


def test_a_kill_between_the_steps_loses_no_update(corpus, editor, monkeypatch):
    first, second = suggested(corpus, editor, FIRST, SECOND)
    decide_on(editor, first, "relabel", "Larkin", label="ORG")
    monkeypatch.setattr("annotations.suggestions.actions.learn.write_proposals", _killed)
    with pytest.raises(KeyboardInterrupt), transaction.atomic():
        learn_from_decisions(corpus=corpus)
    monkeypatch.undo()
    assert not propagation(corpus.pk).idle
    learn_from_decisions(corpus=corpus)
    assert spans(second) == {("Larkin", "ORG")}


def _killed(**arguments):
    raise KeyboardInterrupt


def test_learning_again_changes_nothing(corpus, editor):
    first, second = suggested(corpus, editor, FIRST, SECOND)
    decide_on(editor, first, "confirm", "Larkin")
    learn_from_decisions(corpus=corpus)
    before = (
        list(NameCount.objects.order_by("pk").values_list("surface", "label", "articles")),
        set(Span.objects.values_list("pk", "revision")),
    )
    for _ in range(2):
        run = start_run(user=editor, corpus=corpus, article_ids=[first.pk, second.pk])
        process_pending(run=run, reader=NewsReader(Lookup()))
        learn_from_decisions(corpus=corpus)
    after = (
        list(NameCount.objects.order_by("pk").values_list("surface", "label", "articles")),
        set(Span.objects.values_list("pk", "revision")),
    )
    assert after == before


def test_the_migration_shortens_stored_first_words():
    corpus = factories.make_corpus()
    before = {"A股": "A股", "中国": "中", "Rome": "Rome"}
    NameCount.objects.bulk_create(
        NameCount(corpus=corpus, kind=NameCount.Kind.SEEN, surface=surface, first_word=word, label="ORG", articles=1)
        for surface, word in before.items()
    )
    migration = import_module("annotations.suggestions.migrations.0002_squashed_first_words")
    with connection.cursor() as cursor:
        last, count = migration._shorten_some(cursor, 0)
        assert count == 3 and migration._shorten_some(cursor, last) == (last, 0)
    found = dict(NameCount.objects.values_list("surface", "first_word"))
    assert found == {"A股": "A", "中国": "中", "Rome": "Rome"}
    assert all(found[surface] == first_word(surface) for surface in found)


CREDIT = "{} boats of Damascus came.\nReporting by Karl Brandt"


def test_credits_that_editors_reject_in_a_source_are_no_longer_suggested_there(corpus, editor):
    articles = [
        factories.make_article(corpus, CREDIT.format(f"{number} {name}"), source=name)
        for name in ("Wire", "Paper")
        for number in (12, 23, 34, 45)
    ]
    run = start_run(user=editor, corpus=corpus, article_ids=[article.pk for article in articles])
    process_pending(run=run, reader=NewsReader(Lookup()))
    learn_from_decisions(corpus=corpus)
    credit = ("Karl Brandt", "PERSON")
    assert all(credit in spans(article) for article in articles)
    for article in articles[:2]:
        rejected = span(article, "Karl Brandt")
        choice = Choice("reject", span=rejected.pk, revision=rejected.revision)
        decision = decide(user=editor, article=article, choices=[choice]).decision
        learn_from_decisions(corpus=corpus)
    assert [credit in spans(article) for article in articles[2:]] == [False, False, True, True, True, True]
    assert [(habit.source, habit.kind) for habit in name_statistics.learned_habits(corpus.pk)] == [("Wire", "by")]
    undo(user=editor, decision=decision)
    learn_from_decisions(corpus=corpus)
    assert all(credit in spans(article) for article in articles[2:])


def test_the_name_of_a_source_is_an_organisation(corpus, editor):
    articles = [
        factories.make_article(corpus, f"{n} boats came, Quay Lamp said.", source=s) for n, s in ((1, "B"), (2, ""))
    ]
    run = start_run(user=editor, corpus=corpus, article_ids=[article.pk for article in articles])
    process_pending(run=run, reader=NewsReader(Lookup()))
    before = name_statistics.statistics_for(corpus.pk, [articles[1].text]).seen["Quay Lamp"]
    factories.make_article(corpus, "Other boats came.", source="Quay Lamp")
    after = name_statistics.statistics_for(corpus.pk, [articles[1].text]).seen["Quay Lamp"]
    assert after["ORG"] == before["ORG"] + 3
