"""Scores follow what editors do with suggestions."""

import json

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.confirm_shown import confirm_shown
from annotations.review.actions.decide import decide
from annotations.review.models import Span
from annotations.suggesters.calibration import Calibration
from annotations.suggesters.reader import NewsReader
from annotations.suggestions.actions.calibrate import _number_of_outcomes, calibrate_if_due, calibration_of
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_pending
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import ArticleLearningRecord, ScoreCalibration
from tests import factories
from tests.suggestions.test_learning import Lookup

pytestmark = pytest.mark.django_db
NAMES = [f"{first}{last}" for first in ("Mor", "Tal", "Ven", "Kas", "Bel") for last in ("den", "ora", "wick", "stad")]


class Towns(Lookup):
    """Labels each of twenty names as a place."""

    digest = "towns"
    NAMES = dict.fromkeys(NAMES, "GPE")


def suggested(corpus, editor, texts):
    articles = [factories.make_article(corpus, text) for text in texts]
    run = start_run(user=editor, corpus=corpus, article_ids=[article.pk for article in articles])
    process_pending(run=run, reader=NewsReader(Towns()))
    learn_from_decisions(corpus=corpus)
    return articles


def test_a_corpus_without_decisions_is_not_calibrated():
    assert calibration_of(factories.make_corpus().pk) == Calibration()


def test_rejections_lower_the_scores_and_their_outcomes_are_stored():
    corpus = factories.make_corpus()
    editor = factories.make_member(corpus)
    texts = [
        f"They met in {name} and then in {NAMES[number - 1]} again, {number} times."
        for number, name in enumerate(NAMES)
    ]
    *articles, _ = suggested(
        corpus, editor, [*texts * 1, *(f"{text} So it was." for text in texts), "Nobody was in Lorbrun."]
    )
    before = calibration_of(corpus.pk)
    for article in articles:
        shown = Span.objects.filter(article=article, state="suggested")
        choices = [Choice("reject", span=span.pk, revision=span.revision) for span in shown]
        if choices:
            decide(user=editor, article=article, choices=choices)
    learn_from_decisions(corpus=corpus)
    row = ScoreCalibration.objects.get()
    stored = ArticleLearningRecord.objects.filter(corpus=corpus).values_list("outcomes", flat=True)
    assert row.decisions == sum(len(json.loads(outcomes)) for outcomes in stored) >= 50
    # Nothing is new.
    assert not calibrate_if_due(corpus=corpus) and _number_of_outcomes(corpus) == row.decisions
    after = calibration_of(corpus.pk)
    assert after.score(0.9, "GPE") < before.score(0.9, "GPE")
    assert '"GPE",false' in ArticleLearningRecord.objects.filter(corpus=corpus).exclude(outcomes="[]").first().outcomes


def test_too_few_decisions_do_not_calibrate():
    corpus = factories.make_corpus()
    editor = factories.make_member(corpus)
    (article,) = suggested(corpus, editor, ["They met in Morden."])
    spans = {span.pk: span.revision for span in Span.objects.filter(article=article)}
    confirm_shown(user=editor, article=article, shown=spans)
    learn_from_decisions(corpus=corpus)
    assert not ScoreCalibration.objects.exists()
    assert ArticleLearningRecord.objects.get(pk=article.pk).outcomes.endswith('"GPE",true]]')
