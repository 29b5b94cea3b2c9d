"""Find near copies of new articles by their sketches, and group them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from corpusapp.articles.models import Article, CopyGroup, Role, Sketch
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict
from corpusapp.text import minhash

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# For a key that many articles share, the newest are enough: they are in one group with the others.
_CANDIDATES = """
    SELECT DISTINCT new.article_id, other.article_id
    FROM articles_sketchband AS new CROSS JOIN LATERAL (
        SELECT article_id FROM articles_sketchband
        WHERE corpus_id = new.corpus_id AND key = new.key AND article_id < new.article_id
        ORDER BY corpus_id DESC, key DESC, article_id DESC LIMIT 20
    ) other
    WHERE new.article_id = ANY (%s) AND new.corpus_id = %s
"""

# Only rows whose group changes are updated: each update adds an entry to every index.
_GROUP = """
    UPDATE articles_article SET copy_group_id = member.copy_group
    FROM unnest(%s::bigint[], %s::bigint[]) AS member (id, copy_group)
    WHERE articles_article.id = member.id AND articles_article.copy_group_id IS DISTINCT FROM member.copy_group
"""


def group_copies(cursor: Any, corpus_id: int, article_ids: Sequence[int]) -> None:
    """Group new articles, whose sketches are stored, with the articles that they are near copies of."""
    cursor.execute(_CANDIDATES, [list(article_ids), corpus_id])
    if pairs := cursor.fetchall():
        _join(corpus_id, _similar(_between_stories(pairs)))


def _between_stories(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs that are not versions of one article."""
    articles = Article.objects.filter(pk__in={pk for pair in pairs for pk in pair})
    ids, urls = {}, {}
    for pk, external_id, url in articles.values_list("pk", "external_id", "url"):
        ids[pk], urls[pk] = external_id or pk, url or pk
    return [(new, old) for new, old in pairs if ids[new] != ids[old] and urls[new] != urls[old]]


def _similar(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs with similar sketches."""
    ids = {pk for pair in pairs for pk in pair}
    rows = Sketch.objects.filter(article__in=ids).values_list("article", "values")
    values = {pk: minhash.from_bytes(bytes(data)) for pk, data in rows}
    return [(new, old) for new, old in pairs if minhash.similarity(values[new], values[old]) >= minhash.MIN_SIMILARITY]


def _join(corpus_id: int, pairs: Sequence[tuple[int, int]]) -> None:
    """Put connected articles into one group; merge groups that a new article connects."""
    if not pairs:
        return
    groups = dict(Article.objects.filter(pk__in={pk for pair in pairs for pk in pair}).values_list("pk", "copy_group"))
    connected = _connected(pairs, groups)
    known = [sorted({groups[pk] for pk in members if groups[pk] is not None}) for members in connected]
    created = iter(CopyGroup.objects.bulk_create([CopyGroup(corpus_id=corpus_id) for found in known if not found]))
    new: dict[int, int] = {}
    for members, found in zip(connected, known, strict=True):
        group = found[0] if found else next(created).pk
        new |= {pk: group for pk in members if groups[pk] != group}
        if found[1:]:
            Article.objects.filter(copy_group__in=found[1:]).update(copy_group=group)
            CopyGroup.objects.filter(pk__in=found[1:]).delete()
    with connection.cursor() as cursor:
        cursor.execute(_GROUP, [list(new), list(new.values())])


def _connected(pairs: Sequence[tuple[int, int]], groups: Mapping[int, int | None]) -> list[set[int]]:
    """The connected components of articles, by pairs and existing groups."""
    leader: dict[Any, Any] = {}

    def find(node: Any) -> Any:
        while leader.setdefault(node, node) != node:
            node = leader[node]
        return node

    for new, old in pairs:
        leader[find(new)] = find(old)
    for pk, group in groups.items():
        if group is not None:
            leader[find(pk)] = find(("group", group))
    found: dict[Any, set[int]] = {}
    for pk in {pk for pair in pairs for pk in pair}:
        found.setdefault(find(pk), set()).add(pk)
    return list(found.values())


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
