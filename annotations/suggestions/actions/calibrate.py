"""Calibrate the scores of a corpus by what editors did with its suggestions."""

import json

from django.db import connection

from annotations.suggesters.calibration import Calibration, Outcome, fit_calibration
from annotations.suggestions.models import ArticleLearningRecord, ScoreCalibration
from corpusapp.articles.models import Corpus

# New decisions that a new fit needs: a number, and a share of those of the last fit.
_MIN_NEW, _MIN_NEW_SHARE = 50, 0.1
# Only the newest articles: older ones say little about the current suggester.
_MAX_ARTICLES = 2000


def calibrate_if_due(*, corpus: Corpus) -> bool:
    """Fit the calibration again if there are enough new decisions; returns whether it did.

    Stored suggestions get new scores only when they are updated.
    """
    former = ScoreCalibration.objects.filter(pk=corpus.pk).first()
    before = former.decisions if former else 0
    if _number_of_outcomes(corpus) - before < max(_MIN_NEW, _MIN_NEW_SHARE * before):
        return False
    outcomes = _outcomes(corpus)
    found = fit_calibration(outcomes)
    ScoreCalibration.objects.update_or_create(
        corpus=corpus,
        defaults={
            "slope": found.slope,
            "intercept": found.intercept,
            "labels": found.labels,
            "decisions": len(outcomes),
        },
    )
    return True


def calibration_of(corpus_id: int) -> Calibration:
    """The calibration of a corpus; before any decisions, the identity."""
    row = ScoreCalibration.objects.filter(pk=corpus_id).first()
    return Calibration(row.slope, row.intercept, row.labels) if row else Calibration()


def _number_of_outcomes(corpus: Corpus) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NUMBER_OF_OUTCOMES, [corpus.pk, _MAX_ARTICLES])
        (number,) = cursor.fetchone()
    return int(number)


def _outcomes(corpus: Corpus) -> list[Outcome]:
    rows = ArticleLearningRecord.objects.filter(corpus=corpus).exclude(outcomes="[]").order_by("-article_id")
    return [
        (score, label, confirmed)
        for data in rows.values_list("outcomes", flat=True)[:_MAX_ARTICLES]
        for score, label, confirmed in json.loads(data)
    ]


# Counted by what is between two outcomes, `],[`: to parse them takes far longer, and is done for a new fit alone.
_NUMBER_OF_OUTCOMES = """
    SELECT coalesce(sum((length(outcomes) - length(replace(outcomes, '],[', ''))) / 3 + 1), 0)
    FROM (
        SELECT outcomes FROM suggestions_articlelesson WHERE corpus_id = %s AND outcomes <> '[]'
        ORDER BY article_id DESC LIMIT %s
    ) newest
"""
