"""Store the decided spans of an import as decisions of the importer, one decision per article."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from annotations.review import ports
from annotations.review.models import MAIN_LAYER, Label, Review, SetAside, SetAsideKind, Stage, Verb
from corpusapp.articles.models import ImportBatch
from corpusapp.articles.ports import Imported
from corpusapp.core.copying import copying


def import_spans(*, batch: ImportBatch, articles: Sequence[Imported]) -> None:
    """Create a review for each article, and spans, decisions and changes for articles with decided spans."""
    _open_reviews(batch.corpus_id, [row.article_id for row in articles])
    decided = [row for row in articles if any(span.state != "suggested" for span in row.draft.spans)]
    if not decided:
        return
    with connection.cursor() as cursor:
        decisions = _decisions(cursor, batch, [row.article_id for row in decided])
        _copy_spans(batch, decided)
        cursor.execute(_CHANGES, {"verb": Verb.IMPORT, "decisions": list(decisions.values()), "layer": MAIN_LAYER})
    ports.notify_imported(batch.corpus_id, decisions)


def finish_imported(*, batch: ImportBatch, article_ids: Sequence[int]) -> None:
    """Mark imported articles done, as a decision of the importer on each."""
    if not article_ids:
        return
    reviews = Review.objects.filter(article__in=article_ids, layer=MAIN_LAYER)
    now, importer = timezone.now(), batch.user_id
    reviews.update(stage=Stage.DONE, editor=importer, started_at=now, done_at=now, done_by=importer)
    SetAside.objects.filter(article__in=article_ids).exclude(kind=SetAsideKind.FLAG).delete()
    with connection.cursor() as cursor:
        cursor.execute(_FINISHES, [batch.corpus_id, importer, Verb.FINISH, list(article_ids)])
        decisions = dict(cursor.fetchall())
    ports.notify_imported(batch.corpus_id, decisions)
    ports.notify_stage_moved(batch.corpus_id, article_ids, Stage.DONE, batch.user)


def _decisions(cursor: Any, batch: ImportBatch, article_ids: list[int]) -> dict[int, int]:
    """Insert a decision for each article; the decisions' ids by article."""
    cursor.execute(_DECISIONS, [batch.corpus_id, article_ids, batch.user_id, Verb.IMPORT])
    return dict(cursor.fetchall())


def _open_reviews(corpus_id: int, article_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO review_review (corpus_id, article_id, layer, stage) SELECT %s, unnest(%s::bigint[]), %s, %s",
            [corpus_id, article_ids, MAIN_LAYER, Stage.NEW],
        )


def _copy_spans(batch: ImportBatch, decided: Sequence[Imported]) -> None:
    """Insert by COPY: an article has some forty spans, and model instances would take most of the import's time."""
    labels = dict(Label.objects.filter(corpus_id=batch.corpus_id).values_list("name", "pk"))
    with copying(_SPANS) as copy:
        for row in decided:
            copy.write("".join(_lines(batch.corpus_id, row, labels)))


def _lines(corpus_id: int, row: Imported, labels: dict[str, int]) -> Iterator[str]:
    """Numbers and known words need no escaping."""
    article = f"{corpus_id}\t{row.article_id}\t{len(row.draft.text)}\t{MAIN_LAYER}"
    for start, end, label, state, *_ in row.draft.spans:
        if state != "suggested":
            yield f"{article}\t{start}\t{end}\t{labels[label]}\t{state}\t1\n"


_DECISIONS = """
    INSERT INTO review_decision (corpus_id, article_id, user_id, verb, left_out)
    SELECT %s, unnest(%s::bigint[]), %s, %s, '[]' RETURNING article_id, id
"""
_FINISHES = """
    INSERT INTO review_decision (corpus_id, article_id, user_id, verb, left_out, finished)
    SELECT %s, article, %s, %s, '[]', ARRAY[article] FROM unnest(%s::bigint[]) AS article RETURNING article_id, id
"""
_SPANS = """
    COPY review_span (corpus_id, article_id, article_length, layer, start, "end", label_id, state, revision) FROM STDIN
"""
# The articles are new, so these are all their decided spans, in the order of the copy.
_CHANGES = """
    INSERT INTO review_change (decision_id, corpus_id, article_id, layer, span_id, verb, implicit, after_start,
                               after_end, after_label_id, after_state, after_revision)
    SELECT d.id, s.corpus_id, s.article_id, s.layer, s.id, %(verb)s, false, s.start, s."end", s.label_id, s.state,
           s.revision
    FROM review_decision d JOIN review_span s ON s.article_id = d.article_id
    WHERE d.id = ANY(%(decisions)s) AND s.layer = %(layer)s AND s.state <> 'suggested' ORDER BY d.id, s.id
"""
