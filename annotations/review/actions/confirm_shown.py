"""Confirm all that was shown: a bulk decision that names what the editor saw, and reports what has changed since."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from annotations.review.actions.bulk import BulkDecision
from annotations.review.actions.change_set import ChangeSet
from annotations.review.actions.choices import Choice, Placed
from annotations.review.actions.decisions import DecisionResult, begin, digest, enter_review, once, record, with_names
from annotations.review.models import Span, Verb
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def confirm_shown(
    *, user: "User", article: Article, shown: Mapping[int, int], client_key: str | None = None
) -> DecisionResult:
    """Confirm the suggested spans of `shown` (revision by span id) that still stand as they were shown."""
    if not shown:
        raise Invalid("no suggestions given: there is nothing to confirm", field="shown")
    require(user, article.corpus, Role.EDITOR)
    request = digest("confirm shown", article.pk, sorted(shown.items()))
    return once(user, client_key, request, lambda: _confirm(user, article, shown, client_key, request))


def _confirm(
    user: "User", article: Article, shown: Mapping[int, int], client_key: str | None, request: bytes
) -> DecisionResult:
    review = begin(user, article)
    change_set, confirmed, left_out = confirm_in(article, shown)
    if not confirmed:
        raise Conflict("all of the suggestions have changed since: reload the article", current=left_out)
    enter_review(review, user)
    decision = record(
        user, article, Verb.CONFIRM, change_set, client_key=client_key, request_sha256=request, left_out=left_out
    )
    return DecisionResult(decision, with_names(confirmed), left_out)


def confirm_in(article: Article, shown: Mapping[int, int]) -> tuple[ChangeSet, list[Span], list[dict[str, Any]]]:
    """Confirm those of `shown` that are as they were shown, in a locked article: the changes, the spans, what was left
    out with the reasons.
    """
    bulk = BulkDecision({}, {}, suggestions_only=True)
    bulk.change_sets[article.pk] = change_set = ChangeSet(article)
    choices = [Placed(article.pk, Choice(Verb.CONFIRM, span, revision)) for span, revision in shown.items()]
    bulk.read(choices)
    confirmed = bulk.apply(choices, "shown")
    left_out = [{"span": entry["span"], "reason": entry["reason"]} for entry in bulk.left_out]
    return change_set, confirmed, left_out
