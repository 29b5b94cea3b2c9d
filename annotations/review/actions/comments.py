"""Add, resolve and reopen comments on articles and spans, and reply to them. For editors.

A comment notifies the members of the corpus that it mentions as @username, and a reply those who wrote in its thread.
"""

import re
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from annotations.review.actions.choices import MAX_ID
from annotations.review.actions.decisions import check_key
from annotations.review.models import Comment, Span
from annotations.review.models.comment import MAX_COMMENT
from corpusapp.accounts.actions.notices import notify
from corpusapp.accounts.models import Notice
from corpusapp.articles.models import Article, Membership, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid, NotFound
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


# As in usernames. A mention ends with a letter or digit: the stop of "Ask @anna." is none of hers.
_MENTION = re.compile(r"(?<![\w.@+-])@([\w.@+-]*\w)")


@transaction.atomic
def add_comment(
    *,
    user: "User",
    article: Article,
    text: str,
    span: int | None = None,
    reply_to: int | None = None,
    client_key: str | None = None,
) -> Comment:
    """Comment on the article, or on its span with this id; or reply to a comment on it, or to one of its replies.

    A repeated `client_key` returns the comment it created.
    """
    require(user, article.corpus, Role.EDITOR)
    _check_text(text)
    if client_key is not None:
        check_key(client_key)
    place = _span_columns(article, span) if span is not None else {}
    parent = _thread(article, reply_to, span)
    values = {"corpus_id": article.corpus_id, "article": article, "text": text, "parent": parent, **place}
    if client_key is None:
        comment = Comment.objects.create(user=user, **values)
    else:
        comment, created = Comment.objects.get_or_create(user=user, client_key=client_key, defaults=values)
        comment.repeated = not created
        if (comment.article_id, comment.span_id, comment.parent, comment.text) != (article.pk, span, parent, text):
            raise Conflict(
                f"the idempotency key {client_key!r} was used for another comment: use a new key for each",
                field="idempotency_key",
            )
    if not comment.repeated:
        _notify(comment)
    return comment


def _thread(article: Article, reply_to: int | None, span: int | None) -> Comment | None:
    """The comment that a reply belongs to: threads have one level."""
    if reply_to is None:
        return None
    if span is not None:
        raise Invalid("a reply belongs to the span of its comment: leave out the span", field="span")
    comments = Comment.objects.filter(article=article).select_related("parent", "user")
    found = comments.filter(pk=reply_to).first() if 0 < reply_to <= MAX_ID else None
    if found is None:
        raise NotFound(f"article {article.pk} has no comment {reply_to}: it may be deleted", field="reply_to")
    return found.parent or found


def _notify(comment: Comment) -> None:
    """Notify who is mentioned, and who else wrote in the thread of a reply."""
    about: dict[str, Any] = {
        "corpus": comment.article.corpus,
        "article": comment.article,
        "actor": comment.user,
        "address": comment_address(comment),
    }
    mentioned = _mentioned(comment)
    notify(users=mentioned, kind=Notice.Kind.MENTIONED, **about)
    if comment.parent is not None:
        thread = Comment.objects.filter(Q(pk=comment.parent_id) | Q(parent=comment.parent_id))
        writers = {row.user for row in thread.select_related("user")} - set(mentioned)
        notify(users=writers, kind=Notice.Kind.REPLIED, **about)


def _mentioned(comment: Comment) -> list["User"]:
    """The members of the corpus that the comment mentions, by their usernames in any case."""
    names = {name.casefold() for name in _MENTION.findall(comment.text)}
    if not names:
        return []
    members = Membership.objects.filter(corpus=comment.corpus_id).select_related("user")
    return [member.user for member in members if member.user.username.casefold() in names]


def comment_address(comment: Comment) -> str:
    """The path of the comment on the page of its article, with its span selected."""
    thread = comment.parent or comment
    address = reverse("article", args=[comment.article.corpus.slug, comment.article_id])
    return f"{address}{f'?span={thread.span_id}' if thread.span_id else ''}#comments"


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
    if row.parent_id is not None:
        raise Conflict(f"comment {row.pk} is a reply: resolve or reopen comment {row.parent_id}, which it replies to")
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
