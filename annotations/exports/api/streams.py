"""Exports that are written while they are sent."""

from urllib.parse import urlencode

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exports.api.asking import FILTERS, filter_parameters, selection_of
from annotations.exports.api.shapes import LINE, ExportReportShape, streamed_answers
from annotations.exports.choices import file_name, is_streamed, known_format, offsets_of, streamed
from annotations.exports.streaming import dry_run, stream
from annotations.formats import jsonl
from annotations.formats.protocol import Format
from corpusapp.api.parameters import Parameters
from corpusapp.api.schema import READ, problems, query
from corpusapp.articles.permissions import get_corpus
from corpusapp.refusals import Invalid

_FORMAT = query("format", "`jsonl` by default.", enum=[form.name for form in streamed()])
_STRICT = query("strict", "1: refuse where the format cannot hold all of it.", OpenApiTypes.BOOL)


@extend_schema(tags=["exports"])
class CorpusExport(APIView):
    @extend_schema(
        operation_id="corpora_export",
        parameters=[_FORMAT, *filter_parameters(), _STRICT],
        responses={
            **streamed_answers(),
            (200, jsonl.MEDIA_TYPE): OpenApiResponse(OpenApiTypes.STR, "JSON Lines", examples=[LINE]),
            **problems(*READ, 409),
        },
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """The articles of a corpus with their spans and zones, streamed, as they stood at one moment.

        Texts are whole, site furniture included, so that offsets are those of the article. Spans that touch it are
        left out unless `chrome=1` asks for them. What a format cannot hold is left out, and told by the report to
        which the `Link` header leads; `strict=1` refuses instead, with 409. Formats that need tokens are made as
        files, see `corpora/{slug}/exports/`.
        """
        parameters = Parameters(request, "format", *FILTERS, "strict")
        corpus = get_corpus(request.user, slug)
        form = _streamed(parameters, slug)
        selection = selection_of(parameters)
        chunks = stream(corpus, form, selection, strict=parameters.flag("strict", False))
        return StreamingHttpResponse(
            chunks,
            content_type=form.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{file_name(form, corpus.slug)}"',
                "X-Offsets": offsets_of(form, selection.offsets),
                "Link": f'<{_report_address(request)}>; rel="describedby"',
            },
        )


@extend_schema(tags=["exports"])
class ExportReport(APIView):
    @extend_schema(
        operation_id="corpora_export_report",
        parameters=[_FORMAT, *filter_parameters()],
        responses={200: ExportReportShape, **problems(*READ)},
    )
    def get(self, request: Request, slug: str) -> Response:
        """What the same export would leave out or carry in another way, and why; it takes as long as the export."""
        parameters = Parameters(request, "format", *FILTERS, "strict")
        corpus = get_corpus(request.user, slug)
        form = _streamed(parameters, slug)
        return Response(dry_run(corpus, form, selection_of(parameters)).as_dict())


def _streamed(parameters: Parameters, slug: str) -> Format:
    form = known_format(parameters.text("format") or jsonl.NAME)
    if not is_streamed(form):
        raise Invalid(
            f"{form.name} is made by the worker: POST /api/v1/corpora/{slug}/exports/ with "
            f'{{"format": "{form.name}"}}; streamed are {", ".join(form.name for form in streamed())}',
            field="format",
        )
    return form


def _report_address(request: Request) -> str:
    query = request.query_params.copy()
    query.pop("strict", None)
    return f"{request.path}report/" + (f"?{urlencode(query)}" if query else "")
