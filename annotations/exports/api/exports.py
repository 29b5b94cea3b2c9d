"""Export files over REST."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exports.actions.order import cancel_export, order_export, remove_export
from annotations.exports.api.filters import (
    FILE_OFFSETS,
    FLAT,
    LEFT_OUT,
    ExportBody,
    filter_json,
    filter_of_body,
    former_filters_json,
    left_out_header,
    selection_of_body,
)
from annotations.exports.api.serializers import FORMER, LOSSES, ExportPage, ExportSerializer, file_answers
from annotations.exports.format_choices import known_format, offsets_of
from annotations.exports.models import Export
from annotations.exports.queries.exports import exports_page, file_of, get_export, left_out_of, losses_of
from annotations.formats import jsonl
from annotations.formats.registry import formats
from annotations.formats.utf16 import CODE_POINTS
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Corpus
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.deprecation import announce
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.jobs import JobView, job_json
from corpusapp.core.api.pagination import list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, RANGED, READ, WRITE, problems
from corpusapp.core.downloads import file_response

_FIELDS = (
    "id", "part", "format", "strict", "reason", "percent", "articles", "total", "name", "size", "sha256",
    "report", "created_at", "started_at", "finished_at",
)  # fmt: skip


def export_json(request: ApiRequest, export: Export) -> dict[str, Any]:
    form = known_format(export.format)
    url = request.build_absolute_uri(f"/api/v1/corpora/{export.corpus.slug}/exports/{export.pk}/")
    return {
        **{name: getattr(export, name) for name in _FIELDS},
        **job_json(export.job_state),
        "state": export.former_state,
        "corpus": export.corpus.slug,
        "user": export.user.username,
        "release": export.release and export.release.number,
        "filter": filter_json(export.selection),
        "filters": former_filters_json(export.selection),
        "offsets": offsets_of(form, export.chosen.offsets),
        "media_type": form.media_type,
        "url": url,
        "file": f"{url}file/" if export.state == Export.State.FINISHED else None,
        "losses": f"{url}losses/" if export.state in (Export.State.FINISHED, Export.State.REFUSED) else None,
    }


def ordered(request: ApiRequest, corpus: Corpus, order: Callable[[], Export]) -> Response:
    """202 with the ordered export, and the URL of its progress."""

    def show(export: Export, status: int) -> Response:
        body = export_json(request, get_export(corpus, export.pk))
        headers = {"Location": body["url"], **left_out_header(left_out_of(export))}
        return Response(body, status=status, headers=headers)

    return create(request, make=lambda: (order(), 202), find=lambda pk: get_export(corpus, pk), show=show)


@extend_schema(tags=["exports"])
class CorpusExports(JobView):
    deprecated = FORMER

    @extend_schema(operation_id="exports_list", parameters=CURSOR, responses={200: ExportPage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the exports of a corpus, newest first.

        Each row is as at `exports/{id}/`. Files are deleted after some days; their rows stay.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        return list_response(request, parameters, partial(exports_page, corpus), partial(export_json, request))

    @extend_schema(
        operation_id="exports_create",
        parameters=[*ONCE, LEFT_OUT],
        request=ExportBody,
        responses={202: ExportSerializer, **problems(*WRITE, 410)},
        examples=[
            OpenApiExample("CoNLL, tokens and tags", {"format": "conll", "strict": True}, request_only=True),
            OpenApiExample(
                "One source, with who finished each article",
                {
                    "format": "parquet",
                    "filter": {"source": "SANA", "published_from": "2018-09-01", "finished_by": True},
                },
                request_only=True,
            ),
        ],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Create an export file in any format.

        202, and `Location` is the address of its progress. It contains done articles, unless the `stage` of `filter`
        names others or `any`; `X-Left-Out-Articles` counts those left out. The file is one snapshot, taken when the
        worker starts. With `strict` it is refused if the format cannot hold everything. If an equal request is still
        waiting, the response is that export.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        values = read(ExportBody, request.data)
        order = {
            "format": values["format"],
            "selection": selection_of_body(filter_of_body(values), values.get("offsets", CODE_POINTS)),
            "strict": values.get("strict", False),
        }
        response = ordered(request, corpus, lambda: order_export(user=request.user, corpus=corpus, **order))
        if flat := {name: f"filter.{name}" for name in FLAT if name in values}:
            announce(request, response, flat)
        return response


@extend_schema(tags=["exports"])
class ExportDetail(JobView):
    deprecated = FORMER

    @extend_schema(operation_id="exports_retrieve", responses={200: ExportSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Get an export: its progress, and what its file contains and leaves out.

        Ask again until the job has ended. `file` is then the address of the file, or `reason` says why there is none.
        """
        Parameters(request)
        return Response(export_json(request, get_export(get_corpus(request.user, slug), pk)))

    @extend_schema(operation_id="exports_destroy", responses={204: None, **problems(*READ, 403)})
    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Delete an export and its file.

        A running one stops. For its creator and managers.
        """
        Parameters(request)
        remove_export(user=request.user, export=get_export(get_corpus(request.user, slug), pk))
        return Response(status=204)


@extend_schema(tags=["exports"])
class ExportCancel(JobView):
    deprecated = FORMER

    @extend_schema(
        operation_id="exports_cancel", request=NothingBody, responses={200: ExportSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Cancel a waiting or running export.

        409 if it has ended. For its creator and managers.
        """
        Parameters(request)
        export = get_export(get_corpus(request.user, slug), pk)
        read(NothingBody, request.data)
        cancel_export(user=request.user, export=export)
        return Response(export_json(request, get_export(export.corpus, pk)))


@extend_schema(tags=["exports"])
class ExportFile(APIView):
    @extend_schema(
        operation_id="exports_file",
        parameters=[LEFT_OUT, FILE_OFFSETS, *RANGED],
        responses={**file_answers(formats.written(), parts=True), **problems(*READ, 409, 416)},
    )
    def get(self, request: ApiRequest, slug: str, pk: int) -> HttpResponseBase:
        """Download the file of an export.

        The bytes are those of the format, with its media type. 409 with the reason while there is no file; `current` is
        then the report.
        """
        Parameters(request)
        export = get_export(get_corpus(request.user, slug), pk)
        path, form = file_of(export), known_format(export.format)
        headers = {"X-Offsets": offsets_of(form, export.chosen.offsets), **left_out_header(left_out_of(export))}
        return file_response(
            request,
            path.open("rb"),
            name=export.name,
            content_type=form.media_type,
            sha256=export.sha256,
            headers=headers,
        )


@extend_schema(tags=["exports"])
class ExportLosses(APIView):
    @extend_schema(operation_id="exports_losses", parameters=RANGED, responses=LOSSES)
    def get(self, request: ApiRequest, slug: str, pk: int) -> HttpResponseBase:
        """Download all losses of an export file as JSON Lines.

        One loss per line, as in `examples` of the report; the last line has the counts.
        """
        Parameters(request)
        export = get_export(get_corpus(request.user, slug), pk)
        name = f"{export.name or export.pk}.losses.jsonl"
        return file_response(request, losses_of(export).open("rb"), name=name, content_type=jsonl.MEDIA_TYPE)
