"""Confirm the suggestions that an editor saw; those that changed since are left out and reported."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from annotations.review.actions.bulk import BulkDecision
from annotations.review.actions.choices import ArticleChoice, Choice
from annotations.review.actions.decisions import DecisionResult, results_of, run_once
from annotations.review.actions.opening import OpenArticles, open_articles, require_open
from annotations.review.actions.recording import record, to_start
from annotations.review.models import Span, Verb
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


NO_ENTITIES: Mapping[int, int] = MappingProxyType({})


def confirm_shown(
    *,
    user: "User",
    article: Article,
    shown: Mapping[int, int],
    entities: Mapping[int, int] = NO_ENTITIES,
    client_key: str | None = None,
) -> DecisionResult:
    """Confirm the suggestions of `shown` (revision by span id) that have not changed since.

    `entities` are those that were shown with spans, by span: they are confirmed too. Refuses an empty `shown`
    (`Invalid`) and one of which nothing is left to confirm (`Conflict`).
    """
    if not shown:
        raise Invalid("no suggestions given: there is nothing to confirm", field="shown")
    require(user, article.corpus, Role.EDITOR)
    request = digest("confirm shown", article.pk, sorted(shown.items()))
    return run_once(user, client_key, request, lambda: _confirm(user, article, shown, entities, client_key, request))


def _confirm(
    user: "User",
    article: Article,
    shown: Mapping[int, int],
    entities: Mapping[int, int],
    client_key: str | None,
    request: bytes,
) -> DecisionResult:
    opened = open_shown(article, shown)
    review = opened.review(article.pk)
    require_open(review)
    confirmed, left_out = confirm_spans(opened, article, shown)
    if not confirmed:
        raise Conflict("all of the suggestions have changed since: reload the article", current=left_out)
    decision = record(
        user,
        article,
        Verb.CONFIRM,
        opened.change_sets[article.pk],
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
        starts=to_start([review]),
        entities=[(span, entities[span.pk]) for span in confirmed if span.pk in entities],
    )
    return DecisionResult(decision, results_of(confirmed), left_out)


def open_shown(article: Article, shown: Mapping[int, int]) -> OpenArticles:
    """Lock the article, and read the spans of `shown`."""
    choices = ((article.pk, choice.choice) for choice in _choices(article, shown))
    return open_articles(article.corpus_id, [article.pk], choices, known=article)


def confirm_spans(
    opened: OpenArticles, article: Article, shown: Mapping[int, int]
) -> tuple[list[Span], list[dict[str, Any]]]:
    """Confirm those of `shown` that have not changed, in an opened article.

    Returns the confirmed spans, and those left out with their reasons.
    """
    bulk = BulkDecision(opened, suggestions_only=True)
    confirmed = bulk.apply(_choices(article, shown), "shown")
    return confirmed, [{name: entry[name] for name in ("item", "span", "reason")} for entry in bulk.left_out]


def _choices(article: Article, shown: Mapping[int, int]) -> list[ArticleChoice]:
    return [ArticleChoice(article.pk, Choice(Verb.CONFIRM, span, revision)) for span, revision in shown.items()]
