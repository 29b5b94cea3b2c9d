"""Confirm all that was shown: a bulk stroke that names what the editor saw, and reports what has changed since."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from annotations.review.actions.change_set import ChangeSet
from annotations.review.actions.choices import MAX_ID
from annotations.review.actions.decisions import DecisionResult, begin, digest, enter_review, once, record, with_names
from annotations.review.models import MAIN_LAYER, Span, State, Verb
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
    change_set = ChangeSet(article)
    confirmed, left_out = confirm_in(change_set, shown)
    if not confirmed:
        raise Conflict("all of the suggestions have changed since: reload the article", current=left_out)
    enter_review(review, user)
    decision = record(
        user, article, Verb.CONFIRM, change_set, client_key=client_key, request_sha256=request, left_out=left_out
    )
    return DecisionResult(decision, with_names(confirmed), left_out)


def confirm_in(change_set: ChangeSet, shown: Mapping[int, int]) -> tuple[list[Span], list[dict[str, Any]]]:
    """Confirm those of `shown` that stand as they were shown; those and what was left out, with the reasons."""
    ids = [pk for pk in shown if 0 < pk <= MAX_ID]
    change_set.read(Span.objects.filter(article=change_set.article, layer=MAIN_LAYER, pk__in=ids))
    confirmed, left_out = [], []
    for pk, revision in shown.items():
        span = change_set.spans.get(pk)
        if reason := changed_since(span, revision):
            left_out.append({"span": pk, "reason": reason})
        elif span is not None:
            confirmed.append(change_set.alter(span, Verb.CONFIRM, state=State.CONFIRMED))
    return confirmed, left_out


def changed_since(span: Span | None, revision: int) -> str | None:
    """Why a suggestion is not what was shown; None where it is."""
    if span is None:
        return "it is no longer suggested"
    if span.revision != revision:
        return f"it has changed: revision {span.revision}, {span.state}"
    return None if span.state == State.SUGGESTED else f"it is already {span.state}"
