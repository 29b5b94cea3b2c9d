"""Spans of any number of articles, read and written in a few statements."""

from collections.abc import Iterable, Sequence

from django.db import connection

from annotations.review.actions.ledger import COLUMNS, Ledger, Triple, columns_of
from annotations.review.models import MAIN_LAYER, Span


def holders(wanted: Iterable[tuple[int, Triple]]) -> list[Span]:
    """The rows that hold these triples of these articles: one query. The ranges must be such as can exist."""
    found = sorted({(article, *triple) for article, triple in wanted})
    if not found:
        return []
    columns = [list(column) for column in zip(*found, strict=True)]
    return list(Span.objects.raw(_HOLDERS, [*columns, MAIN_LAYER]))


def write(ledgers: Sequence[Ledger]) -> None:
    """Bring the rows to the database: removed, then altered, then added, so that no triple is ever held twice."""
    entries = [entry for ledger in ledgers for entry in ledger.entries]
    removed = [entry.span.pk for entry in entries if entry.after is None]
    if removed:
        Span.objects.filter(pk__in=removed).delete()
    _alter([entry.span for entry in entries if entry.before and entry.after and entry.before != entry.after])
    added = [entry.span for entry in entries if entry.before is None]
    brought_back = [span for span in added if span.pk is not None]
    Span.objects.bulk_create([span for span in added if span.pk is None], 1000)
    Span.objects.bulk_create(brought_back, 1000)


def _alter(spans: Sequence[Span]) -> None:
    """One statement with an array a column: a thousand rows take a fiftieth of what `bulk_update` takes."""
    if len(spans) == 1:
        Span.objects.filter(pk=spans[0].pk).update(**columns_of(spans[0])._asdict())
    elif spans:
        columns = [list(column) for column in zip(*map(columns_of, spans), strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_ALTER, [[span.pk for span in spans], *columns])


_HOLDERS = """
    SELECT s.* FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::bigint[]) AS w (article_id, start, "end", label_id)
    JOIN review_span s ON s.article_id = w.article_id AND s.start = w.start AND s."end" = w."end"
        AND s.label_id = w.label_id AND s.layer = %s
"""
_TYPES = ("int", "int", "bigint", "text", "double precision", "bigint", "int")
_ALTER = f"""
    UPDATE review_span s SET {", ".join(f'"{name}" = n."{name}"' for name in COLUMNS)}
    FROM unnest(%s::bigint[], {", ".join(f"%s::{kind}[]" for kind in _TYPES)})
        AS n (id, {", ".join(f'"{name}"' for name in COLUMNS)})
    WHERE s.id = n.id
"""
