"""Near copies of new articles, found by their sketches and put into groups."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction

from corpusapp.articles.actions.outcome import New
from corpusapp.articles.models import Article, CopyGroup, Role, Sketch
from corpusapp.articles.permissions import require
from corpusapp.refusals import Conflict
from corpusapp.text import sketch

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Articles with a band in common, the newer one among those that just came in; versions of one article are no copies.
_CANDIDATES = """
    SELECT DISTINCT new.article_id, other.article_id
    FROM articles_sketchband new JOIN articles_sketchband other USING (corpus_id, key)
    JOIN articles_article a ON a.id = new.article_id JOIN articles_article b ON b.id = other.article_id
    WHERE new.corpus_id = %s AND new.article_id = ANY(%s) AND new.key = ANY(%s) AND other.article_id < new.article_id
      AND NOT (a.external_id <> '' AND a.external_id = b.external_id)
      AND NOT (a.url_sha256 IS NOT NULL AND a.url_sha256 = b.url_sha256)
"""


def group_copies(cursor: Any, corpus_id: int, new: Sequence[New]) -> None:
    """Put new articles into one group with what they are near copies of."""
    sketched = [row for row in new if row.completed.bands]
    if not sketched:
        return
    keys = sorted({key for row in sketched for key in row.completed.bands})
    cursor.execute(_CANDIDATES, [corpus_id, [row.pk for row in sketched], keys])
    pairs = cursor.fetchall()
    if pairs:
        _join(corpus_id, _alike(pairs))


def _alike(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The candidates whose sketches agree often enough."""
    ids = {pk for pair in pairs for pk in pair}
    rows = Sketch.objects.filter(article__in=ids).values_list("article", "values")
    values = {pk: sketch.from_bytes(bytes(data)) for pk, data in rows}
    return [(new, old) for new, old in pairs if sketch.likeness(values[new], values[old]) >= sketch.ALIKE]


def _join(corpus_id: int, pairs: Iterable[tuple[int, int]]) -> None:
    """One group for all that hang together; groups that a new article connects become one."""
    for new, old in sorted(pairs):
        groups = dict(Article.objects.filter(pk__in=[new, old]).values_list("pk", "copy_group"))
        mine, other = groups[new], groups[old]
        if other is None and mine is None:
            other = CopyGroup.objects.create(corpus_id=corpus_id).pk
        group = other or mine
        Article.objects.filter(pk__in=[new, old]).update(copy_group=group)
        if mine is not None and mine != group:
            Article.objects.filter(copy_group=mine).update(copy_group=group)
            CopyGroup.objects.filter(pk=mine).delete()


@transaction.atomic
def set_counted_once(*, user: "User", group: CopyGroup, once: bool) -> CopyGroup:
    """Whether statistics count the group as one article."""
    require(user, group.corpus, Role.EDITOR)
    group.counted_once = once
    group.save(update_fields=["counted_once"])
    return group


@transaction.atomic
def leave_copies(*, user: "User", article: Article) -> None:
    """The article is no copy of the others, an editor says; a group of one is none."""
    require(user, article.corpus, Role.EDITOR)
    if article.copy_group_id is None:
        raise Conflict(f"article {article.pk} is in no group of copies")
    group, article.copy_group = article.copy_group, None
    article.save(update_fields=["copy_group"])
    if group.articles.count() < 2:
        group.delete()
