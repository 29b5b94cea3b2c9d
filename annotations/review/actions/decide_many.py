"""Apply verbs to spans of many articles of a corpus as one decision.

The articles keep their stages: nobody has reviewed them as a whole.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotations.review.actions.bulk import BulkDecision
from annotations.review.actions.choices import MAX_ID, ArticleChoice
from annotations.review.actions.decide import MAX_CHOICES
from annotations.review.actions.decisions import DecisionResult, results_of, run_once
from annotations.review.actions.opening import open_articles
from annotations.review.actions.recording import record_all
from annotations.review.models import Verb
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def decide_many(
    *, user: "User", corpus: Corpus, choices: Sequence[ArticleChoice], client_key: str | None = None
) -> DecisionResult:
    """Apply `choices` as one decision with one undo.

    A choice that no longer applies (another revision, a taken range, a done or withdrawn article) or changes nothing
    is left out and reported. Refuses: `Invalid`, `RevisionMissing`, `NotFound`, `NotAllowed`, and `Conflict` if
    nothing is left to do. A repeated `client_key` returns the first decision.
    """
    _check(choices)
    require(user, corpus, Role.EDITOR)
    request = digest("decide many", corpus.pk, [item.as_request() for item in choices])
    return run_once(user, client_key, request, lambda: _decide(user, corpus, choices, client_key, request))


def _check(choices: Sequence[ArticleChoice]) -> None:
    if not choices:
        raise Invalid("decisions is empty: send at least one", field="decisions")
    if len(choices) > MAX_CHOICES:
        raise Invalid(f"{len(choices)} verbs in one decision: the limit is {MAX_CHOICES}", field="decisions")
    seen = set()
    for position, item in enumerate(choices):
        choice, field = item.choice, _field(position)
        choice.check(field)
        key = (item.article, choice.start, choice.end, choice.label) if choice.verb == Verb.ADD else choice.span
        if key in seen:
            raise Invalid("it is listed twice: send one verb for each span", field=field)
        seen.add(key)


def _decide(
    user: "User", corpus: Corpus, choices: Sequence[ArticleChoice], client_key: str | None, request: bytes
) -> DecisionResult:
    named = {item.choice.label: f"{_field(n)}.label" for n, item in enumerate(choices) if item.choice.label}
    articles = [item.article for item in choices if 0 < item.article <= MAX_ID]
    opened = open_articles(corpus.pk, articles, ((item.article, item.choice) for item in choices), label_names=named)
    opened.check_labels(corpus, named)
    bulk = BulkDecision(opened)
    bulk.read_occupied(choices)
    results = bulk.apply(choices)
    if not results:
        raise Conflict(f"nothing was decided: {bulk.left_out[0]['reason']}", field="decisions", current=bulk.left_out)
    verbs = {item.choice.verb for item in choices}
    decision = record_all(
        user,
        corpus.pk,
        Verb(verbs.pop()) if len(verbs) == 1 else Verb.SEVERAL,
        list(bulk.change_sets.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=bulk.left_out,
        spared_actions=bulk.spared_actions,
    )
    return DecisionResult(decision, results_of(results), bulk.left_out)


def _field(position: int) -> str:
    return f"decisions[{position}]"
