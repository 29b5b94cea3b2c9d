"""Releases over REST."""

import hashlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exports.api.filters import (
    LEFT_OUT,
    FilterBody,
    filter_json,
    former_filters_json,
    left_out_header,
    selection_of_body,
)
from annotations.exports.api.serializers import FORMER
from annotations.exports.queries.records import other_articles
from annotations.formats import jsonl
from annotations.releases.actions.order import cancel_release, erase_release, order_release
from annotations.releases.api.serializers import (
    ArticleDifferenceSerializer,
    ReleaseCheckSerializer,
    ReleaseComparisonSerializer,
    ReleasePage,
    ReleaseSerializer,
)
from annotations.releases.models import Release
from annotations.releases.queries.comparison import Difference, changed_labels, compare, differences
from annotations.releases.queries.files import check_release
from annotations.releases.queries.manifest import manifest_bytes, versions_differ
from annotations.releases.queries.releases import get_made_release, get_release, releases_page
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import NothingBody, StrictSerializer, Text, Whole, read
from corpusapp.core.api.jobs import JobView, job_json
from corpusapp.core.api.pagination import list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, READ, REPLAYED, WRITE, problems
from corpusapp.core.downloads import stream_response

_FIELDS = (
    "number", "name", "notes", "seed", "shares", "reason", "percent", "articles", "total", "size",
    "sha256", "created_at", "finished_at", "erased_at",
)  # fmt: skip


class SplitBody(StrictSerializer):
    """Percent of the articles, 100 in total."""

    train = Whole()
    dev = Whole()
    test = Whole()


class ReleaseBody(StrictSerializer):
    """Contents and split of a release."""

    name = Text(required=False, allow_blank=True)
    notes = Text(required=False, allow_blank=True, help_text="Notes for the data sheet and the manifest.")
    filter = FilterBody(required=False)
    seed = Text(required=False, help_text="Another seed gives another split. Default: that of the last release.")
    shares = SplitBody(required=False, help_text="Default: those of the last release, else 80, 10 and 10.")


def release_url(request: ApiRequest, release: Release) -> str:
    return request.build_absolute_uri(f"/api/v1/corpora/{release.corpus.slug}/releases/{release.number}/")


def brief_json(request: ApiRequest, release: Release, spans: int | None) -> dict[str, Any]:
    made, url = release.state == Release.State.MADE, release_url(request, release)
    return {
        "id": release.number,
        **{name: getattr(release, name) for name in _FIELDS},
        **job_json(release.job_state),
        "state": release.former_state,
        "corpus": release.corpus.slug,
        "user": release.user.username,
        "erased_by": release.erased_by.username if release.erased_by else None,
        "filter": {} if release.erased_at else filter_json(release.selection),
        "filters": former_filters_json(release.selection),
        "spans": spans,
        "url": url,
        "file": f"{url}file/" if made else None,
    }


def release_json(request: ApiRequest, release: Release) -> dict[str, Any]:
    made = release.state == Release.State.MADE
    return brief_json(request, release, release.counts["spans"] if made else None) | {
        "manifest": release.manifest,
        "manifest_sha256": hashlib.sha256(manifest_bytes(release)).hexdigest() if made else "",
        "versions": versions_differ(release) if made else [],
    }


@extend_schema(tags=["releases"])
class CorpusReleases(JobView):
    deprecated = FORMER

    @extend_schema(operation_id="releases_list", parameters=CURSOR, responses={200: ReleasePage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the releases of a corpus, newest first.

        An erased release keeps its number: the list shows who erased it, and when.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        return list_response(
            request, parameters, partial(releases_page, corpus), lambda row: brief_json(request, row, row.spans)
        )

    @extend_schema(
        operation_id="releases_create",
        request=ReleaseBody,
        parameters=[*ONCE, LEFT_OUT],
        responses={202: ReleaseSerializer, 200: ReleaseSerializer, **problems(*WRITE, 410)},
        examples=[
            OpenApiExample("Reviewed articles", {"name": "May"}, request_only=True),
            OpenApiExample("All articles", {"name": "June", "filter": {"stage": ["any"]}}, request_only=True),
            OpenApiExample(
                "Another split",
                {"seed": "2", "shares": {"train": 70, "dev": 15, "test": 15}},
                request_only=True,
            ),
        ],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Create a release.

        202, and `Location` is the address of its progress. For managers. It contains the done articles, unless `stage`
        names others or `any`, and their spans from one snapshot, taken when the worker starts. It never changes. Each
        line names the part of its article: `split`. Near copies and versions of one article are in the same part, and
        an article keeps its part in later releases of the same seed and shares. 200: the key was used before.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug, Role.MANAGER)
        values = read(ReleaseBody, request.data)
        selection = selection_of_body(values.pop("filter", {}))
        key = request.headers.get("Idempotency-Key")
        made, repeated = order_release(user=request.user, corpus=corpus, selection=selection, client_key=key, **values)
        release = get_release(corpus, made.number)
        headers = {"Location": release_url(request, release), **(REPLAYED if repeated else {})}
        headers |= left_out_header(other_articles(corpus, selection))
        return Response(release_json(request, release), status=200 if repeated else 202, headers=headers)


@extend_schema(tags=["releases"])
class ReleaseDetail(JobView):
    deprecated = FORMER

    @extend_schema(operation_id="releases_retrieve", responses={200: ReleaseSerializer, **problems(*READ, 410)})
    def get(self, request: ApiRequest, slug: str, number: int) -> Response:
        """Get a release with its manifest, or its progress until it is finished.

        Ask again until the job has ended. 410 if it was erased.
        """
        Parameters(request)
        return Response(release_json(request, get_release(get_corpus(request.user, slug), number)))

    @extend_schema(operation_id="releases_erase", request=None, responses={204: None, **problems(*READ, 403, 409, 410)})
    def delete(self, request: ApiRequest, slug: str, number: int) -> Response:
        """Erase a release with its manifest, its file and its exports.

        Cannot be undone. For managers. Its number is not reused: requests for it give 410, and the list shows who
        erased it and when. The file is kept if another release has the same content. 409 while it is being created.
        """
        Parameters(request)
        erase_release(user=request.user, release=get_release(get_corpus(request.user, slug, Role.MANAGER), number))
        return Response(status=204)


@extend_schema(tags=["releases"])
class ReleaseCancel(JobView):
    deprecated = FORMER

    @extend_schema(
        operation_id="releases_cancel", request=NothingBody, responses={200: ReleaseSerializer, **problems(*WRITE, 410)}
    )
    def post(self, request: ApiRequest, slug: str, number: int) -> Response:
        """Cancel a waiting or running release.

        Its number is not reused. 409 if it has ended. For managers.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        found = get_release(corpus, number)
        read(NothingBody, request.data)
        cancel_release(user=request.user, release=found)
        return Response(release_json(request, get_release(corpus, number)))


@extend_schema(tags=["releases"])
class ReleaseCheck(APIView):
    @extend_schema(operation_id="releases_check", responses={200: ReleaseCheckSerializer, **problems(*READ, 409, 410)})
    def get(self, request: ApiRequest, slug: str, number: int) -> Response:
        """Check the release's file against its SHA-256.

        It reads the whole file. `state` tells whether it is whole, altered or missing.
        """
        Parameters(request)
        found = check_release(get_release(get_corpus(request.user, slug), number))
        return Response({"state": found.state, "expected": found.expected, "found": found.found})


_ZARIF = {"id": 7, "start": 0, "end": 5, "label": "PERSON", "text": "Zarif", "state": "confirmed"}
_ZARIF |= {"score": None, "pipeline": None, "revision": 2}
_CHANGED = {"change": "changed", "before": _ZARIF, "after": _ZARIF | {"label": "ORG", "revision": 3}}
_RELABELLED = {
    "before": 1,
    "after": 2,
    "articles": {"added": 0, "changed": 1, "removed": 0},
    "spans": {"added": 0, "changed": 1, "removed": 0},
    "labels": {"ORG": {"added": 0, "changed": 1, "removed": 0}},
    "links": {"added": 0, "changed": 0, "removed": 0},
    "entities": {"added": 0, "changed": 0, "removed": 0},
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
    "lines": "https://desk.example/api/v1/corpora/desk/releases/1/compare/2/lines/",
}


@extend_schema(tags=["releases"])
class ReleaseComparison(APIView):
    @extend_schema(
        operation_id="releases_compare",
        responses={200: ReleaseComparisonSerializer, **problems(*READ, 409, 410)},
        examples=[OpenApiExample("Relabelled span", _RELABELLED, response_only=True, status_codes=["200"])],
    )
    def get(self, request: ApiRequest, slug: str, number: int, other: int) -> Response:
        """Count what was added, changed and removed from release `number` to release `other`.

        It reads both files. The first differences are in `examples`, all of them at `lines`.
        """
        Parameters(request)
        before, after = _both(request, slug, number, other)
        return Response(
            {
                "before": before.number,
                "after": after.number,
                **compare(before, after).as_json(),
                "label_set": changed_labels(before, after),
                "guidelines": before.made_manifest["guidelines"] != after.made_manifest["guidelines"],
                "lines": request.build_absolute_uri(f"{request.path}lines/"),
            }
        )


@extend_schema(tags=["releases"])
class ReleaseDifferences(APIView):
    @extend_schema(
        operation_id="releases_differences",
        responses={
            (200, jsonl.MEDIA_TYPE): OpenApiResponse(ArticleDifferenceSerializer, "One difference per line."),
            **problems(*READ, 409, 410),
        },
    )
    def get(self, request: ApiRequest, slug: str, number: int, other: int) -> HttpResponseBase:
        """Stream every article that differs between two releases, by id.

        JSON Lines: one article per line, with its fields and spans before and after.
        """
        Parameters(request)
        before, after = _both(request, slug, number, other)
        return stream_response(request, _lines(differences(before, after)), content_type=jsonl.MEDIA_TYPE)


def _both(request: ApiRequest, slug: str, number: int, other: int) -> tuple[Release, Release]:
    corpus = get_corpus(request.user, slug)
    return get_made_release(corpus, number), get_made_release(corpus, other)


def _lines(found: Iterator[Difference]) -> Iterator[bytes]:
    return jsonl.lines(difference.as_json() for difference in found)
