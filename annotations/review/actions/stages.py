"""Finish and reopen articles, one or many in one decision."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from annotations.review.actions.confirm_shown import NO_ENTITIES, confirm_spans, open_shown
from annotations.review.actions.decisions import (
    DecisionResult,
    lock_review,
    lock_reviews,
    no_article_named,
    require_all,
    results_of,
    run_once,
)
from annotations.review.actions.recording import notify_moved, record, record_all
from annotations.review.models import Decision, Review, Span, Stage, Verb
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.articles.queries import newest_versions
from corpusapp.core.errors import Conflict, Invalid, TooMany
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_ARTICLES = 1000
_NO_ARTICLE = "there is no such article in this corpus: it may be withdrawn"


@dataclass(frozen=True)
class NamedArticles:
    """Articles of a corpus as a request names them, by ids or by external IDs, each once.

    An external ID names the newest version.
    """

    ids: Sequence[int] = ()
    external_ids: Sequence[str] = ()

    def check(self) -> None:
        """Refuse none, too many, and both kinds of names."""
        if self.ids and self.external_ids:
            raise Invalid("name the articles by articles or by external_ids, not by both", field="external_ids")
        check_articles(self.ids or self.external_ids, self.field)

    @property
    def field(self) -> str:
        return "external_ids" if self.external_ids else "articles"

    def as_request(self) -> Any:
        """The values that a request with the same idempotency key must repeat."""
        if self.external_ids:
            return {"external_ids": list(dict.fromkeys(self.external_ids))}
        return list(dict.fromkeys(self.ids))

    def find(self, corpus: Corpus) -> list[dict[str, Any]]:
        """For each name its position, `item`, and its `article`: None if no article has this external ID."""
        found: dict[Any, dict[str, Any]] = {}
        if not self.external_ids:
            for item, pk in enumerate(self.ids):
                found.setdefault(pk, {"item": item, "article": pk})
            return list(found.values())
        newest = newest_versions(corpus, self.external_ids)
        for item, name in enumerate(self.external_ids):
            found.setdefault(name, {"item": item, "article": newest.get(name), "external_id": name})
        return list(found.values())


def finish(
    *,
    user: "User",
    article: Article,
    shown: Mapping[int, int] | None = None,
    entities: Mapping[int, int] = NO_ENTITIES,
    client_key: str | None = None,
) -> DecisionResult:
    """Mark the article done and confirm the suggestions of `shown` (revision by span id), as one decision.

    `entities` are those that were shown with spans of the article, by span: they are confirmed too.

    Suggestions that changed since are left unchanged and reported; the article is done all the same. Refuses an article
    that is already done. A repeated `client_key` returns the first decision, even if `shown` differs, so that a key
    pressed twice finishes once.
    """
    require(user, article.corpus, Role.EDITOR)
    request = digest("finish", article.pk)
    return run_once(
        user, client_key, request, lambda: _finish(user, article, shown or {}, entities, client_key, request)
    )


def _finish(
    user: "User",
    article: Article,
    shown: Mapping[int, int],
    entities: Mapping[int, int],
    client_key: str | None,
    request: bytes,
) -> DecisionResult:
    opened = open_shown(article, shown)
    review = opened.review(article.pk)
    if review.stage == Stage.DONE:
        raise Conflict(f"article {article.pk} is already done")
    confirmed, left_out = confirm_spans(opened, article, shown)
    decision = record(
        user,
        article,
        Verb.FINISH,
        opened.change_sets[article.pk],
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
        finishes=[review],
        # Also those of spans that were confirmed before; a subscriber knows which are of this article.
        entities=[(Span(pk=span), entity) for span, entity in entities.items()],
    )
    return DecisionResult(decision, results_of(confirmed), left_out)


def finish_many(
    *,
    user: "User",
    corpus: Corpus,
    article_ids: Sequence[int] = (),
    external_ids: Sequence[str] = (),
    all_or_none: bool = False,
    client_key: str | None = None,
) -> DecisionResult:
    """Mark articles done as one decision with one undo. Their suggestions stay undecided.

    Articles that are done, withdrawn or in another corpus are left out and reported; with `all_or_none`, nothing is
    done then (`LeftOut`). Refuses: `Invalid` (none or too many), `NotAllowed`, and `Conflict` if nothing is left to do.
    A repeated `client_key` returns the first decision.
    """
    named = NamedArticles(article_ids, external_ids)
    named.check()
    require(user, corpus, Role.EDITOR)
    request = digest("finish many", corpus.pk, named.as_request(), *(["all or none"] if all_or_none else []))
    return run_once(
        user, client_key, request, lambda: _finish_many(user, corpus, named, all_or_none, client_key, request)
    )


def check_articles(given: Sequence[Any], field: str = "articles") -> list[Any]:
    """The ids or external IDs, each once. Refuses none and too many."""
    names = list(dict.fromkeys(given))
    if not names:
        raise Invalid("no articles given: choose at least one", field=field)
    if len(names) > MAX_ARTICLES:
        raise TooMany(f"{len(names)} articles in one decision: the limit is {MAX_ARTICLES}", field=field)
    return names


def _finish_many(
    user: "User", corpus: Corpus, named: NamedArticles, all_or_none: bool, client_key: str | None, request: bytes
) -> DecisionResult:
    reviews, left_out = _lock_named(corpus, named, _obstacle, all_or_none)
    finished = [reviews[pk] for pk in sorted(reviews)]
    if not finished:
        raise Conflict(f"nothing was finished: {left_out[0]['reason']}", field=named.field, current=left_out)
    decision = record_all(
        user,
        corpus.pk,
        Verb.FINISH,
        [],
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
        finishes=finished,
    )
    return DecisionResult(decision, left_out=left_out)


def _lock_named(
    corpus: Corpus, named: NamedArticles, obstacle: Callable[[Review], str | None], all_or_none: bool
) -> tuple[dict[int, Review], list[dict[str, Any]]]:
    """The locked reviews of the articles that have no `obstacle`, and the other articles with the reasons.

    With `all_or_none`, refuses if there are others.
    """
    entries = named.find(corpus)
    reviews = lock_reviews(corpus.pk, [entry["article"] for entry in entries if entry["article"]])
    left_out = []
    for entry in entries:
        review = reviews.get(entry["article"])
        unknown = no_article_named(entry["external_id"]) if entry["article"] is None else _NO_ARTICLE
        if reason := unknown if review is None else obstacle(review):
            left_out.append({**entry, "reason": reason})
            reviews.pop(entry["article"], None)
    if all_or_none:
        require_all(left_out, len(entries), field=named.field)
    return reviews, left_out


def _obstacle(review: Review) -> str | None:
    """Why an article cannot be finished, or None."""
    return "it is already done" if review.stage == Stage.DONE else None


def _not_done(review: Review) -> str | None:
    """Why an article cannot be reopened, or None."""
    return None if review.stage == Stage.DONE else "it is not done"


@transaction.atomic
def reopen(*, user: "User", article: Article) -> None:
    """Reopen a done article."""
    require(user, article.corpus, Role.EDITOR)
    review = lock_review(article)
    if review.stage != Stage.DONE:
        raise Conflict(f"article {article.pk} is not done: there is nothing to reopen")
    Decision.objects.create(corpus_id=review.corpus_id, article_id=review.article_id, user=user, verb=Verb.REOPEN)
    _reopen([review], user)


@dataclass(frozen=True)
class ReopenResult:
    """The articles that were reopened, and those that were left out, with reasons."""

    articles: Sequence[int]
    left_out: Sequence[dict[str, Any]] = ()
    repeated: bool = False


def reopen_many(
    *,
    user: "User",
    corpus: Corpus,
    article_ids: Sequence[int] = (),
    external_ids: Sequence[str] = (),
    all_or_none: bool = False,
    client_key: str | None = None,
) -> ReopenResult:
    """Reopen done articles; others are left out. To undo it, finish them again.

    With `all_or_none`, nothing is done if there are others (`LeftOut`). Refuses: `Invalid` (none or too many),
    `NotAllowed`, and `Conflict` if none of them is done. A repeated `client_key` returns the first result.
    """
    named = NamedArticles(article_ids, external_ids)
    named.check()
    require(user, corpus, Role.EDITOR)
    request = digest("reopen many", corpus.pk, named.as_request(), all_or_none)
    result = run_once(
        user, client_key, request, lambda: _reopen_many(user, corpus, named, all_or_none, client_key, request)
    )
    made = Decision.objects.filter(user=user, corpus=corpus, verb=Verb.REOPEN, created_at=result.decision.created_at)
    return ReopenResult(sorted(made.values_list("article", flat=True)), result.left_out, result.repeated)


def _reopen_many(
    user: "User", corpus: Corpus, named: NamedArticles, all_or_none: bool, client_key: str | None, request: bytes
) -> DecisionResult:
    """The first of the decisions, one for each article, that are made at one moment. It has the key for all."""
    done, left_out = _lock_named(corpus, named, _not_done, all_or_none)
    if not done:
        raise Conflict(f"nothing was reopened: {left_out[0]['reason']}", field=named.field, current=left_out)
    now = timezone.now()
    first, *others = (
        Decision(corpus_id=corpus.pk, article_id=pk, user=user, verb=Verb.REOPEN, created_at=now) for pk in sorted(done)
    )
    first.client_key, first.request_sha256, first.left_out = client_key, request, left_out
    Decision.objects.bulk_create([first, *others])
    _reopen(list(done.values()), user)
    return DecisionResult(first, left_out=left_out)


def reopen_finished(user: "User", finish: Decision, reviews: Iterable[Review]) -> list[int]:
    """Reopen those of the locked `reviews` that `finish` marked done and nobody changed since; their articles."""
    changed = _stage_changed_since(finish)
    reopened = [
        review
        for review in reviews
        if review.article_id in finish.finished and review.stage == Stage.DONE and review.article_id not in changed
    ]
    if reopened:
        _reopen(reopened, user)
    return [review.article_id for review in reopened]


def finishable_again(undone: Decision, reviews: Iterable[Review]) -> list[Review]:
    """Those of the locked `reviews` that `undone` reopened and nobody finished or reopened since."""
    changed = _stage_changed_since(undone)
    return [review for review in reviews if review.stage == Stage.IN_REVIEW and review.article_id not in changed]


def _stage_changed_since(decision: Decision) -> set[int | None]:
    """The articles that were finished or reopened after a decision."""
    since = Decision.objects.filter(corpus=decision.corpus_id, verb__in=[Verb.FINISH, Verb.REOPEN], pk__gt=decision.pk)
    return {pk for article, finished in since.values_list("article", "finished") for pk in (article, *finished)}


def _reopen(reviews: Sequence[Review], user: "User") -> None:
    """Put locked reviews of one corpus back in review."""
    Review.objects.filter(pk__in=[review.pk for review in reviews]).update(
        stage=Stage.IN_REVIEW, done_at=None, done_by=None
    )
    notify_moved(reviews, Stage.IN_REVIEW, user)
