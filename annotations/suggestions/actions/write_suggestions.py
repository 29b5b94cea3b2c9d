"""Store the output of a suggester: cached readings, name counts, suggestions and its pipeline."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from annotations.review.actions.propose import Difference, ProposalRow, replace_suggestions
from annotations.review.models import MAIN_LAYER, Label, Review
from annotations.review.queries.suggested_labels import suggested_labels
from annotations.suggesters.calibration import Calibration
from annotations.suggesters.protocol import Proposal, Suggester
from annotations.suggesters.reading import Reading, reading_from_json, reading_to_json
from annotations.suggestions.actions.calibrate import calibration_of
from annotations.suggestions.actions.name_counts import Changes, add_seen, change_counts
from annotations.suggestions.models import ArticleReading, Pipeline
from corpusapp.articles.models import Corpus
from corpusapp.core.prepared import planning_cursor

# The digest of the pipeline that imported suggestions name: their real origin is unknown.
IMPORT_DIGEST = "import"
_MAX_NAME = 200


class WriteResult(NamedTuple):
    """`unknown` counts the proposals whose label the corpus does not have, by label."""

    difference: Difference
    unknown: Counter[str]


# The proposals for an article, and its possible spans.
Resolution = tuple[Sequence[Proposal], Sequence[Proposal]]


def write_proposals(*, corpus: Corpus, pipeline_id: int, resolved: Mapping[int, Resolution]) -> WriteResult:
    """Replace the suggestions of these articles by their proposals, with calibrated scores, and their possible spans.

    Decided spans stay.
    """
    proposals = {article_id: found for article_id, (found, _) in resolved.items()}
    labels = suggested_labels(corpus.pk)
    known = {*labels, *Label.objects.filter(corpus=corpus).values_list("name", flat=True)}
    calibration = calibration_of(corpus.pk)
    unknown = Counter(p.label for found in proposals.values() for p in found if p.label not in known)
    rows = (
        ProposalRow(article_id, proposal.start, proposal.end, labels[proposal.label].pk, _score(proposal, calibration))
        for article_id, found in proposals.items()
        for proposal in found
        if proposal.label in labels
    )
    difference = replace_suggestions(corpus=corpus, pipeline_id=pipeline_id, article_ids=proposals, proposals=rows)
    _write_possible(resolved, {name: label.name for name, label in labels.items()})
    return WriteResult(difference, unknown)


def _write_possible(resolved: Mapping[int, Resolution], labels: Mapping[str, str]) -> None:
    rows = [
        json.dumps(
            [[p.start, p.end, labels[p.label], p.score] for p in possible if p.label in labels], separators=(",", ":")
        )
        for _, possible in resolved.values()
    ]
    with planning_cursor() as cursor:
        cursor.execute(_STORE_POSSIBLE, [list(resolved), rows])


def _score(proposal: Proposal, calibration: Calibration) -> float | None:
    return None if proposal.score is None else calibration.score(proposal.score, proposal.label)


def store_readings(*, corpus_id: int, pipeline_id: int, readings: Mapping[int, Reading]) -> None:
    """Store the readings by article in place of earlier ones, and update the name counts of the corpus."""
    lock_articles(readings)
    changes: Changes = {}
    for former in ArticleReading.objects.filter(pk__in=readings).values_list("data", flat=True):
        add_seen(changes, reading_from_json(former).seen, -1)
    for reading in readings.values():
        add_seen(changes, reading.seen)
    with planning_cursor() as cursor:
        data = [reading_to_json(reading) for reading in readings.values()]
        cursor.execute(_STORE_READINGS, [corpus_id, pipeline_id, list(readings), data])
    change_counts(corpus_id, changes)


def lock_articles(article_ids: Iterable[int]) -> None:
    """Lock the articles until the transaction ends, so that concurrent runs do not count one twice."""
    reviews = Review.objects.filter(article__in=list(article_ids), layer=MAIN_LAYER).order_by("article_id")
    list(reviews.select_for_update().values_list("pk"))


def ensure_pipeline(*, suggester: Suggester) -> Pipeline:
    """Get or create the pipeline of exactly this suggester."""
    defaults = {"name": _shorten(suggester.name), "version": _shorten(suggester.version)}
    pipeline, _ = Pipeline.objects.get_or_create(digest=suggester.digest, defaults=defaults)
    return pipeline


def ensure_import_pipeline() -> Pipeline:
    """Get or create the pipeline of imported suggestions."""
    pipeline, _ = Pipeline.objects.get_or_create(digest=IMPORT_DIGEST, defaults={"name": "import", "version": "1"})
    return pipeline


def _shorten(text: str) -> str:
    """Services may have long URLs and names; the digest identifies the pipeline."""
    return text if len(text) <= _MAX_NAME else f"{text[: _MAX_NAME - 1]}…"


_STORE_POSSIBLE = """
    INSERT INTO suggestions_possiblespans (article_id, data) SELECT * FROM unnest(%b::bigint[], %b::text[])
    ON CONFLICT (article_id) DO UPDATE SET data = excluded.data WHERE suggestions_possiblespans.data <> excluded.data
"""
_STORE_READINGS = """
    INSERT INTO suggestions_articlereading (corpus_id, pipeline_id, article_id, data)
    SELECT %s, %s, * FROM unnest(%b::bigint[], %b::text[])
    ON CONFLICT (article_id) DO UPDATE SET pipeline_id = excluded.pipeline_id, data = excluded.data
"""
