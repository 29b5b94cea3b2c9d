"""What changed from one release to another, over REST."""

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.formats import jsonl
from annotations.releases.api.serializers import ComparisonShape
from annotations.releases.comparison import Difference, changed_labels, compare, differences
from annotations.releases.models import Release
from annotations.releases.queries import get_made_release
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, problems

_ZARIF = {"id": 7, "start": 0, "end": 5, "label": "PERSON", "text": "Zarif", "state": "confirmed"}
_ZARIF |= {"score": None, "pipeline": None, "revision": 2}
_CHANGED = {"change": "changed", "before": _ZARIF, "after": _ZARIF | {"label": "ORG", "revision": 3}}
_RELABELLED = {
    "before": 1,
    "after": 2,
    "articles": {"added": 0, "changed": 1, "removed": 0},
    "spans": {"added": 0, "changed": 1, "removed": 0},
    "labels": {"ORG": {"added": 0, "changed": 1, "removed": 0}},
    "moved": 0,
    "examples": [
        {
            "article": {"id": 1, "external_id": "seed-1", "title": "Zarif in Damascus"},
            "change": "changed",
            "fields": {},
            "spans": [_CHANGED],
        }
    ],
    "label_set": [],
    "guidelines": False,
    "lines": "/api/v1/corpora/desk/releases/1/compare/2/lines/",
}


@extend_schema(tags=["releases"])
class ReleaseComparison(APIView):
    @extend_schema(
        operation_id="releases_compare",
        responses={200: ComparisonShape, **problems(*READ, 409, 410)},
        examples=[OpenApiExample("A span was relabelled", _RELABELLED, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request, slug: str, number: int, other: int) -> Response:
        """What was added, changed and removed from release `number` to release `other`, counted. Reads both files."""
        Parameters(request)
        before, after = _both(request, slug, number, other)
        return Response(
            {
                "before": before.number,
                "after": after.number,
                **compare(before, after).as_json(),
                "label_set": changed_labels(before, after),
                "guidelines": before.manifest["guidelines"] != after.manifest["guidelines"],
                "lines": f"{request.path}lines/",
            }
        )


@extend_schema(tags=["releases"])
class ReleaseDifferences(APIView):
    @extend_schema(
        operation_id="releases_differences",
        responses={
            (200, jsonl.MEDIA_TYPE): OpenApiResponse(OpenApiTypes.STR, "A difference a line, as in `examples`."),
            **problems(*READ, 409, 410),
        },
    )
    def get(self, request: Request, slug: str, number: int, other: int) -> StreamingHttpResponse:
        """Every article that is not the same in both releases, by id, streamed."""
        Parameters(request)
        before, after = _both(request, slug, number, other)
        return StreamingHttpResponse(_lines(differences(before, after)), content_type=jsonl.MEDIA_TYPE)


def _both(request: Request, slug: str, number: int, other: int) -> tuple[Release, Release]:
    corpus = get_corpus(request.user, slug)
    return get_made_release(corpus, number), get_made_release(corpus, other)


def _lines(found: Iterator[Difference]) -> Iterator[bytes]:
    return jsonl.lines(difference.as_json() for difference in found)
