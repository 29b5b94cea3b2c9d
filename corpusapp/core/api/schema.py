"""The parts of the OpenAPI schema that endpoints share: problem documents, parameters, authentication."""

from collections.abc import Iterable, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class FieldError(serializers.Serializer):
    """A field and what is wrong with it."""

    field = serializers.CharField(help_text="A path such as `decisions[2].start`; positions are counted from 0.")
    reason = serializers.CharField()


class Problem(serializers.Serializer):
    """An RFC 9457 problem document, served as `application/problem+json`."""

    type = serializers.URLField(
        help_text="URL of this kind of problem, such as `https://desk.example/api/problems/stale/`."
    )
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What was wrong, where, and what to do.")
    field = serializers.CharField(required=False)
    errors = FieldError(many=True, required=False)  # type: ignore[assignment]  # not `Serializer.errors`
    current = serializers.JSONField(required=False, help_text="The current state; with 409 and 412.")
    left_out = serializers.ListField(
        child=serializers.DictField(),
        required=False,
        help_text="The items that were refused, each with its reason; where all or none was asked for.",
    )
    decided_by = serializers.CharField(required=False, help_text="Who made the current decision; with 409 and 412.")
    decided_at = serializers.DateTimeField(required=False, help_text="When it was made.")


_STALE = OpenApiExample(
    "Changed in the meantime",
    status_codes=["409"],
    response_only=True,
    value={
        "type": "https://desk.example/api/problems/stale/",
        "title": "Changed in the meantime",
        "status": 409,
        "detail": "span 7 is at revision 3, you saw 2: check the current state, and decide again",
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
    400: "Invalid value, named by `field`",
    401: "No valid token or session",
    403: "You can see it, but are not allowed to do this",
    404: "It does not exist, or you cannot see it",
    409: "Conflict with the current state, given in `current`",
    410: "What the request refers to no longer exists: start again",
    412: "`If-Match` names an outdated revision",
    413: "The body is too large",
    415: "Unsupported media type",
    416: "The file has none of the bytes that `Range` asks for; `Content-Range` says how many it has",
    428: "The request names no revision",
    429: "Too many requests: retry after the seconds in `Retry-After`",
    502: "A service outside the desk gave no usable answer",
    507: "The server's disk is full or almost full: nothing was saved",
}
READ = (400, 401, 404, 429)
WRITE = (400, 401, 403, 404, 409, 413, 415, 429, 507)
REVISED = (*WRITE, 412, 428)


def problems(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """The responses with these statuses; every endpoint also has 401 and 429."""
    return {
        (status, "application/problem+json"): OpenApiResponse(
            Problem, _DESCRIPTIONS[status], examples=[_STALE] if status == 409 else []
        )
        for status in dict.fromkeys((*statuses, 401, 429))
    }


def query(name: str, description: str, kind: Any = str, **options: Any) -> OpenApiParameter:
    """A query parameter. It must not be empty unless `allow_blank` is true."""
    options = {"allow_blank": False, **options}
    return OpenApiParameter(name, kind, OpenApiParameter.QUERY, description=description, **options)


def choices(name: str, description: str, words: Iterable[str]) -> OpenApiParameter:
    """A query parameter of one or more of these words, separated by commas."""
    word = f"({'|'.join(words)})"
    return query(name, f"{description} One or more, separated by commas.", pattern=f"^{word}(,{word})*$")


def header(name: str, description: str, kind: Any = str, statuses: Sequence[int] = (200,)) -> OpenApiParameter:
    """A header of the responses with these statuses."""
    return OpenApiParameter(name, kind, OpenApiParameter.HEADER, description=description, response=[*statuses])


# The header of a response whose version is known before it is read, beside those of JSON, which all have it.
ETAG = header("ETag", "Version of the response.", statuses=[200, 201, 206])


CURSOR = [
    query("cursor", "From `next` of the previous page."),
    query("limit", "Maximum number of results, 1 to 200. Default: 50.", OpenApiTypes.INT),
]
# The headers of the response to a repeated request.
REPLAYED = {"Idempotency-Replayed": "true"}
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Makes a retried request take effect only once: 1 to 100 characters, new for each request. Kept for at "
    "least a week. 409 if it was used for another request, or if the first one is still running.",
    examples=[OpenApiExample("Key", "8d3cbf0c-3c1e-4a8a-9e1d-0a7c3f2f6b10")],
)
# The parameters of endpoints that create something.
ONCE = [
    _IDEMPOTENCY_KEY,
    header(
        next(iter(REPLAYED)),
        "`true`: an earlier request with this key created it. The response shows its current state.",
        statuses=[200, 201, 202],
    ),
]
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description='ETag of what you saw: its revision, such as `"3"`.'
)
# The parameters of endpoints that answer with a file.
RANGED = [
    OpenApiParameter(
        "Range",
        str,
        OpenApiParameter.HEADER,
        description="One range of bytes, such as `bytes=1048576-` to resume a download; several are answered with all.",
    ),
    OpenApiParameter(
        "If-Range",
        str,
        OpenApiParameter.HEADER,
        description="The ETag of the file that the range continues. If it is another one, the response is all of it.",
    ),
    header(
        "Repr-Digest",
        "SHA-256 of the whole file (RFC 9530), if it is known, also beside a part: `sha-256=:…:`.",
        statuses=[200, 206],
    ),
    header("Accept-Ranges", "`bytes`: a part can be asked for by `Range`.", statuses=[200, 206]),
    header("Content-Range", "The bytes of a part: `bytes 0-9/100`.", statuses=[206]),
    ETAG,
]


def whole_or_part(media_type: str, description: str) -> dict[tuple[int, str], OpenApiResponse]:
    """The responses of an endpoint that answers with a file."""
    return {
        (200, media_type): OpenApiResponse(OpenApiTypes.BINARY, description),
        (206, media_type): OpenApiResponse(OpenApiTypes.BINARY, "The range of it that was asked for."),
    }


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "corpusapp.accounts.api.access.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token, created on the page `/account/`, at `account/tokens/` or with `manage.py "
            "create_token USERNAME`. It has its user's permissions, limited to its scope (read, annotate, manage) and "
            "to one corpus or all.",
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
            "description": "Session cookie of the browser. Writes also need the header `X-CSRFToken`.",
        }
