"""What an import has to say of its items, page by page, and another try of those that failed."""

from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.articles.actions.retry import retry_problem
from corpusapp.articles.actions.uploads import kept_files
from corpusapp.articles.api.reports import ImportProblemShape, problem_json
from corpusapp.articles.models import ImportProblem
from corpusapp.articles.permissions import find_batch, find_problem
from corpusapp.core import keyset
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.pagination import page_response, size_of
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, READ, problems, query

Kind = ImportProblem.Kind


class ProblemShape(ImportProblemShape):
    kind = serializers.ChoiceField(choices=Kind.values)
    duplicate_of = serializers.IntegerField(allow_null=True, help_text="The article that was there.")
    came_in = serializers.BooleanField(help_text="It failed, and came in when it was tried again.")


class ProblemPage(serializers.Serializer):
    results = ProblemShape(many=True)
    next = serializers.URLField(allow_null=True)


class RetryShape(ImportProblemShape):
    came_in = serializers.BooleanField(help_text="False where it failed again: `reason` says why now.")


@extend_schema(tags=["imports"])
class BatchProblems(APIView):
    @extend_schema(
        operation_id="batches_problems",
        parameters=[query("kind", "Those of one kind.", enum=Kind.values), *CURSOR],
        responses={200: ProblemPage, **problems(*READ)},
    )
    def get(self, request: Request, pk: int) -> Response:
        """All that an import says of its items, in their order: failures, duplicates, and notes on what was changed."""
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
        responses={200: RetryShape, **problems(400, 401, 403, 404, 409)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Import a failed item again, after what was wrong was mended: a label added, a limit raised."""
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
