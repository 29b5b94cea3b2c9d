"""Confirm the suggestions that an editor saw; those that changed since are left out and reported."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from annotations.review.actions.bulk import BulkDecision
from annotations.review.actions.change_set import ChangeSet
from annotations.review.actions.choices import ArticleChoice, Choice
from annotations.review.actions.decisions import (
    DecisionResult,
    lock_for_decision,
    record,
    reload_spans,
    run_once,
    start_review,
)
from annotations.review.models import Span, Verb
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def confirm_shown(
    *, user: "User", article: Article, shown: Mapping[int, int], client_key: str | None = None
) -> DecisionResult:
    """Confirm the suggestions of `shown` (revision by span id) that have not changed since.

    Refuses an empty `shown` (`Invalid`) and one of which nothing is left to confirm (`Conflict`).
    """
    if not shown:
        raise Invalid("no suggestions given: there is nothing to confirm", field="shown")
    require(user, article.corpus, Role.EDITOR)
    request = digest("confirm shown", article.pk, sorted(shown.items()))
    return run_once(user, client_key, request, lambda: _confirm(user, article, shown, client_key, request))


def _confirm(
    user: "User", article: Article, shown: Mapping[int, int], client_key: str | None, request: bytes
) -> DecisionResult:
    review = lock_for_decision(user, article)
    change_set, confirmed, left_out = confirm_spans(article, shown)
    if not confirmed:
        raise Conflict("all of the suggestions have changed since: reload the article", current=left_out)
    start_review(review, user)
    decision = record(
        user, article, Verb.CONFIRM, change_set, client_key=client_key, request_sha256=request, left_out=left_out
    )
    return DecisionResult(decision, reload_spans(confirmed), left_out)


def confirm_spans(article: Article, shown: Mapping[int, int]) -> tuple[ChangeSet, list[Span], list[dict[str, Any]]]:
    """Confirm those of `shown` that have not changed, in a locked article.

    Returns the changes, the confirmed spans, and the spans left out with their reasons.
    """
    bulk = BulkDecision({}, {}, suggestions_only=True)
    bulk.change_sets[article.pk] = change_set = ChangeSet(article)
    choices = [ArticleChoice(article.pk, Choice(Verb.CONFIRM, span, revision)) for span, revision in shown.items()]
    bulk.read(choices)
    confirmed = bulk.apply(choices, "shown")
    left_out = [{"span": entry["span"], "reason": entry["reason"]} for entry in bulk.left_out]
    return change_set, confirmed, left_out
