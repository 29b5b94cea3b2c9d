"""What all strokes share: the lock on the article, the editor's standing, the log's new row and the result."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from annotations.review import ports
from annotations.review.actions.ledger import Ledger
from annotations.review.models import MAIN_LAYER, Decision, Review, Span, Stage, Verb
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.refusals import Conflict

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@dataclass(frozen=True)
class Stroke:
    """A decision as it was taken: `spans` are the rows that it leaves, in the order of what was asked for."""

    decision: Decision
    spans: Sequence[Span] = ()
    left_out: Sequence[dict[str, Any]] = ()
    repeated: bool = field(default=False)


def locked_review(article: Article) -> Review:
    """The article's review, locked until the transaction ends: strokes on one article follow one another."""
    return Review.objects.select_for_update().get(article=article, layer=MAIN_LAYER)


def begin(user: "User", article: Article) -> Review:
    """Require an editor and an article that is not done; take the lock."""
    require(user, article.corpus, Role.EDITOR)
    review = locked_review(article)
    if review.stage == Stage.DONE:
        raise Conflict(f"article {article.pk} is done: reopen it before you change its spans")
    return review


def enter_review(review: Review, user: "User") -> None:
    """The first decision makes its editor the article's editor."""
    if review.stage == Stage.IN_REVIEW:
        return
    review.stage, review.editor, review.started_at = Stage.IN_REVIEW, user, review.started_at or timezone.now()
    review.save(update_fields=["stage", "editor", "started_at"])


def record(
    user: "User",
    article: Article,
    verb: Verb,
    ledger: Ledger,
    *,
    client_key: str | None = None,
    request_sha256: bytes | None = None,
    left_out: Sequence[dict[str, Any]] = (),
    undoes: Decision | None = None,
) -> Decision:
    """Write the rows, append the stroke to the log, and tell those who follow decisions."""
    ledger.write()
    decision = Decision.objects.create(
        corpus=article.corpus,
        article=article,
        user=user,
        verb=verb,
        client_key=client_key,
        request_sha256=request_sha256,
        left_out=list(left_out),
        undoes=undoes,
    )
    ports.tell(decision, ledger.log(decision))
    return decision


def with_names(spans: Sequence[Span]) -> list[Span]:
    """The rows as they stand now, with labels and pipelines, in the order given."""
    standing = {span.pk: span for span in Span.objects.for_reading().filter(pk__in=[span.pk for span in spans])}
    return [standing[span.pk] for span in spans if span.pk in standing]
