"""Runs and imports over REST: request suggestions, follow their progress, cancel."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from annotations.review.api.articles import read_article_filter
from annotations.suggestions.actions.cancel import cancel_run
from annotations.suggestions.actions.runs import carry_out, start_run, suggest_again
from annotations.suggestions.api.progress import FORMER_RUN
from annotations.suggestions.models import Run
from annotations.suggestions.queries.runs import (
    Progress,
    batch_notices,
    batch_progress,
    find_run,
    run_progress,
    run_reason,
)
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.actions.import_state import cancel_import
from corpusapp.articles.api.imports import FORMER_ID, ImportReport, import_report
from corpusapp.articles.models import Article, Corpus, ImportBatch
from corpusapp.articles.permissions import find_batch, get_corpus
from corpusapp.core.api.deprecation import former
from corpusapp.core.api.fields import NothingBody, StrictSerializer, Whole, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.jobs import JobSerializer, JobView, job_json
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems, query
from corpusapp.core.errors import Invalid, NotFound

_FORMER = {**FORMER_ID, "state": "job_state"}
_MAX_ARTICLES = 100_000
_FILTERS = ("q", "source", "stage", "label", "published_from", "published_to", "updated_since")


class SuggestBody(StrictSerializer):
    """IDs of articles of the corpus. Default: all that match the parameters."""

    articles = serializers.ListField(child=Whole(), required=False, max_length=_MAX_ARTICLES)


class RunChangesSerializer(serializers.Serializer):
    articles = serializers.IntegerField(help_text="Articles whose suggestions changed.")
    added = serializers.IntegerField()
    removed = serializers.IntegerField(help_text="A changed label or range counts as one added and one removed.")


class RunFailureSerializer(serializers.Serializer):
    article = serializers.IntegerField()
    reason = serializers.CharField()


class RunProgressSerializer(serializers.Serializer):
    total = serializers.IntegerField(help_text="Articles to process.")
    done = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()
    pending = serializers.IntegerField()
    percent = serializers.IntegerField()
    failures = RunFailureSerializer(many=True, help_text="The first ten.")


class RunNoticeSerializer(serializers.Serializer):
    text = serializers.CharField(help_text="What failed, and why.")
    count = serializers.IntegerField()
    of = serializers.ChoiceField(choices=["articles", "proposals"], help_text="What `count` counts.")


@extend_schema_serializer(deprecate_fields=["run"])
class RunSerializer(JobSerializer):
    id = serializers.IntegerField()
    run = serializers.IntegerField(help_text=former("id"))
    corpus = serializers.CharField()
    reason = serializers.CharField(help_text="Why it failed or was cancelled.")
    dry_run = serializers.BooleanField(help_text="Whether it only counts changes.")
    changes = RunChangesSerializer()
    suggestions = RunProgressSerializer()
    unknown_labels = serializers.DictField(
        child=serializers.IntegerField(), help_text="Number of proposals with unknown labels, by label."
    )
    notices = RunNoticeSerializer(many=True, help_text="Failures of the extra service, each listed once.")


@extend_schema_serializer(deprecate_fields=["batch", "state"])
class ImportDetailSerializer(ImportReport):
    corpus = serializers.CharField()
    origin = serializers.ChoiceField(choices=ImportBatch.Origin.choices)
    user = serializers.CharField()
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    state = serializers.ChoiceField(choices=["waiting", "reading", "finished"], help_text=former("job_state"))
    reason = serializers.CharField(help_text="Why it ended early.")
    percent = serializers.IntegerField(help_text="Percent of the bytes read, 0 to 100.")
    items = serializers.IntegerField(help_text="Items read so far.")
    read_bytes = serializers.IntegerField()
    total_bytes = serializers.IntegerField()
    files = serializers.ListField(child=serializers.CharField(), help_text="Names of the uploaded files.")
    suggestions = RunProgressSerializer()
    notices = RunNoticeSerializer(many=True, help_text="Failures of the extra service, each listed once.")


def progress_json(progress: Progress) -> dict[str, Any]:
    return {
        "total": progress.total,
        "done": progress.done,
        "failed": progress.failed,
        "cancelled": progress.cancelled,
        "pending": progress.pending,
        "percent": progress.percent,
        "failures": [{"article": article, "reason": reason} for article, reason in progress.failures],
    }


@extend_schema(tags=["imports"])
class BatchDetail(JobView):
    deprecated = _FORMER

    @extend_schema(operation_id="batches_retrieve", responses={200: ImportDetailSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Get an import: its progress, what was imported, what failed, and the progress of its suggestions.

        Ask again until the job has ended. `batches/{id}/problems/` has all messages.
        """
        Parameters(request)
        return Response(_batch_json(find_batch(request.user, pk)))


@extend_schema(tags=["imports"])
class BatchCancel(JobView):
    deprecated = _FORMER

    @extend_schema(
        operation_id="batches_cancel", request=NothingBody, responses={200: ImportDetailSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Cancel a waiting or running import.

        Articles already imported stay. 409 if it has ended. For managers.
        """
        Parameters(request)
        batch = find_batch(request.user, pk)
        read(NothingBody, request.data)
        return Response(_batch_json(cancel_import(user=request.user, batch=batch)))


def _batch_json(batch: ImportBatch) -> dict[str, Any]:
    about = {
        "corpus": batch.corpus.slug,
        "origin": batch.origin,
        "user": batch.user.username,
        "started_at": batch.started_at,
        "finished_at": batch.finished_at,
        "state": batch.former_state,
        "reason": batch.reason,
        "percent": batch.percent,
        "items": batch.items,
        "read_bytes": batch.read_bytes,
        "total_bytes": batch.total_bytes,
        "files": batch.files,
    }
    suggests = batch.options.get("suggest", True)
    progress = {
        "suggestions": progress_json(batch_progress(batch.pk) if suggests else Progress(total=0, done=0, failed=0)),
        "notices": batch_notices(batch.pk) if suggests else [],
    }
    return {**import_report(batch), **about, **progress}


@extend_schema(tags=["suggestions"])
class CorpusSuggest(JobView):
    deprecated = FORMER_RUN

    @extend_schema(
        operation_id="corpora_suggest",
        parameters=[
            *(query(name, "As in the list of articles. For managers.") for name in _FILTERS),
            query("dry_run", "1: only count what would change. For managers.", OpenApiTypes.BOOL),
            *ONCE,
        ],
        request=SuggestBody,
        responses={202: RunSerializer, **problems(*WRITE, 410)},
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Create suggestions again.

        For editors. Decided spans and done articles do not change. `dry_run=1` only counts what would be added and
        removed; `POST runs/{id}/carry-out/` then does it.
        """
        parameters = Parameters(request, *_FILTERS, "dry_run")
        corpus = get_corpus(request.user, slug)
        named = read(SuggestBody, request.data).get("articles")
        given = {name: parameters.text(name) for name in _FILTERS if parameters.text(name)}
        dry = parameters.flag("dry_run", False)
        if named is not None and (given or dry):
            raise Invalid("use either articles or filter parameters, not both", field="articles")
        if given or dry:
            found = read_article_filter(parameters, request.user)
            return _started(
                request,
                lambda: suggest_again(
                    user=request.user, corpus=corpus, article_filter=found, form_values=given, dry=dry
                ),
            )
        return _started(request, lambda: _run_on(request, corpus, named))


@extend_schema(tags=["suggestions"])
class RunDetail(JobView):
    deprecated = FORMER_RUN

    @extend_schema(operation_id="runs_retrieve", responses={200: RunSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Get a run and its progress.

        Ask again until the job has ended.
        """
        Parameters(request)
        return Response(_run_json(request, pk))


@extend_schema(tags=["suggestions"])
class RunCarryOut(JobView):
    deprecated = FORMER_RUN

    @extend_schema(
        operation_id="runs_carry_out",
        parameters=ONCE,
        request=NothingBody,
        responses={202: RunSerializer, **problems(*WRITE, 410)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Carry out a dry run, as a new run on the same articles.

        409 if the run was not dry. For managers.
        """
        Parameters(request)
        found = find_run(request.user, pk)
        read(NothingBody, request.data)
        return _started(request, lambda: carry_out(user=request.user, run=found))


@extend_schema(tags=["suggestions"])
class RunCancel(JobView):
    deprecated = FORMER_RUN

    @extend_schema(operation_id="runs_cancel", request=NothingBody, responses={200: RunSerializer, **problems(*WRITE)})
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Cancel a run.

        Suggestions already stored stay. 409 if it has ended. For managers.
        """
        Parameters(request)
        found = find_run(request.user, pk)
        read(NothingBody, request.data)
        cancel_run(user=request.user, run=found)
        return Response(_run_json(request, pk))


def _run_on(request: ApiRequest, corpus: Corpus, named: list[int] | None) -> Run:
    """Start a run on the articles with these ids, or on all."""
    visible = Article.objects.filter(corpus=corpus, withdrawn_at=None)
    ids = list(visible.values_list("pk", flat=True) if named is None else visible.in_bulk(named))
    if missing := set(named or ()) - set(ids):
        raise NotFound(f"the corpus has no article {min(missing)}", field="articles")
    run = start_run(user=request.user, corpus=corpus, article_ids=ids)
    if run is None:
        raise Invalid("there are no articles to make suggestions for", field="articles")
    return run


def _started(request: ApiRequest, start: Callable[[], Run]) -> Response:
    """A 202 response with the run that `start` creates, once per idempotency key."""

    def show(run: Run, status: int) -> Response:
        address = request.build_absolute_uri(f"/api/v1/runs/{run.pk}/")
        return Response(_run_json(request, run.pk), status=status, headers={"Location": address})

    return create(
        request,
        make=lambda: (start(), 202),
        find=lambda pk: find_run(request.user, pk),
        show=show,
    )


def _run_json(request: ApiRequest, pk: int) -> dict[str, Any]:
    run = find_run(request.user, pk)
    progress = run_progress(run.pk)
    return {
        "id": run.pk,
        "run": run.pk,
        "corpus": run.corpus.slug,
        **job_json(progress.state),
        "reason": run_reason(run, progress),
        "dry_run": run.dry,
        "changes": {name: run.changes.get(name, 0) for name in ("articles", "added", "removed")},
        "suggestions": progress_json(progress),
        "unknown_labels": run.unknown_labels,
        "notices": run.notices,
    }
