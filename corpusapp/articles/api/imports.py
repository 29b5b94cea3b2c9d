"""REST API of imports: upload files or records, list imports and problems, retry failed items."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from io import BytesIO
from typing import Any

import orjson
from django.conf import settings
from django.db.models import F, Q
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.actions.import_state import wait_until_done
from corpusapp.articles.actions.retry import retry_problem
from corpusapp.articles.actions.uploads import kept_files, receive_upload
from corpusapp.articles.models import Corpus, ImportBatch, ImportProblem
from corpusapp.articles.permissions import find_batch, find_problem, get_corpus
from corpusapp.articles.queries import batches_page, duplicates, failed_items, notes, sources_page
from corpusapp.core import keyset
from corpusapp.core.api.deprecation import former
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.idempotency import HashedFile, create
from corpusapp.core.api.jobs import JobSerializer, JobView, job_json
from corpusapp.core.api.pagination import ListPage, list_response, page_response, size_of
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.problem_details import TooLarge, problem
from corpusapp.core.api.schema import CURSOR, READ, Problem, problems, query
from corpusapp.core.api.wire import LINES, MULTIPART, OCTETS, Body, media_type_of
from corpusapp.core.errors import Invalid
from corpusapp.intake.columns import mapping_of
from corpusapp.intake.complete import is_small

SHOWN = 1000


class ImportNote(serializers.Serializer):
    item = serializers.CharField(help_text="The article: `articles[3]`, counted from 0, or a file name.")
    line = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()


class ImportProblemSerializer(ImportNote):
    id = serializers.IntegerField()
    field = serializers.CharField(
        help_text="Field of the record, such as `spans[0].label`; empty if no field is wrong."
    )
    retryable = serializers.BooleanField(help_text="Whether `problems/{id}/retry/` can read it again.")


class Repeat(serializers.Serializer):
    item = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    duplicate_of = serializers.IntegerField(allow_null=True, help_text="The existing article; null if it is erased.")


# The former name of the id of an import.
FORMER_ID = {"batch": "id"}


@extend_schema_serializer(deprecate_fields=["batch"])
class ImportReport(JobSerializer):
    id = serializers.IntegerField()
    batch = serializers.IntegerField(help_text=former("id"))
    added = serializers.IntegerField(help_text="New articles, including new versions.")
    duplicates = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="New versions of existing articles.")
    updated = serializers.IntegerField(help_text="Known articles whose metadata was replaced; with `upsert`.")
    failed = serializers.IntegerField()
    problems = ImportProblemSerializer(
        many=True, help_text="Items that failed and were not imported since; the first 1,000."
    )
    repeats = Repeat(many=True, help_text="Duplicates, each with its article; the first 1,000.")
    notes = ImportNote(many=True, help_text="What was changed in imported items; the first 1,000.")


@extend_schema_serializer(deprecate_fields=["batch"])
class ImportRefusal(Problem):
    """The problem document of a request that is not valid, with the report if it is of a list that all failed."""

    def get_fields(self) -> dict[str, serializers.Field]:
        report = ImportReport().get_fields()
        for field in report.values():
            field.required = False
        return super().get_fields() | report


def import_report(batch: ImportBatch) -> dict[str, Any]:
    """The report of an import, up to its current state."""
    # Clients ask for it many times a second while an import runs: nothing is looked for that the counts exclude.
    repeats = duplicates(batch).values("item", "line", duplicate_of=F("article_id")) if batch.duplicates else ()
    return {
        **_job_json(batch),
        "added": batch.added,
        "duplicates": batch.duplicates,
        "changed": batch.changed,
        "updated": batch.updated,
        "failed": batch.failed,
        "problems": list(_problems(batch)) if batch.failed else [],
        "repeats": list(repeats[:SHOWN]),
        "notes": list(notes(batch).values("item", "line", "reason")[:SHOWN]),
    }


def _job_json(batch: ImportBatch) -> dict[str, Any]:
    return {"id": batch.pk, "batch": batch.pk, **job_json(batch.state)}


def report_response(request: ApiRequest, batch: ImportBatch, status: int) -> Response:
    """The report of an import that has ended, as a problem if nothing was imported."""
    report = import_report(batch)
    if status < 400:
        return Response(report, status=status)
    detail = f"none of the {batch.failed} articles could be taken: problems says why"
    return problem(request, "invalid", detail, **report)


def report_status(batch: ImportBatch) -> int:
    """201 if the import added an article, 200 if all are known, 400 if all failed."""
    nothing = batch.failed and not batch.added and not batch.duplicates and not batch.updated
    return 400 if nothing else 201 if batch.added else 200


def problem_json(problem: ImportProblem, *, retryable: bool) -> dict[str, Any]:
    return {
        "id": problem.pk,
        "item": problem.item,
        "line": problem.line,
        "field": problem.field,
        "reason": problem.reason,
        "retryable": retryable,
    }


def _problems(batch: ImportBatch) -> Iterator[dict[str, Any]]:
    failed = list(failed_items(batch)[:SHOWN])
    files = bool(failed and kept_files(batch))
    for row in failed:
        yield problem_json(row, retryable=files or row.kept)


# Form fields that browsers send in addition to the files.
_OF_THE_FORM = {"csrfmiddlewaretoken"}


@extend_schema_serializer(deprecate_fields=["batch"])
class ImportUploadSerializer(JobSerializer):
    id = serializers.IntegerField()
    batch = serializers.IntegerField(help_text=former("id"))
    url = serializers.URLField(help_text="URL of the import and its progress; also in `Location`.")


def is_for_worker(records: Sequence[Any]) -> bool:
    """Whether the texts of a body are too many, or too long, for a web request."""
    return not is_small(str(record.get("text", "")) if isinstance(record, Mapping) else "" for record in records)


def is_upload(request: ApiRequest) -> bool:
    """Whether the body is files or lines, which are stored and read by a worker."""
    return media_type_of(request) in (LINES, OCTETS, MULTIPART)


def import_upload(
    request: ApiRequest, corpus: Corpus, *, source: str, columns: str, project: str, encoding: str, **options: bool
) -> Response:
    """Store the upload and queue its import; responds 202 with the batch."""
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > settings.IMPORT_MAX_UPLOAD_BYTES:
        raise TooLarge(
            f"the body has {length} bytes: the limit is {settings.IMPORT_MAX_UPLOAD_BYTES}, send it in parts"
        )
    named: dict[str, Any] = {"source": source, "columns": _columns(columns), "project": project, "encoding": encoding}
    files = [HashedFile(request, name, file) for name, file in _files(request)]
    return _received(request, corpus, files, files, **named, **options)


def import_records(
    request: ApiRequest, corpus: Corpus, records: Sequence[Any], *, wait: bool, **options: bool
) -> Response:
    """Like `import_upload`, for the records of a JSON body.

    With `wait`, responds with the report if the worker imports them within some seconds.
    """
    kept = BytesIO(_json(records))
    kept.name = "articles.json"
    return _received(request, corpus, [kept], None, wait=wait, records=True, **options)


def _json(records: Sequence[Any]) -> bytes:
    """The records in JSON. orjson takes a tenth of the time, in which no other request is answered."""
    try:
        return orjson.dumps(records)
    except TypeError:  # lone surrogates, and integers of more than 64 bits
        return json.dumps(records).encode()


def _received(
    request: ApiRequest,
    corpus: Corpus,
    files: Sequence[Any],
    streamed: list[HashedFile] | None,
    *,
    wait: bool = False,
    **options: Any,
) -> Response:
    """Create the batch and respond; `streamed` are the files of the body, None for JSON."""

    def make() -> tuple[ImportBatch, int]:
        named = [(file.name, file) for file in files]
        origin = ImportBatch.Origin.REST
        return receive_upload(user=request.user, corpus=corpus, files=named, origin=origin, **options), 202

    def show(batch: ImportBatch, status: int) -> Response:
        if wait and wait_until_done(batch):
            return report_response(request, batch, report_status(batch))
        url = request.build_absolute_uri(f"/api/v1/batches/{batch.pk}/")
        return Response({**_job_json(batch), "url": url}, status=status, headers={"Location": url})

    return create(request, make=make, find=lambda pk: find_batch(request.user, pk), show=show, files=streamed)


def _files(request: ApiRequest) -> list[tuple[str, Any]]:
    if media_type_of(request) != MULTIPART:
        if not isinstance(request.data, Body):
            raise Invalid("the body is empty: send one article per line")
        return [("articles.jsonl", request.data)]
    files = [(file.name or name, file) for name, listed in request.FILES.lists() for file in listed]
    if unknown := set(request.data) - set(request.FILES) - _OF_THE_FORM:
        name = min(unknown)[:60]
        raise Invalid(f"{name!r} is not a file: send options such as corpus as query parameters", field=name)
    return files


def _columns(pairs: str) -> Mapping[str, str]:
    """{theirs: ours} from `Headline=title,Body=text`."""
    try:
        return mapping_of(filter(None, pairs.split(",")))
    except ValueError as error:
        raise Invalid(f"columns: {error}", field="columns") from error


Kind = ImportProblem.Kind


class ImportProblemRowSerializer(ImportProblemSerializer):
    kind = serializers.ChoiceField(choices=Kind.values)
    duplicate_of = serializers.IntegerField(allow_null=True, help_text="The existing article.")
    came_in = serializers.BooleanField(help_text="Whether a retry imported it.")


class ProblemPage(ListPage):
    results = ImportProblemRowSerializer(many=True)


class ImportRetrySerializer(ImportProblemSerializer):
    came_in = serializers.BooleanField(help_text="False if it failed again; `reason` says why.")


@extend_schema(tags=["imports"])
class BatchProblems(APIView):
    @extend_schema(
        operation_id="batches_problems",
        parameters=[query("kind", "Only this kind.", enum=Kind.values), *CURSOR],
        responses={200: ProblemPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the messages of an import in item order.

        Failures, duplicates, and notes on what was changed; `kind` selects one of them.
        """
        parameters = Parameters(request, "kind", "cursor", "limit")
        batch = find_batch(request.user, pk)
        rows = ImportProblem.objects.filter(batch=batch).order_by("pk").defer("data")
        if parameters.text("kind"):
            rows = rows.filter(kind=parameters.choice("kind", Kind.values, ""))
        if cursor := parameters.text("cursor"):
            (last,) = keyset.decode(cursor, int)
            rows = rows.filter(pk__gt=last)
        size, files = size_of(parameters), bool(kept_files(batch))
        found = list(rows.annotate(kept=Q(data__isnull=False))[: size + 1])
        following = keyset.encode(found[size - 1].pk) if len(found) > size else None
        return page_response(request, [_problem_json(row, files) for row in found[:size]], following)


@extend_schema(tags=["imports"])
class ProblemRetry(APIView):
    @extend_schema(
        operation_id="problems_retry",
        request=NothingBody,
        responses={200: ImportRetrySerializer, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Retry a failed item of an import.

        After fixing the cause, such as a missing label or a limit. For managers.
        """
        Parameters(request)
        problem = find_problem(request.user, pk)
        read(NothingBody, request.data)
        came_in = retry_problem(user=request.user, problem=problem)
        problem.refresh_from_db(fields=["reason", "field"])
        return Response({**problem_json(problem, retryable=not came_in), "came_in": came_in})


def _problem_json(problem: Any, files: bool) -> dict[str, Any]:
    open_failure = problem.kind == Kind.FAILED and problem.retried_at is None
    return {
        **problem_json(problem, retryable=open_failure and (files or problem.kept)),
        "kind": problem.kind,
        "duplicate_of": problem.article_id,
        "came_in": problem.retried_at is not None,
    }


_COUNTED = ("added", "duplicates", "changed", "updated", "failed")


@extend_schema_serializer(deprecate_fields=["batch", "state"])
class ImportRowSerializer(JobSerializer):
    id = serializers.IntegerField()
    batch = serializers.IntegerField(help_text=former("id"))
    origin = serializers.ChoiceField(choices=ImportBatch.Origin.choices)
    user = serializers.CharField()
    files = serializers.ListField(child=serializers.CharField(), help_text="Names of the uploaded files.")
    state = serializers.ChoiceField(choices=["waiting", "reading", "finished"], help_text=former("job_state"))
    reason = serializers.CharField(help_text="Why it ended early.")
    percent = serializers.IntegerField(help_text="Percent of the bytes read, 0 to 100.")
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    added = serializers.IntegerField(help_text="New articles, including new versions.")
    duplicates = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="New versions of existing articles.")
    updated = serializers.IntegerField(help_text="Known articles whose metadata was replaced.")
    failed = serializers.IntegerField()


class ImportPage(ListPage):
    results = ImportRowSerializer(many=True)


class SourceSerializer(serializers.Serializer):
    name = serializers.CharField()
    articles = serializers.IntegerField()


class SourcePage(ListPage):
    results = SourceSerializer(many=True)


@extend_schema(tags=["imports"])
class CorpusBatches(JobView):
    deprecated = {**FORMER_ID, "state": "job_state"}

    @extend_schema(operation_id="batches_list", parameters=CURSOR, responses={200: ImportPage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the imports of a corpus, newest first.

        `batches/{id}/` has the details of one.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        return list_response(request, parameters, partial(batches_page, corpus), _batch_json)


@extend_schema(tags=["corpora"])
class CorpusSources(APIView):
    @extend_schema(operation_id="sources_list", parameters=CURSOR, responses={200: SourcePage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the sources of a corpus by name, with their numbers of articles.

        Send a name as `source` to the list of articles to find these.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        page = sources_page(corpus, cursor=parameters.text("cursor"), size=size_of(parameters))
        rows = [{"name": source.name, "articles": source.articles_shown} for source in page.rows]
        return page_response(request, rows, page.next_cursor)


def _batch_json(batch: ImportBatch) -> dict[str, Any]:
    named = ("origin", "files", "reason", "percent", "started_at", "finished_at", *_COUNTED)
    about = {"user": batch.user.username, "state": batch.former_state}
    return {**_job_json(batch), **about, **{name: getattr(batch, name) for name in named}}
