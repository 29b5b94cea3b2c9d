"""Mark articles whose links need an update."""

from collections.abc import Sequence

from corpusapp.core.prepared import planning_cursor


def mark_pending(*, corpus_id: int, article_ids: Sequence[int]) -> None:
    """Have a job bring the links of these articles up to date, if the corpus links entities."""
    if article_ids:
        with planning_cursor() as cursor:
            cursor.execute(_MARK, {"corpus": corpus_id, "articles": list(article_ids)})


_MARK = """
    INSERT INTO entities_pendinglink (corpus_id, article_id)
    SELECT k.id, article FROM articles_corpus k CROSS JOIN unnest(%(articles)s::bigint[]) AS article
    WHERE k.id = %(corpus)s AND k.entities_enabled
"""
