"""Names that the next version drops: marked in the schema, and announced by the header `Deprecation` (RFC 9745).

docs/api-versions.md says how long they stay.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.core.api.pagination import link

# Since when the names are deprecated that are so now.
SINCE = datetime(2026, 11, 30, tzinfo=UTC)


def former(name: str) -> str:
    """The help text of a member that `name` replaces; `extend_schema_serializer(deprecate_fields=…)` marks it."""
    return f"Deprecated: use `{name}`. Answered for one more version."


def announce(request: Request, response: HttpResponseBase, names: Mapping[str, str]) -> None:
    """Say in the headers that the request used, or the response has, these deprecated names, each with the new one."""
    response["Deprecation"] = f"@{SINCE.timestamp():.0f}"
    title = ", ".join(f"{old}: use {new}" for old, new in names.items())
    found = link(request.build_absolute_uri("/api/docs/"), "deprecation", title)
    response["Link"] = f"{response['Link']}, {found}" if "Link" in response else found


class AnnouncingView(APIView):
    """Announces the deprecated members of its answers: `deprecated` has the new name of each."""

    deprecated: Mapping[str, str] = {}

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        row = _row(response)
        if names := {old: new for old, new in self.deprecated.items() if old in row}:
            announce(request, response, names)
        return response


def _row(response: Any) -> Mapping[str, Any]:
    """The object of a response, or the first one of a list."""
    data = response.data if isinstance(response, Response) else None
    if isinstance(data, dict) and isinstance(data.get("results"), list):
        data = next(iter(data["results"]), None)
    return data if isinstance(data, dict) else {}
