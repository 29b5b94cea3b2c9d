"""The decided spans of an import: decisions of its importer, one stroke an article."""

from collections.abc import Sequence
from itertools import chain

from django.db import connection

from annotations.review import ports
from annotations.review.actions.ledger import Columns, Ledger, article_stub
from annotations.review.models import MAIN_LAYER, Change, Decision, Label, Span, Stage, Verb
from corpusapp.articles.models import ImportBatch
from corpusapp.articles.ports import Imported


def import_spans(*, batch: ImportBatch, articles: Sequence[Imported]) -> None:
    """A review for each article; spans, decisions and changes for those that came with decided spans."""
    _open_reviews(batch.corpus_id, [row.article_id for row in articles])
    decided = [row for row in articles if any(span.state != "suggested" for span in row.draft.spans)]
    if not decided:
        return
    labels = dict(Label.objects.filter(corpus_id=batch.corpus_id).values_list("name", "pk"))
    ledgers = [_ledger(batch, row, labels) for row in decided]
    Span.objects.bulk_create([entry.span for ledger in ledgers for entry in ledger.entries], 1000)
    decisions = Decision.objects.bulk_create(
        Decision(corpus_id=batch.corpus_id, article=ledger.article, user=batch.user, verb=Verb.IMPORT)
        for ledger in ledgers
    )
    changes = [ledger.changes(decision) for ledger, decision in zip(ledgers, decisions, strict=True)]
    Change.objects.bulk_create(chain.from_iterable(changes), 1000)
    ports.tell_all(zip(decisions, changes, strict=True))


def _open_reviews(corpus_id: int, article_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO review_review (corpus_id, article_id, layer, stage) SELECT %s, unnest(%s::bigint[]), %s, %s",
            [corpus_id, article_ids, MAIN_LAYER, Stage.NEW],
        )


def _ledger(batch: ImportBatch, row: Imported, labels: dict[str, int]) -> Ledger:
    ledger = Ledger(article_stub(row.article_id, batch.corpus_id, len(row.draft.text)))
    for span in row.draft.spans:
        if span.state != "suggested":
            columns = Columns(span.start, span.end, labels[span.label], span.state, None, None, 1)
            ledger.add(columns, Verb.IMPORT)
    return ledger
