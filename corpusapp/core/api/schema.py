"""What the OpenAPI schema says of all endpoints: problem documents, tokens, pages."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class FieldError(serializers.Serializer):
    """One field and what is wrong with it."""

    field = serializers.CharField(help_text="A path such as `decisions[2].start`; positions are counted from 0.")
    reason = serializers.CharField()


class Problem(serializers.Serializer):
    """An RFC 9457 problem document, served as `application/problem+json`."""

    type = serializers.CharField(help_text="The address of this kind of problem, or `about:blank`.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What was wrong, where, and what to do.")
    field = serializers.CharField(required=False)
    errors = FieldError(many=True, required=False)
    current = serializers.JSONField(required=False, help_text="What stands there now; with 409 and 412.")
    decided_by = serializers.CharField(required=False, help_text="Whose decision stands there now; with 409 and 412.")
    decided_at = serializers.DateTimeField(required=False, help_text="When it was taken.")


_STALE = OpenApiExample(
    "Changed since you looked",
    status_codes=["409"],
    response_only=True,
    value={
        "type": "/api/problems/stale/",
        "title": "Changed since you looked",
        "status": 409,
        "detail": "span 7 is at revision 3, you saw 2: look at what stands now, and decide again",
        "field": "revision",
        "current": {
            "id": 7,
            "start": 0,
            "end": 5,
            "label": "PERSON",
            "text": "Zarif",
            "state": "confirmed",
            "score": None,
            "pipeline": None,
            "revision": 3,
        },
    },
)
_DESCRIPTIONS = {
    400: "A value that can never be accepted: `field` names it",
    401: "No token or session, or one that opens nothing",
    403: "You may see it, but not do this to it",
    404: "It is absent, or hidden from you",
    409: "The present state forbids it: `current` is what stands there now",
    410: "What the request goes on from is no longer there: begin anew",
    412: "`If-Match` names a revision that is no longer the present one",
    413: "The body is too large",
    415: "The body is of a media type that is not taken here",
    428: "The write names no revision",
    429: "Too many requests: wait as many seconds as `Retry-After` says",
    507: "The server's disk is full, or nearly: nothing was kept",
}
READ = (400, 401, 404, 429)
WRITE = (400, 401, 403, 404, 409, 413, 415, 429, 507)
REVISED = (*WRITE, 412, 428)


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The responses of an endpoint's refusals; everywhere one may be nobody, and may ask too often."""
    return {
        (status, "application/problem+json"): OpenApiResponse(
            Problem, _DESCRIPTIONS[status], examples=[_STALE] if status == 409 else []
        )
        for status in dict.fromkeys((*statuses, 401, 429))
    }


def query(name: str, description: str, kind: Any = str, **options: Any) -> OpenApiParameter:
    """A parameter of an address; one that may be empty says so by `allow_blank`."""
    options = {"allow_blank": False, **options}
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **options)


# Of the field beside `job_state`.
FORMER = "As before there was `job_state`, for one version more: what ended in any way has ended by its old name."
CURSOR = [
    query("cursor", "Taken from `next` of the page before."),
    query("limit", "How many at most: 1 to 200, 50 by default.", OpenApiTypes.INT),
]
# What a repeat is answered with, beside what its key made.
REPLAYED = {"Idempotency-Replayed": "true"}
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Makes the write once, however often it is sent: 1 to 100 characters, new for each request. Kept for a "
    "week at least; 409 where it made another request, or where its first one is still under way.",
    examples=[OpenApiExample("A key", "8d3cbf0c-3c1e-4a8a-9e1d-0a7c3f2f6b10")],
)
# Of what makes something.
ONCE = [
    _IDEMPOTENCY_KEY,
    OpenApiParameter(
        next(iter(REPLAYED)),
        str,
        OpenApiParameter.HEADER,
        description="`true`: the key had made this before. It is shown as it stands now; nothing was made.",
        response=[200, 201, 202],
    ),
]
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='The ETag of the span that you saw: its revision, as `"3"`.'
)


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "corpusapp.accounts.api.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token made on the page `/account/`, at `account/tokens/` or by `manage.py create_token "
            "USERNAME`: it may do what its user may, within its scope (read, annotate, manage), in one corpus or all.",
        }


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"
    priority = 1

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "corpusapp_session",
            "description": "The browser's session; writes also need the header `X-CSRFToken`.",
        }
