"""Which surfaces, and which articles with them, a change of the name counts may affect."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice

from django.db.models import QuerySet

from annotations.review.models import MAIN_LAYER, Review, Stage
from annotations.review.queries.surface_search import open_articles_with
from annotations.suggesters.name_statistics import HABIT
from annotations.suggestions.models import ArticleReading, NameCount
from corpusapp.core.prepared import planning_cursor

# A surface with one label in at least this many articles, and this share of them, is settled.
_MIN_ARTICLES, _MIN_SHARE = 3, 0.85
# Surfaces that are searched for together, and the factor by which their number grows: the first are the most frequent,
# and what they find is not searched again.
_FIRST, _GROWTH = 20, 10
_READINGS = ArticleReading._meta.db_table


def affected_surfaces(corpus_id: int, changes: Mapping[tuple[str, str, str, str], float]) -> list[str]:
    """The surfaces whose suggestions may change by `changes`, which are not yet counted."""
    changed: dict[str, dict[str, float]] = {}
    for (kind, surface, _, label), change in changes.items():
        if kind == NameCount.Kind.DECIDED and abs(change) > 1e-6:
            changed.setdefault(surface, {})[label] = change
    known: dict[str, dict[str, float]] = {}
    with planning_cursor() as cursor:
        cursor.execute(_KNOWN, [list(changed), corpus_id])
        for surface, label, articles in cursor.fetchall():
            known.setdefault(surface, {})[label] = articles
    return [surface for surface, change in changed.items() if not _is_settled(known.get(surface, {}), change)]


def _is_settled(before: Mapping[str, float], change: Mapping[str, float]) -> bool:
    """Whether editors agree on one label, before and after the change."""
    labels = dict.fromkeys([*before, *change])
    after = {label: before.get(label, 0.0) + change.get(label, 0.0) for label in labels}
    label = max(after, key=after.__getitem__)
    totals = sum(before.values()), sum(after.values())
    if min(totals) < _MIN_ARTICLES:
        return False
    return min(before.get(label, 0.0) / totals[0], after[label] / totals[1]) >= _MIN_SHARE


def affected_articles(corpus_id: int, surfaces: Sequence[str], changed_by: Mapping[str, set[int]]) -> list[int]:
    """Open articles with a cached reading that contain one of the surfaces, changed by another article.

    `changed_by`: the articles whose decisions changed a surface. What somebody looks at or reviews comes first, then
    the newest.
    """
    found: set[int] = set()
    # To find that there are none, or that they are all found, spares most of a search for many.
    number = _number_of_articles(corpus_id) if len(surfaces) > _FIRST else None
    named = (surface for surface in surfaces if not surface.startswith(HABIT))
    for some in _slices(sorted(named, key=lambda surface: -len(changed_by[surface]))):
        if len(found) == number:
            break
        only = [next(iter(by)) if len(by := changed_by[surface]) == 1 else 0 for surface in some]
        found.update(open_articles_with(corpus_id, some, table=_READINGS, found=sorted(found), leaving_out=only))
    return _in_order(found)


# Open articles of one source that a changed habit updates at once; the others follow when they are next updated.
_OF_SOURCE = 100


def articles_with_habits(corpus_id: int, surfaces: Sequence[str]) -> list[int]:
    """The newest open articles, with a cached reading, of the sources whose habits are among these surfaces."""
    origins = {surface.split(" ")[1] for surface in surfaces if surface.startswith(HABIT)}
    found: list[int] = []
    for origin in sorted(origins):
        articles = _open_with_reading(corpus_id).filter(article__source=int(origin) if origin else None)
        found += articles.order_by("-article").values_list("article", flat=True)[:_OF_SOURCE]
    return found


def _slices(surfaces: Sequence[str]) -> Iterator[list[str]]:
    iterator, size = iter(surfaces), _FIRST
    while some := list(islice(iterator, size)):
        yield some
        size *= _GROWTH


def _number_of_articles(corpus_id: int) -> int:
    return _open_with_reading(corpus_id).count()


def _open_with_reading(corpus_id: int) -> QuerySet[Review]:
    reviews = Review.objects.filter(corpus=corpus_id, layer=MAIN_LAYER, article__withdrawn_at=None)
    return reviews.exclude(stage=Stage.DONE).filter(article__reading__isnull=False)


def _in_order(article_ids: Collection[int]) -> list[int]:
    """These articles, first what somebody looks at or reviews, then the newest."""
    if len(article_ids) < 2:
        return list(article_ids)
    with planning_cursor() as cursor:
        cursor.execute(_IN_ORDER, [list(article_ids), MAIN_LAYER, Stage.IN_REVIEW])
        return [row[0] for row in cursor.fetchall()]


_KNOWN = """
    SELECT known.surface, known.label, known.articles FROM unnest(%b::text[]) AS changed (surface)
    JOIN suggestions_namecount known
        ON known.corpus_id = %s AND known.kind = 'd' AND known.surface = changed.surface
"""
_IN_ORDER = """
    SELECT review.article_id FROM review_review review
    WHERE review.article_id = ANY (%b::bigint[]) AND review.layer = %s
    ORDER BY review.stage = %s OR EXISTS (
        SELECT FROM review_presence presence
        WHERE presence.article_id = review.article_id AND presence.seen_at > now() - interval '1 minute'
    ) DESC, review.article_id DESC
"""
