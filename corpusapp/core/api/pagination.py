"""Lists: `{"results", "next"}`, where `next` is the URL of the next page or null; also in the header `Link`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from corpusapp.core.api.parameters import Parameters
from corpusapp.core.keyset import Page

DEFAULT_SIZE, MAX_SIZE = 50, 200
Row = TypeVar("Row")


class ReadPage(Protocol[Row]):
    """A query that returns one page of its rows."""

    def __call__(self, *, cursor: str, size: int) -> Page[Row]: ...


class ListPage(serializers.Serializer):
    """A page of a list; subclasses add `results`."""

    next = serializers.URLField(allow_null=True, help_text="URL of the next page; null after the last one.")


def list_response(
    request: Request, parameters: Parameters, read: ReadPage[Row], as_json: Callable[[Row], dict[str, Any]]
) -> Response:
    """The page that `cursor` and `limit` ask for, each row by `as_json`. Refuses a cursor of another list."""
    page = read(cursor=parameters.text("cursor"), size=size_of(parameters))
    return page_response(request, [as_json(row) for row in page.rows], page.next_cursor)


def size_of(parameters: Parameters) -> int:
    return parameters.whole("limit", 1, MAX_SIZE) or DEFAULT_SIZE


def page_response(request: Request, results: Sequence[Any], next_cursor: str | None) -> Response:
    following = next_cursor and _with_cursor(request, next_cursor)
    headers = {"Link": link(following, "next")} if following else {}
    return Response({"results": results, "next": following}, headers=headers)


def whole_list(results: Iterable[Any], headers: Mapping[str, str] | None = None) -> Response:
    """A list without pages, in the shape of one page."""
    return Response({"results": list(results), "next": None}, headers=headers)


def link(url: str, relation: str, title: str = "") -> str:
    """A value of the header `Link` (RFC 8288)."""
    return f'<{url}>; rel="{relation}"' + (f'; title="{title}"' if title else "")


def _with_cursor(request: Request, cursor: str) -> str:
    query = request.query_params.copy()
    query["cursor"] = cursor
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
