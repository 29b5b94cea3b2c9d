"""Confirm, reject, relabel, move and add: one stroke, applied all or none."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotations.review.actions.choices import Choice
from annotations.review.actions.idempotency import digest, once
from annotations.review.actions.stroke import Stroke, begin, enter_review, record, with_names
from annotations.review.actions.verbs import Application, labels_named, ledger_for, named_in
from annotations.review.models import Label, Verb
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_CHOICES = 5000


def decide(*, user: "User", article: Article, choices: Sequence[Choice], client_key: str | None = None) -> Stroke:
    """Apply `choices` to the article's spans as one decision.

    A repeated `client_key` returns the stroke that it made before. Refuses: `Invalid` (unsound request), `NotFound`,
    `NotAllowed`, `RevisionMissing`, `Stale` (a span changed since), `Conflict` (done article, identical span).
    """
    if not choices:
        raise Invalid("a stroke needs at least one decision", field="decisions")
    if len(choices) > MAX_CHOICES:
        raise Invalid(f"{len(choices)} decisions in one stroke: send at most {MAX_CHOICES}", field="decisions")
    for position, choice in enumerate(choices):
        choice.check(_field(choices, position))
    require(user, article.corpus, Role.EDITOR)
    request = digest("decide", article.pk, [choice.as_request() for choice in choices])
    return once(user, client_key, request, lambda: _decide(user, article, choices, client_key, request))


def _decide(
    user: "User", article: Article, choices: Sequence[Choice], client_key: str | None, request: bytes
) -> Stroke:
    review = begin(user, article)
    labels = _labels(article, choices)
    ledger = ledger_for(article, choices, labels)
    applications = [Application(ledger, labels, _field(choices, position)) for position in range(len(choices))]
    results = [application.apply(choice) for application, choice in zip(applications, choices, strict=True)]
    notices = [application.notice for application in applications if application.notice]
    enter_review(review, user)
    verbs = {choice.verb for choice in choices}
    verb = Verb(verbs.pop()) if len(verbs) == 1 else Verb.SEVERAL
    decision = record(user, article, verb, ledger, client_key=client_key, request_sha256=request, notices=notices)
    return Stroke(decision, with_names(results))


def _field(choices: Sequence[Choice], position: int) -> str:
    return f"decisions[{position}]"


def _labels(article: Article, choices: Sequence[Choice]) -> dict[str, Label]:
    """The labels that are named, by name; an unknown one is refused where it is named first."""
    wanted: dict[str, str] = {}
    for position, choice in enumerate(choices):
        for name, field in named_in(choice, _field(choices, position)):
            wanted.setdefault(name, field)
    return labels_named(article.corpus, wanted)
