"""Reads surfaces: the characters of articles at given ranges."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from corpusapp.articles.models import Article

# Up to this many ranges of an article are cut out by the database, which decompresses the whole text for each.
_FEW = 8
Place = tuple[int, int, int]


def surfaces_at(places: Iterable[Place]) -> dict[Place, str]:
    """The surface at each (article, start, end). Articles that do not exist are left out."""
    places = list(dict.fromkeys(places))
    of_article: defaultdict[int, list[Place]] = defaultdict(list)
    for place in places:
        of_article[place[0]].append(place)
    few = [place for place in places if len(of_article[place[0]]) <= _FEW]
    found = _cut_out_by_database(few) if few else {}
    for article, many in of_article.items():
        if len(many) > _FEW:
            for text in Article.objects.filter(pk=article).values_list("text", flat=True):
                found |= {place: text[place[1] : place[2]] for place in many}
    return found


def _cut_out_by_database(places: list[Place]) -> dict[Place, str]:
    with connection.cursor() as cursor:
        cursor.execute(_SURFACES, [list(column) for column in zip(*places, strict=True)])
        return {row[:3]: row[3] for row in cursor.fetchall()}


_SURFACES = """
    SELECT a.id, w.start, w."end", substr(a.text, w.start + 1, w."end" - w.start)
    FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS w (article_id, start, "end")
    JOIN articles_article a ON a.id = w.article_id
"""
