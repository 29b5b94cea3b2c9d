"""Add, resolve and reopen comments on articles and spans. For editors."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.review.actions.choices import MAX_ID
from annotations.review.actions.decisions import check_key
from annotations.review.models import Comment, Span
from annotations.review.models.comment import MAX_COMMENT
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid, NotFound
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def add_comment(
    *, user: "User", article: Article, text: str, span: int | None = None, client_key: str | None = None
) -> Comment:
    """Comment on the article, or on its span with this id. A repeated `client_key` returns the comment it created."""
    require(user, article.corpus, Role.EDITOR)
    _check_text(text)
    if client_key is not None:
        check_key(client_key)
    place = _span_columns(article, span) if span is not None else {}
    values = {"corpus_id": article.corpus_id, "article": article, "text": text, **place}
    if client_key is None:
        return Comment.objects.create(user=user, **values)
    comment, created = Comment.objects.get_or_create(user=user, client_key=client_key, defaults=values)
    comment.repeated = not created
    if (comment.article_id, comment.span_id, comment.text) != (article.pk, span, text):
        raise Conflict(
            f"the idempotency key {client_key!r} was used for another comment: use a new key for each",
            field="idempotency_key",
        )
    return comment


def resolve_comment(*, user: "User", comment: Comment) -> Comment:
    """Resolve a comment. Refuses one that is already resolved."""
    return _set_resolved(user, comment, resolved=True)


def reopen_comment(*, user: "User", comment: Comment) -> Comment:
    """Reopen a resolved comment."""
    return _set_resolved(user, comment, resolved=False)


@transaction.atomic
def _set_resolved(user: "User", comment: Comment, *, resolved: bool) -> Comment:
    require(user, comment.corpus, Role.EDITOR)
    row = Comment.objects.select_for_update(of=("self",)).get(pk=comment.pk)
    if row.open != resolved:
        raise Conflict(f"comment {row.pk} is already {'resolved' if resolved else 'open'}")
    row.resolved_by, row.resolved_at = (user, timezone.now()) if resolved else (None, None)
    row.save(update_fields=["resolved_by", "resolved_at"])
    return row


def _check_text(text: str) -> None:
    if not text.strip():
        raise Invalid("the comment is empty", field="text")
    if reason := fault(text):
        raise Invalid(f"the comment {reason}", field="text")
    if len(text) > MAX_COMMENT:
        raise Invalid(f"the comment has {len(text)} characters: the limit is {MAX_COMMENT}", field="text")


def _span_columns(article: Article, span: int) -> dict[str, int]:
    row = Span.objects.filter(article=article, pk=span).first() if 0 < span <= MAX_ID else None
    if row is None:
        raise NotFound(f"article {article.pk} has no span {span}: it may no longer be suggested", field="span")
    return {"span_id": row.pk, "start": row.start, "end": row.end}
