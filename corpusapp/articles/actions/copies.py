"""Find near copies of new articles by their sketches, and group them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import transaction

from corpusapp.articles.models import Article, CopyGroup, Role, Sketch
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict
from corpusapp.text import minhash

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# For a key that many articles share, the newest are enough: they are in one group with the others.
_NEWEST = 20
_CANDIDATES = f"""
    SELECT wanted.key, other.article_id FROM unnest(%s::bigint[]) AS wanted (key) CROSS JOIN LATERAL (
        SELECT article_id FROM articles_sketchband WHERE corpus_id = %s AND key = wanted.key
        ORDER BY corpus_id DESC, key DESC, article_id DESC LIMIT {_NEWEST}
    ) other
"""

# Only rows whose group changes are updated: each update adds an entry to every index.
_GROUP = """
    UPDATE articles_article SET copy_group_id = member.copy_group
    FROM unnest(%s::bigint[], %s::bigint[]) AS member (id, copy_group)
    WHERE articles_article.id = member.id AND articles_article.copy_group_id IS DISTINCT FROM member.copy_group
"""
_Pairs = Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Sketched:
    """What is known of an article with a sketch, to group it; `keys` are those of its bands, if it is new."""

    external_id: str
    url: str
    sketch: bytes
    keys: Iterable[int] = ()
    copy_group: int | None = None

    def is_version_of(self, other: "Sketched") -> bool:
        return any(mine and mine == its for mine, its in ((self.external_id, other.external_id), (self.url, other.url)))


def group_copies(cursor: Any, corpus_id: int, new: Mapping[int, Sketched]) -> dict[int, int]:
    """The groups of those new articles that are near copies of existing ones, or of each other, by article.

    The new articles are not stored yet, so that each is written once, with its group. Existing articles whose group
    changes are updated here.
    """
    pairs = _candidates(cursor, corpus_id, new)
    if not pairs:
        return {}
    articles = {**_existing({other for _, other in pairs} - new.keys()), **new}
    groups = _join(cursor, corpus_id, _similar(pairs, articles), articles)
    changed = {pk: group for pk, group in groups.items() if pk not in new and articles[pk].copy_group != group}
    if changed:
        cursor.execute(_GROUP, [list(changed), list(changed.values())])
    return {pk: group for pk, group in groups.items() if pk in new}


def _candidates(cursor: Any, corpus_id: int, new: Mapping[int, Sketched]) -> _Pairs:
    """(new article, older article) for all that share a key, each pair once."""
    # In the order of the index, whose pages are then read one after the other.
    keys = sorted({key for row in new.values() for key in row.keys})
    # As one text: the driver would take longer for thousands of numbers than the server for the search.
    cursor.execute(_CANDIDATES, [f"{{{','.join(map(str, keys))}}}", corpus_id])
    sharing: dict[int, list[int]] = defaultdict(list)
    for key, article_id in reversed(cursor.fetchall()):  # of each key, the oldest first
        sharing[key].append(article_id)
    pairs: list[tuple[int, int]] = []
    for pk in sorted(new):
        found: set[int] = set()
        for key in set(new[pk].keys):
            if earlier := sharing.get(key):
                found.update(earlier[-_NEWEST:])
                earlier.append(pk)
            else:
                sharing[key] = [pk]
        pairs += zip(repeat(pk), found)
    return pairs


def _existing(article_ids: Iterable[int]) -> dict[int, Sketched]:
    rows = Sketch.objects.filter(article__any_of=list(article_ids))
    columns = ("article", "article__external_id", "article__url", "values", "article__copy_group")
    return {
        pk: Sketched(external_id, url, bytes(sketch), copy_group=group)
        for pk, external_id, url, sketch, group in rows.values_list(*columns)
    }


def _similar(pairs: _Pairs, articles: Mapping[int, Sketched]) -> _Pairs:
    """The pairs with similar sketches that are not versions of one article."""
    ids = np.array(sorted(articles))
    sketches = np.stack([minhash.from_bytes(articles[pk].sketch) for pk in ids.tolist()])
    shares = minhash.similarities(sketches, np.searchsorted(ids, pairs))
    similar = np.array(pairs)[shares >= minhash.MIN_SIMILARITY].tolist()
    return [(new, old) for new, old in similar if not articles[new].is_version_of(articles[old])]


def _join(cursor: Any, corpus_id: int, pairs: _Pairs, articles: Mapping[int, Sketched]) -> dict[int, int]:
    """The group of each article of the pairs: connected articles share one; groups that are connected are merged."""
    connected = components(pairs, {pk: articles[pk].copy_group for pair in pairs for pk in pair})
    known = [sorted({group for pk in members if (group := articles[pk].copy_group)}) for members in connected]
    created = iter(CopyGroup.objects.bulk_create([CopyGroup(corpus_id=corpus_id) for found in known if not found]))
    groups: dict[int, int] = {}
    for members, found in zip(connected, known, strict=True):
        group = found[0] if found else next(created).pk
        groups |= dict.fromkeys(members, group)
        if found[1:]:
            Article.objects.filter(copy_group__in=found[1:]).update(copy_group=group)
            CopyGroup.objects.filter(pk__in=found[1:]).delete()
    return groups


def components(pairs: _Pairs, groups: Mapping[int, int | None]) -> list[set[int]]:
    """The connected components of articles, by pairs and existing groups."""
    ids = np.array(sorted(groups), dtype=np.int64)
    edges = np.searchsorted(ids, np.array(pairs, dtype=np.int64).reshape(-1, 2))
    # A group is one more node, behind those of the articles.
    nodes = {group: len(ids) + number for number, group in enumerate(set(groups.values()) - {None})}
    members = [(place, nodes[group]) for place, pk in enumerate(ids.tolist()) if (group := groups[pk]) is not None]
    edges = np.concatenate([edges, np.array(members, dtype=np.int64).reshape(-1, 2)])
    found: dict[int, set[int]] = {}
    for pk, leader in zip(ids.tolist(), _leaders(len(ids) + len(nodes), edges).tolist(), strict=False):
        found.setdefault(leader, set()).add(pk)
    return list(found.values())


def _leaders(number: int, edges: np.ndarray) -> np.ndarray:
    """The first node of each node's connected component, for nodes 0 to `number` - 1."""
    leaders = np.arange(number)
    while True:
        lower = leaders.copy()
        least = leaders[edges].min(axis=1)
        np.minimum.at(lower, leaders[edges[:, 0]], least)
        np.minimum.at(lower, leaders[edges[:, 1]], least)
        lower = lower[lower]
        if np.array_equal(lower, leaders):
            return leaders
        leaders = lower


@transaction.atomic
def set_counted_once(*, user: "User", group: CopyGroup, once: bool) -> CopyGroup:
    """Set whether statistics count the group as one article."""
    require(user, group.corpus, Role.EDITOR)
    group.counted_once = once
    group.save(update_fields=["counted_once"])
    return group


@transaction.atomic
def leave_copies(*, user: "User", article: Article) -> None:
    """Remove an article from its group of near copies; a group of one is deleted."""
    require(user, article.corpus, Role.EDITOR)
    if (group := article.copy_group) is None:
        raise Conflict(f"article {article.pk} is not in a group of near copies")
    article.copy_group = None
    article.save(update_fields=["copy_group"])
    if group.articles.count() < 2:
        group.delete()
