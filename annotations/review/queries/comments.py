"""Comments on articles and their spans."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import F, QuerySet, prefetch_related_objects
from django.db.models.functions import Substr

from annotations.review.models import Comment
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import require, role_of
from corpusapp.core import keyset
from corpusapp.core.errors import NotFound
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

PAGE_SIZE = 50
KINDS = ("open", "resolved", "all")


def comments_of(article: Article) -> list[Comment]:
    """All comments on an article, oldest first, each with its `replies`, and its `quote`: the words from start to end.

    One short query if there are none, as on most articles. The quote is cut from the text, which is loaded already.
    """
    return with_quotes(OF_ARTICLE.all(article=article.pk), article)


def with_quotes(comments: list[Comment], article: Article) -> list[Comment]:
    """Comments of the article that were read by `OF_ARTICLE`, with what `comments_of` adds."""
    prefetch_related_objects(comments, "user", "resolved_by")
    for comment in comments:
        comment.quote = None if comment.start is None else article.text[comment.start : comment.end]
    return _threads(comments, comments)


def _threads(comments: Iterable[Comment], found: Iterable[Comment]) -> list[Comment]:
    """Those of the comments that are no replies, each with those of `found` that reply to it."""
    replies: dict[int, list[Comment]] = {}
    for reply in found:
        if reply.parent_id is not None:
            replies.setdefault(reply.parent_id, []).append(reply)
    threads = [comment for comment in comments if comment.parent_id is None]
    for comment in threads:
        comment.replies = replies.get(comment.pk, [])
    return threads


OF_ARTICLE = Prepared(lambda article: Comment.objects.filter(article=article).order_by("id"), article=int)


def list_comments(
    corpus: Corpus, kind: str = "open", *, cursor: str = "", size: int = PAGE_SIZE
) -> keyset.Page[Comment]:
    """A page of the comments of a corpus, newest first, with their articles and replies. `kind` is one of `KINDS`."""
    shown = Comment.objects.filter(corpus=corpus, article__withdrawn_at=None, parent=None)
    comments = _of_kind(_with_quote(shown), kind)
    if cursor:
        (last,) = keyset.decode(cursor, int)
        comments = comments.filter(pk__lt=last)
    rows = comments.select_related("article__source").defer("article__search_vector", "article__metadata")
    page = list(rows.order_by("-id")[: size + 1])
    threads = _threads(page[:size], _replies_to(page[:size]))
    return keyset.Page(threads, keyset.encode(page[size - 1].pk) if len(page) > size else None)


def _replies_to(comments: Sequence[Comment]) -> QuerySet[Comment]:
    replies = Comment.objects.filter(parent__in=[comment.pk for comment in comments])
    return replies.select_related("user").order_by("id")


def open_comments(corpora: Iterable[Corpus]) -> QuerySet[Comment]:
    """The comments of the corpora that nobody has resolved; replies are not among them."""
    return Comment.objects.filter(corpus__in=corpora, article__withdrawn_at=None, parent=None, resolved_at=None)


def get_comment(user: "User", pk: int, role: Role = Role.READER) -> Comment:
    """The comment with its article, corpus and replies, with `role` required there."""
    comment = _with_quote(Comment.objects.select_related("article__corpus", "corpus")).filter(pk=pk).first()
    if (
        comment is None
        or comment.article.withdrawn_at
        or comment.corpus.withdrawn_at
        or not role_of(user, comment.corpus)
    ):
        raise NotFound(f"there is no comment {pk} that you can see")
    require(user, comment.corpus, role)
    comment.replies = list(_replies_to([comment]))
    return comment


def _of_kind(comments: QuerySet[Comment], kind: str) -> QuerySet[Comment]:
    if kind == "all":
        return comments
    return comments.filter(resolved_at__isnull=kind == "open")


def _with_quote(comments: QuerySet[Comment]) -> QuerySet[Comment]:
    quote = Substr("article__text", F("start") + 1, F("end") - F("start"))
    rows = comments.select_related("user", "resolved_by")
    return rows.annotate(quote=quote)  # type: ignore[no-redef]  # declared in the model
