"""Store what a suggester made of articles: its cached output, the counts of names, and the suggestions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from annotations.review.actions.propose import Difference, ProposalRow, replace_suggestions
from annotations.review.models import MAIN_LAYER, Label, Review
from annotations.suggesters.calibration import Calibration
from annotations.suggesters.protocol import Proposal, Suggester
from annotations.suggesters.reading import Reading, reading_from_json, reading_to_json
from annotations.suggestions.actions.calibrate import calibration_of
from annotations.suggestions.actions.name_counts import Key, change_counts, seen_counts
from annotations.suggestions.models import ArticleReading, Pipeline
from corpusapp.articles.models import Corpus


class Written(NamedTuple):
    """`unknown` counts what was left out for want of a label, by label."""

    difference: Difference
    unknown: Counter[str]


def write_proposals(*, corpus: Corpus, pipeline_id: int, proposals: Mapping[int, Sequence[Proposal]]) -> Written:
    """Set the proposals, by article and with calibrated scores, beside what stands."""
    labels = dict(Label.objects.filter(corpus=corpus).values_list("name", "pk"))
    calibration = calibration_of(corpus.pk)
    unknown = Counter(p.label for found in proposals.values() for p in found if p.label not in labels)
    rows = (
        ProposalRow(article_id, proposal.start, proposal.end, labels[proposal.label], _score(proposal, calibration))
        for article_id, found in proposals.items()
        for proposal in found
        if proposal.label in labels
    )
    difference = replace_suggestions(corpus=corpus, pipeline_id=pipeline_id, article_ids=proposals, proposals=rows)
    return Written(difference, unknown)


def _score(proposal: Proposal, calibration: Calibration) -> float | None:
    return None if proposal.score is None else calibration.score(proposal.score, proposal.label)


def keep_readings(*, corpus_id: int, pipeline_id: int, readings: Mapping[int, Reading]) -> None:
    """Store the readings by article in place of earlier ones, and bring the counts of the corpus up to date."""
    hold(readings)
    changes: Counter[Key] = Counter()
    for former in ArticleReading.objects.filter(pk__in=readings).values_list("data", flat=True):
        changes.subtract(seen_counts(reading_from_json(former).seen))
    rows = []
    for article_id, reading in readings.items():
        changes.update(seen_counts(reading.seen))
        data = reading_to_json(reading)
        rows.append(ArticleReading(article_id=article_id, corpus_id=corpus_id, pipeline_id=pipeline_id, data=data))
    ArticleReading.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["article"], update_fields=["pipeline", "data"]
    )
    change_counts(corpus_id, changes)


def hold(article_ids: Iterable[int]) -> None:
    """Take the articles' locks: two runs that read one article at once would count it twice."""
    reviews = Review.objects.filter(article__in=list(article_ids), layer=MAIN_LAYER).order_by("article_id")
    list(reviews.select_for_update().values_list("pk"))


# Suggestions that came with an import name this pipeline: what made them is not known here.
IMPORT_DIGEST = "import"
LONGEST = 200


def ensure_pipeline(*, suggester: Suggester) -> Pipeline:
    """The row of exactly this suggester, made at first sight."""
    defaults = {"name": _shortened(suggester.name), "version": _shortened(suggester.version)}
    pipeline, _ = Pipeline.objects.get_or_create(digest=suggester.digest, defaults=defaults)
    return pipeline


def ensure_import_pipeline() -> Pipeline:
    """The row that imported suggestions name."""
    pipeline, _ = Pipeline.objects.get_or_create(digest=IMPORT_DIGEST, defaults={"name": "import", "version": "1"})
    return pipeline


def _shortened(text: str) -> str:
    """A service may have a long address and a long name; the digest tells one from another."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
