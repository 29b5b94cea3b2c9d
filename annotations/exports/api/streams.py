"""Streamed exports over REST."""

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.queries.lines import COLUMNS, entity_lines, entity_rows
from annotations.exports import store
from annotations.exports.api.filters import (
    FILE_OFFSETS,
    FILTERS,
    LEFT_OUT,
    REPORT_LINK,
    filter_parameters,
    left_out_header,
    selection_of,
)
from annotations.exports.api.serializers import LOSSES, EntityLineSerializer, ExportReportSerializer, file_answers
from annotations.exports.format_choices import file_name, is_streamed, known_format, offsets_of, streamed
from annotations.exports.queries.streaming import dry_run, stream
from annotations.exports.sources import CorpusSource
from annotations.formats import jsonl
from annotations.formats.protocol import Format
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.pagination import link
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import RANGED, READ, problems, query
from corpusapp.core.csv_files import csv_response
from corpusapp.core.downloads import file_response, stream_response
from corpusapp.core.errors import Conflict, Invalid

_ENTITY_FORMATS = (jsonl.NAME, "csv")
_FORMAT = query("format", "Default: `jsonl`.", enum=[form.name for form in streamed()])
_STRICT = query("strict", "1: refuse if the format cannot hold everything.", OpenApiTypes.BOOL)


@extend_schema(tags=["exports"])
class CorpusExport(APIView):
    @extend_schema(
        operation_id="corpora_export",
        parameters=[_FORMAT, *filter_parameters(), _STRICT, LEFT_OUT, FILE_OFFSETS, REPORT_LINK],
        responses={
            **file_answers(streamed()),
            **problems(*READ, 409),
        },
    )
    def get(self, request: ApiRequest, slug: str) -> HttpResponseBase:
        """Stream the done articles of a corpus with their spans and zones, from one snapshot.

        `stage=any` includes all articles; `X-Left-Out-Articles` counts those left out by stage. In an article that is
        not done, only the ranges in `decided` are reviewed. Texts include boilerplate, so that offsets are those of the
        article. Spans in boilerplate are left out unless you send `chrome=1`. What a format cannot hold is left out and
        listed in the report at the `Link` header, available once the stream ends. `strict=1` refuses with 409 instead.
        Formats that need tokens are created as files, see `corpora/{slug}/exports/`.
        """
        parameters = Parameters(request, "format", *FILTERS, "strict")
        corpus = get_corpus(request.user, slug)
        form = _streamed(parameters, slug)
        source = CorpusSource(corpus, selection_of(parameters))
        made = stream(source, form, strict=parameters.flag("strict", False))
        return stream_response(
            request,
            made.chunks,
            content_type=form.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{file_name(form, corpus.slug)}"',
                "X-Offsets": offsets_of(form, source.offsets),
                "Link": link(request.build_absolute_uri(f"{request.path}reports/{made.name}/"), "describedby"),
                **left_out_header(source.left_out()),
            },
        )


@extend_schema(tags=["exports"])
class EntitiesExport(APIView):
    @extend_schema(
        operation_id="corpora_export_entities",
        parameters=[query("format", "Default: `jsonl`.", enum=list(_ENTITY_FORMATS))],
        responses={
            (200, jsonl.MEDIA_TYPE): OpenApiResponse(EntityLineSerializer, "An entity on each line."),
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR, "A table, such as for OpenRefine."),
            **problems(*READ, 409),
        },
    )
    def get(self, request: ApiRequest, slug: str) -> HttpResponseBase:
        """Download all entities of the corpus.

        The confirmed ones by `id`, those that a linker proposed and spans are linked to, and merged ones, which say
        into which. Each with its name, label, description, identifiers, aliases and number of mentions.
        """
        parameters = Parameters(request, "format")
        corpus = get_corpus(request.user, slug)
        form = parameters.choice("format", _ENTITY_FORMATS, jsonl.NAME)
        if not corpus.entities_enabled:
            raise Conflict(f"corpus {slug!r} links no names to entities: a manager can turn this on in its settings")
        name = f"{corpus.slug}.entities.{form}"
        if form == "csv":
            return csv_response(request, name, COLUMNS, entity_rows(corpus))
        return stream_response(
            request,
            jsonl.lines(entity_lines(corpus)),
            content_type=jsonl.MEDIA_TYPE,
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


@extend_schema(tags=["exports"])
class ExportReport(APIView):
    @extend_schema(
        operation_id="corpora_export_report",
        parameters=[_FORMAT, *filter_parameters()],
        responses={200: ExportReportSerializer, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Report what an export would leave out or change, and why.

        It reads every article as the export does, writes nothing, and takes as long.
        """
        parameters = Parameters(request, "format", *FILTERS, "strict")
        corpus = get_corpus(request.user, slug)
        form = _streamed(parameters, slug)
        return Response(dry_run(CorpusSource(corpus, selection_of(parameters)), form).of_writing())


@extend_schema(tags=["exports"])
class StreamReport(APIView):
    @extend_schema(operation_id="corpora_stream_report", responses={200: ExportReportSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str, name: str) -> Response:
        """Report what a stream contained and left out.

        404 until the stream has ended. The address is in the `Link` header of the stream.
        """
        Parameters(request)
        return Response(store.stream_report(get_corpus(request.user, slug), name))


@extend_schema(tags=["exports"])
class StreamLosses(APIView):
    @extend_schema(operation_id="corpora_stream_losses", parameters=RANGED, responses=LOSSES)
    def get(self, request: ApiRequest, slug: str, name: str) -> HttpResponseBase:
        """Download all losses of a stream as JSON Lines.

        One loss per line, as in `examples` of the report; the last line has the counts.
        """
        Parameters(request)
        path = store.stream_losses(get_corpus(request.user, slug), name)
        name = f"{slug}-{name}.losses.jsonl"
        return file_response(request, path.open("rb"), name=name, content_type=jsonl.MEDIA_TYPE)


def _streamed(parameters: Parameters, slug: str) -> Format:
    form = known_format(parameters.text("format") or jsonl.NAME)
    if not is_streamed(form):
        raise Invalid(
            f"{form.name} cannot be streamed: POST /api/v1/corpora/{slug}/exports/ with "
            f'{{"format": "{form.name}"}}; formats that can be streamed: {", ".join(form.name for form in streamed())}',
            field="format",
        )
    return form
