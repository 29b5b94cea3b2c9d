"""Pages of lists: `{"results", "next"}`, where `next` is the URL of the next page or null."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from corpusapp.core.api.parameters import Parameters

DEFAULT_SIZE, MAX_SIZE = 50, 200


def size_of(parameters: Parameters) -> int:
    return parameters.whole("limit", 1, MAX_SIZE) or DEFAULT_SIZE


def page_response(request: Request, results: list[Any], next_cursor: str | None) -> Response:
    return Response({"results": results, "next": next_cursor and _with_cursor(request, next_cursor)})


def _with_cursor(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
