"""Apply to all like: one correction on a span and on everything like it that was shown, as one stroke.

The origin alone puts its article into its editor's hands: the others keep their stage, for nobody has looked at them.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from annotations.review.actions.choices import MAX_ID, Choice, Like
from annotations.review.actions.idempotency import digest, once
from annotations.review.actions.likes import LikePlaces, LikeSpans, Origin
from annotations.review.actions.stroke import Stroke, check_open, enter_review, locked_reviews, record_all, with_names
from annotations.review.actions.verbs import Application, labels_named, ledger_for, named_in
from annotations.review.models import MAIN_LAYER, Label, Review, Verb
from annotations.review.queries.alike import MAX_LIKES, Matches, like_places, like_spans
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

FIELD = "choice"


def preview_like(*, user: "User", article: Article, choice: Choice, corpus: bool) -> Matches:
    """All that is like the choice's span, or its place for `add`, in the article or in its corpus. Writes nothing.

    Refuses a choice that is unsound, names no span as it stands now or an unknown label, and a done article.
    """
    choice.check(FIELD)
    require(user, article.corpus, Role.EDITOR)
    check_open(Review.objects.get(article=article, layer=MAIN_LAYER))
    labels = _labels(article, choice)
    application = Application(ledger_for(article, [choice], labels), labels, FIELD)
    origin = Origin.of(choice, application, article)
    if origin.span is None:
        return like_places(article, origin.start, origin.end, labels[choice.label or ""], corpus=corpus)
    return like_spans(origin.span, origin.surface, corpus=corpus, shift=origin.shift)


def apply_to_like(
    *, user: "User", article: Article, choice: Choice, shown: Sequence[Like], client_key: str | None = None
) -> Stroke:
    """Apply `choice` to its span in `article`, and the same to the likes that were `shown`, as one decision.

    What changed since it was shown is left out and reported; what `decide` would refuse of the choice itself refuses
    the whole. A repeated `client_key` returns the stroke that it made before.
    """
    choice.check(FIELD)
    _check_shown(choice, shown)
    require(user, article.corpus, Role.EDITOR)
    request = digest("apply to like", article.pk, choice.as_request(), [asdict(like) for like in shown])
    return once(user, client_key, request, lambda: _apply(user, article, choice, shown, client_key, request))


def _check_shown(choice: Choice, shown: Sequence[Like]) -> None:
    if len(shown) > MAX_LIKES:
        raise Invalid(f"{len(shown)} likes in one stroke: send at most {MAX_LIKES}", field="matches")
    seen = {choice.span}
    for position, like in enumerate(shown):
        field = f"matches[{position}]"
        like.check(choice.verb, field)
        key = (like.article, like.start, like.end) if choice.verb == Verb.ADD else like.span
        if key in seen:
            raise Invalid("it is listed before, or is the choice itself: name each like once", field=field)
        seen.add(key)


def _apply(
    user: "User", article: Article, choice: Choice, shown: Sequence[Like], client_key: str | None, request: bytes
) -> Stroke:
    ids = {like.article for like in shown if 0 < like.article <= MAX_ID}
    reviews = locked_reviews(article.corpus_id, ids | {article.pk})
    if article.pk not in reviews:
        raise NotFound(f"there is no article {article.pk} that you can see")
    check_open(reviews[article.pk])
    labels = _labels(article, choice)
    ledger = ledger_for(article, [choice], labels)
    application = Application(ledger, labels, FIELD)
    kind = LikePlaces if choice.verb == Verb.ADD else LikeSpans
    likes = kind(Origin.of(choice, application, article), ledger, labels, reviews)
    likes.read(shown)
    results = [application.apply(choice), *likes.apply(shown)]
    enter_review(reviews[article.pk], user)
    decision = record_all(
        user,
        article.corpus_id,
        Verb(choice.verb),
        list(likes.ledgers.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=likes.left_out,
        notices=[application.notice] if application.notice else [],
    )
    return Stroke(decision, with_names(results), likes.left_out)


def _labels(article: Article, choice: Choice) -> dict[str, Label]:
    return labels_named(article.corpus, dict(named_in(choice, FIELD)))
