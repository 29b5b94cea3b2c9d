"""Import of a record or a list of records by `POST /api/v1/articles/`."""

from functools import partial
from typing import Any, TypedDict, Unpack

from rest_framework.response import Response

from annotations.review.api.records import detail_json
from annotations.review.models import State
from annotations.review.queries.record import article_record
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.actions.deduplicate import AMBIGUOUS
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.api.imports import import_records, is_for_worker, report_response, report_status
from corpusapp.articles.models import Article, Corpus, ImportBatch, ImportProblem, Role
from corpusapp.articles.permissions import find_batch, get_article, require
from corpusapp.core.api.idempotency import create
from corpusapp.core.errors import Ambiguous, Conflict, Invalid
from corpusapp.intake.draft import Draft, Unfit, draft_from_body, drafts_from_body

_DEFAULT_STATES = [State.SUGGESTED.value, State.CONFIRMED.value]


class ImportOptions(TypedDict):
    add_labels: bool
    suggest: bool
    done: bool
    upsert: bool


def import_list(request: ApiRequest, corpus: Corpus, records: list[Any], **options: Unpack[ImportOptions]) -> Response:
    """Import a list, item by item: a refused item does not stop the others.

    A worker imports a long one. 202 if it takes longer than some seconds.
    """
    if not records:
        raise Invalid("the list is empty: send at least one article", field="articles")
    if is_for_worker(records):
        return import_records(request, corpus, records, wait=True, **options)

    def make() -> tuple[ImportBatch, int]:
        batch = import_articles(
            user=request.user, corpus=corpus, items=drafts_from_body(records), origin=ImportBatch.Origin.REST, **options
        )
        return batch, report_status(batch)

    return create(
        request, make=make, find=lambda pk: find_batch(request.user, pk), show=partial(report_response, request)
    )


def import_one(request: ApiRequest, corpus: Corpus, record: Any, **options: Unpack[ImportOptions]) -> Response:
    """Import an article: 201 if it is new, 200 if its text is known already, 202 if a worker imports it."""
    require(request.user, corpus, Role.MANAGER)
    try:
        draft = draft_from_body(record, item="article")
    except Unfit as unfit:
        raise Invalid(unfit.reason, field=unfit.field) from unfit
    if is_for_worker([record]):
        return import_records(request, corpus, [record], wait=False, **options)

    def show(article: Article, status: int) -> Response:
        return Response(detail_json(article_record(request.user, article.pk, _DEFAULT_STATES)), status=status)

    return create(
        request,
        make=lambda: _import_draft(request, corpus, draft, **options),
        find=lambda pk: get_article(request.user, pk),
        show=show,
    )


def _import_draft(
    request: ApiRequest, corpus: Corpus, draft: Draft, **options: Unpack[ImportOptions]
) -> tuple[Article, int]:
    """Import a draft; the new article with 201, or the one with the same text with 200."""
    batch = import_articles(user=request.user, corpus=corpus, items=[draft], origin=ImportBatch.Origin.REST, **options)
    if failed := batch.problems.filter(kind=ImportProblem.Kind.FAILED).first():
        kind = Ambiguous if failed.reason.startswith(AMBIGUOUS) else Invalid
        raise kind(failed.reason, field=failed.field)
    article = Article.objects.filter(batch=batch).first()
    if article is None:
        article = Article.objects.get(pk=batch.problems.exclude(article=None).values("article")[:1])
    if article.withdrawn_at is not None:
        raise Conflict(f"article {article.pk} has this text and is withdrawn: restore it instead", field="text")
    return article, 201 if batch.added else 200
