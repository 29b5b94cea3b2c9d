"""Apply verbs to spans of many articles of a corpus as one decision.

The articles keep their stages: nobody has reviewed them as a whole.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from annotations.review.actions.bulk import BulkDecision
from annotations.review.actions.choices import MAX_ID, ArticleChoice
from annotations.review.actions.decide import MAX_CHOICES
from annotations.review.actions.decisions import DecisionResult, require_all, results_of, run_once
from annotations.review.actions.opening import label_fields, open_articles
from annotations.review.actions.recording import record_all
from annotations.review.models import Verb
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.articles.queries import newest_versions
from corpusapp.core.errors import Conflict, Invalid, TooMany
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def decide_many(
    *,
    user: "User",
    corpus: Corpus,
    choices: Sequence[ArticleChoice],
    all_or_none: bool = False,
    client_key: str | None = None,
) -> DecisionResult:
    """Apply `choices` as one decision with one undo.

    A choice that no longer applies (another revision, a taken range, a done or withdrawn article, an unknown external
    ID) or changes nothing is left out and reported; with `all_or_none`, nothing is done then (`LeftOut`). Refuses:
    `Invalid`, `RevisionMissing`, `NotFound`, `NotAllowed`, and `Conflict` if nothing is left to do. A repeated
    `client_key` returns the first decision.
    """
    _check(choices)
    require(user, corpus, Role.EDITOR)
    wanted = [item.as_request() for item in choices]
    request = digest("decide many", corpus.pk, wanted, *(["all or none"] if all_or_none else []))
    return run_once(user, client_key, request, lambda: _decide(user, corpus, choices, all_or_none, client_key, request))


def _check(choices: Sequence[ArticleChoice]) -> None:
    if not choices:
        raise Invalid("decisions is empty: send at least one", field="decisions")
    if len(choices) > MAX_CHOICES:
        raise TooMany(f"{len(choices)} verbs in one decision: the limit is {MAX_CHOICES}", field="decisions")
    seen = set()
    for position, item in enumerate(choices):
        choice, field = item.choice, _field(position)
        choice.check(field)
        key: Any = choice.span
        if choice.verb == Verb.ADD:
            key = (item.article, item.external_id, choice.start, choice.end, choice.label)
        elif choice.span is None:
            key = (item.article, item.external_id, choice.seen)
        if key in seen:
            raise Invalid("it is listed twice: send one verb for each span", field=field)
        seen.add(key)


def _decide(
    user: "User",
    corpus: Corpus,
    choices: Sequence[ArticleChoice],
    all_or_none: bool,
    client_key: str | None,
    request: bytes,
) -> DecisionResult:
    choices = _with_articles(corpus, choices)
    named = dict(pair for n, item in enumerate(choices) for pair in label_fields(item.choice, _field(n)))
    articles = [item.article for item in choices if 0 < item.article <= MAX_ID]
    opened = open_articles(corpus.pk, articles, ((item.article, item.choice) for item in choices), label_names=named)
    opened.check_labels(corpus, named)
    bulk = BulkDecision(opened)
    bulk.read_occupied(choices)
    results = bulk.apply(choices)
    if all_or_none:
        require_all(bulk.left_out, len(choices), field="decisions")
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
        notices=bulk.notices,
        spared_actions=bulk.spared_actions,
        entities=bulk.entities,
    )
    return DecisionResult(decision, results_of(results), bulk.left_out)


def _with_articles(corpus: Corpus, choices: Sequence[ArticleChoice]) -> Sequence[ArticleChoice]:
    """The choices with the articles that their external IDs name now."""
    names = {item.external_id for item in choices} - {""}
    if not names:
        return choices
    found = newest_versions(corpus, names)
    return [replace(item, article=found.get(item.external_id, 0)) if item.external_id else item for item in choices]


def _field(position: int) -> str:
    return f"decisions[{position}]"
