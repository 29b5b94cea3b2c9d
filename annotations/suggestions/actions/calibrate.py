"""Fit the scores of a corpus to what editors did with its suggestions."""

import json

from annotations.suggesters.calibration import Calibration, Outcome, fitted_to
from annotations.suggestions.models import ArticleLearningRecord, ScoreCalibration
from corpusapp.articles.models import Corpus

# Fitted anew when so many decisions have come, and by so much of what there was.
_FEWEST_NEW, _SHARE_NEW = 50, 0.1
# The newest articles; older ones say little of the suggester of today.
_ARTICLES = 2000


def calibrate_if_due(*, corpus: Corpus) -> bool:
    """Fit anew where enough was decided since the last time; suggestions get their new scores as they are made."""
    former = ScoreCalibration.objects.filter(pk=corpus.pk).first()
    before = former.decisions if former else 0
    outcomes = _outcomes(corpus)
    if len(outcomes) - before < max(_FEWEST_NEW, _SHARE_NEW * before):
        return False
    found = fitted_to(outcomes)
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
    """The calibration of a corpus; before there are decisions, what the weights say."""
    row = ScoreCalibration.objects.filter(pk=corpus_id).first()
    return Calibration(row.slope, row.intercept, row.labels) if row else Calibration()


def _outcomes(corpus: Corpus) -> list[Outcome]:
    rows = ArticleLearningRecord.objects.filter(corpus=corpus).exclude(outcomes="[]").order_by("-article_id")
    return [
        (said, label, confirmed)
        for data in rows.values_list("outcomes", flat=True)[:_ARTICLES]
        for said, label, confirmed in json.loads(data)
    ]
