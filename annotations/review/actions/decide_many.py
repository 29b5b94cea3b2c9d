"""Verbs on spans of many articles of a corpus, as they were shown, in one decision.

Nobody has looked at the articles as a whole: they keep their stages.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotations.review.actions.bulk import BulkDecision
from annotations.review.actions.choices import MAX_ID, Placed
from annotations.review.actions.decide import MAX_CHOICES, labels_named
from annotations.review.actions.decisions import DecisionResult, digest, locked_reviews, once, record_all, with_names
from annotations.review.models import Verb
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def decide_many(
    *, user: "User", corpus: Corpus, choices: Sequence[Placed], client_key: str | None = None
) -> DecisionResult:
    """Apply `choices` as one decision that one undo takes back.

    What is not as it was shown (another revision, a place that is taken, a done or withdrawn article) or has what it
    asks for already is left out and reported. Refuses: `Invalid` (unsound request), `RevisionMissing`, `NotFound`,
    `NotAllowed`, and `Conflict` where nothing is left to be done. A repeated `client_key` returns its first decision.
    """
    _check(choices)
    require(user, corpus, Role.EDITOR)
    request = digest("decide many", corpus.pk, [placed.as_request() for placed in choices])
    return once(user, client_key, request, lambda: _decide(user, corpus, choices, client_key, request))


def _check(choices: Sequence[Placed]) -> None:
    if not choices:
        raise Invalid("decisions is empty: send at least one", field="decisions")
    if len(choices) > MAX_CHOICES:
        raise Invalid(f"{len(choices)} verbs in one decision: the limit is {MAX_CHOICES}", field="decisions")
    seen = set()
    for position, placed in enumerate(choices):
        choice, field = placed.choice, _field(position)
        choice.check(field)
        key = (placed.article, choice.start, choice.end, choice.label) if choice.verb == Verb.ADD else choice.span
        if key in seen:
            raise Invalid("it is listed twice: send one verb for each span", field=field)
        seen.add(key)


def _decide(
    user: "User", corpus: Corpus, choices: Sequence[Placed], client_key: str | None, request: bytes
) -> DecisionResult:
    named = {placed.choice.label: f"{_field(n)}.label" for n, placed in enumerate(choices) if placed.choice.label}
    labels = labels_named(corpus, named)
    reviews = locked_reviews(corpus.pk, {placed.article for placed in choices if 0 < placed.article <= MAX_ID})
    bulk = BulkDecision(labels, reviews)
    bulk.read(choices)
    results = bulk.apply(choices)
    if not results:
        raise Conflict(f"nothing was decided: {bulk.left_out[0]['reason']}", field="decisions", current=bulk.left_out)
    verbs = {placed.choice.verb for placed in choices}
    decision = record_all(
        user,
        corpus.pk,
        Verb(verbs.pop()) if len(verbs) == 1 else Verb.SEVERAL,
        list(bulk.change_sets.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=bulk.left_out,
    )
    return DecisionResult(decision, with_names(results), bulk.left_out)


def _field(position: int) -> str:
    return f"decisions[{position}]"
