"""The parts that all decisions share: locks, results and idempotency keys."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Substr

from annotations.review.actions.choices import MAX_ID
from annotations.review.models import MAIN_LAYER, Decision, Review, Span, Verb
from annotations.review.queries.surfaces import surfaces_at
from corpusapp.articles.models import Article
from corpusapp.core.errors import Conflict, LeftOut
from corpusapp.core.idempotency import check_key, hold
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Up to this many spans are read with their surfaces in one query.
FEW = 8


@dataclass(frozen=True)
class DecisionResult:
    """A decision with the resulting spans, in the order of the request."""

    decision: Decision
    spans: Sequence[Span] = ()
    left_out: Sequence[dict[str, Any]] = ()
    repeated: bool = field(default=False)

    @property
    def applied(self) -> int:
        """How many spans it changed and articles it moved to another stage, without side effects."""
        return self.decision.applied


def no_article_named(external_id: str) -> str:
    """The reason to leave out what names its article by an external ID that no article has."""
    return f"there is no article with the external ID {external_id!r} in this corpus: it may be withdrawn"


def require_all(left_out: Sequence[dict[str, Any]], asked: int, *, field: str) -> None:
    """Refuse to do a part of what was asked for (`LeftOut`), before anything is written."""
    if left_out:
        some = "1 item" if len(left_out) == 1 else f"{len(left_out)} items"
        raise LeftOut(
            f"nothing was done, since all or none was asked for, and {some} of {asked} cannot be applied: "
            f"{left_out[0]['reason']}",
            field=field,
            left_out=left_out,
        )


def lock_review(article: Article, layer: str = MAIN_LAYER) -> Review:
    """Lock the review of the article until the transaction ends, so that decisions on it are serialised."""
    (review,) = _LOCKED.all(article=article.pk, layer=layer)
    return review


_LOCKED = Prepared(
    lambda article, layer: Review.objects.select_for_update().filter(article=article, layer=layer).order_by(),
    article=int,
    layer=str,
)


def lock_reviews(corpus_id: int, articles: Collection[int], layer: str = MAIN_LAYER) -> dict[int, Review]:
    """The reviews by article, each with its article's `length`, locked in the order of article ids to avoid deadlocks.

    Withdrawn articles and those of other corpora are left out.
    """
    known = [pk for pk in articles if 0 < pk <= MAX_ID]
    rows = Review.objects.select_for_update(of=("self",)).filter(article__in=known, corpus=corpus_id)
    rows = rows.filter(layer=layer, article__withdrawn_at=None).order_by("article_id")
    rows = rows.annotate(length=F("article__length"))  # type: ignore[no-redef]  # declared in the model
    return {review.article_id: review for review in rows}


def results_of(spans: Sequence[Span]) -> list[Span]:
    """The resulting spans of a decision that was just recorded, with label, pipeline and `surface`."""
    if not all(_is_named(span) for span in spans):
        return reload_spans(spans)
    _add_surfaces([span for span in spans if "surface" not in span.__dict__])
    return list(spans)


def _is_named(span: Span) -> bool:
    """Whether label and pipeline are loaded."""
    return Span.label.is_cached(span) and (span.pipeline_id is None or Span.pipeline.is_cached(span))


def _add_surfaces(spans: Sequence[Span]) -> None:
    surfaces = surfaces_at((span.article_id, span.start, span.end) for span in spans) if spans else {}
    for span in spans:
        span.surface = surfaces[span.article_id, span.start, span.end]


def reload_spans(spans: Sequence[Span]) -> list[Span]:
    """Read the spans again with label, pipeline and `surface`, in the order given. Spans deleted since are left out."""
    rows = (_WITH_SURFACE if len(spans) <= FEW else _WITHOUT_SURFACE).all(ids=[span.pk for span in spans])
    if len(spans) > FEW:
        _add_surfaces(rows)
    by_id = {span.pk: span for span in rows}
    return [by_id[span.pk] for span in spans if span.pk in by_id]


def _rows(ids: list[int]) -> "QuerySet[Span]":
    return Span.objects.filter(pk__any_of=ids).select_related("label", "pipeline").order_by()


def _rows_with_surface(ids: list[int]) -> "QuerySet[Span]":
    surface = Substr("article__text", F("start") + 1, F("end") - F("start"))
    return _rows(ids).annotate(surface=surface)  # type: ignore[no-redef]  # declared in the model


_WITH_SURFACE, _WITHOUT_SURFACE = Prepared(_rows_with_surface, ids=list), Prepared(_rows, ids=list)


def run_once(
    user: "User", client_key: str | None, request: bytes, action: Callable[[], DecisionResult]
) -> DecisionResult:
    """Run `action` in a transaction, or return the decision that this key already made.

    Refuses a key that was used for another request (`Conflict`).
    """
    with transaction.atomic():
        if client_key is None:
            return action()
        check_key(client_key)
        hold(user, client_key)
        decision = Decision.objects.filter(user=user, client_key=client_key).first()
        return _repeated_result(decision, request) if decision else action()


def _repeated_result(decision: Decision, request: bytes) -> DecisionResult:
    if bytes(decision.request_sha256 or b"") != request:
        raise Conflict(
            f"the idempotency key {decision.client_key!r} was used for another request: use a new key for each "
            "decision",
            field="idempotency_key",
        )
    changes = list(decision.changes.order_by("id").values_list("span_id", "implicit"))
    with_implicit = decision.verb in (Verb.UNDO, Verb.REDO)
    spans = [Span(pk=pk) for pk, implicit in changes if with_implicit or not implicit]
    explicit = sum(not implicit for _, implicit in changes)
    decision.applied = explicit + len(decision.finished) + len(reopened_by(decision))
    return DecisionResult(decision, reload_spans(spans), decision.left_out, repeated=True)


def reopened_by(decision: Decision) -> list[int]:
    """The articles that an undo of a finish put back in review."""
    if decision.verb != Verb.UNDO or decision.undoes is None:
        return []
    # Entries of an article alone are articles that the undo did not reopen.
    not_reopened = {entry["article"] for entry in decision.left_out if "article" in entry and "span" not in entry}
    return [pk for pk in decision.undoes.finished if pk not in not_reopened]
