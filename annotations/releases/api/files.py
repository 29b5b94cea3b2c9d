"""The files of a release: its own, and any other format made of it."""

from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exports import reports
from annotations.exports.api.exports import ordered
from annotations.exports.api.filters import LEFT_OUT, OFFSETS, left_out_header
from annotations.exports.api.serializers import LINE, LOSSES, ExportReportShape, ExportShape, streamed_answers
from annotations.exports.format_choices import file_name, is_streamed, known_format, offsets_of, streamed
from annotations.exports.streaming import dry_run, stream
from annotations.formats import jsonl
from annotations.formats.protocol import Format
from annotations.formats.registry import formats
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases import store
from annotations.releases.actions.order import order_release_export
from annotations.releases.queries import (
    file_stem,
    get_made_release,
    get_release,
    manifest_bytes,
    open_file,
    versions_differ,
)
from annotations.releases.sources import ReleaseSource
from annotations.releases.split import PARTS
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import Flag, OneOf, StrictSerializer, read
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems, query
from corpusapp.core.errors import Invalid

_PART = query("part", "Of the release; all of it by default.", enum=list(PARTS))
_FORMAT = query("format", "`jsonl` by default.", enum=[form.name for form in streamed()])
_STRICT = query("strict", "1: refuse where the format cannot hold all of it.", OpenApiTypes.BOOL)
_COUNT = query("offsets", "How offsets count; `utf16` for JavaScript, in jsonl.", enum=list(OFFSETS))
AS_MADE = "as made"


class ReleaseExportBody(StrictSerializer):
    """What a file of a release is to be."""

    format = OneOf([form.name for form in formats.written()])
    part = OneOf(PARTS, required=False, help_text="All of the release by default.")
    offsets = OneOf(OFFSETS, required=False, help_text="`utf16` in the formats jsonl and jsonl-tokens.")
    strict = Flag(required=False, help_text="Refuse instead of leaving anything out.")


@extend_schema(tags=["releases"])
class ReleaseFile(APIView):
    @extend_schema(
        operation_id="releases_file",
        parameters=[LEFT_OUT],
        responses={
            (200, "application/gzip"): OpenApiResponse(OpenApiTypes.BINARY, "Lines."),
            **problems(*READ, 409, 410),
        },
    )
    def get(self, request: Request, slug: str, number: int) -> FileResponse:
        """The release's own file: JSON Lines, gzipped, the bytes that its SHA-256 stands for."""
        Parameters(request)
        release = get_made_release(get_corpus(request.user, slug), number)
        headers = {"ETag": f'"{release.sha256}"', "X-Offsets": CODE_POINTS}
        headers |= left_out_header(release.left_out_articles)
        name = f"{file_stem(release)}{store.SUFFIX}"
        return FileResponse(
            open_file(release), as_attachment=True, filename=name, content_type="application/gzip", headers=headers
        )


@extend_schema(tags=["releases"])
class ReleaseManifest(APIView):
    @extend_schema(
        operation_id="releases_manifest",
        responses={(200, "application/json"): OpenApiTypes.OBJECT, **problems(*READ, 409, 410)},
    )
    def get(self, request: Request, slug: str, number: int) -> HttpResponse:
        """The manifest as a file, to keep beside the others: the same bytes each time."""
        Parameters(request)
        release = get_made_release(get_corpus(request.user, slug), number)
        name = f"{file_stem(release)}.manifest.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(manifest_bytes(release), content_type="application/json", headers=headers)


@extend_schema(tags=["releases"])
class ReleaseExport(APIView):
    @extend_schema(
        operation_id="releases_export",
        parameters=[_FORMAT, _PART, _COUNT, _STRICT, LEFT_OUT],
        responses={
            **streamed_answers(),
            (200, jsonl.MEDIA_TYPE): OpenApiResponse(OpenApiTypes.STR, "JSON Lines", examples=[LINE]),
            **problems(*READ, 409, 410),
        },
    )
    def get(self, request: Request, slug: str, number: int) -> StreamingHttpResponse:
        """The release, or one part of it, in another format, made of its file and streamed.

        The same bytes at any later time, as long as `X-Versions` says `as made`; else it names the versions that are
        no longer those of the manifest. What a format cannot hold is told where the `Link` header leads.
        """
        parameters = Parameters(request, "format", "part", "offsets", "strict")
        form, source = _asked(request, parameters, slug, number)
        release = source.owner
        made = stream(source, form, strict=parameters.flag("strict", False))
        name = file_name(form, file_stem(release, source.part))
        return StreamingHttpResponse(
            made.chunks,
            content_type=form.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Offsets": offsets_of(form, source.offsets),
                "X-Versions": "; ".join(versions_differ(release, form.name)) or AS_MADE,
                "Link": f'<{request.path}reports/{made.name}/>; rel="describedby"',
                **left_out_header(release.left_out_articles),
            },
        )


@extend_schema(tags=["releases"])
class ReleaseExportReport(APIView):
    @extend_schema(
        operation_id="releases_export_report",
        parameters=[_FORMAT, _PART, _COUNT],
        responses={200: ExportReportShape, **problems(*READ, 409, 410)},
    )
    def get(self, request: Request, slug: str, number: int) -> Response:
        """What such a file leaves out or carries in another way, and why."""
        parameters = Parameters(request, "format", "part", "offsets", "strict")
        form, source = _asked(request, parameters, slug, number)
        return Response(dry_run(source, form).of_writing() | source.more(form.name))


@extend_schema(tags=["releases"])
class ReleaseStreamReport(APIView):
    @extend_schema(
        operation_id="releases_stream_report", responses={200: ExportReportShape, **problems(*READ, 409, 410)}
    )
    def get(self, request: Request, slug: str, number: int, name: str) -> Response:
        """What a stream of the release held and left out. 404 while it has not come to its end."""
        Parameters(request)
        return Response(reports.kept(get_made_release(get_corpus(request.user, slug), number), name))


@extend_schema(tags=["releases"])
class ReleaseStreamLosses(APIView):
    @extend_schema(operation_id="releases_stream_losses", responses={**LOSSES, **problems(410)})
    def get(self, request: Request, slug: str, number: int, name: str) -> FileResponse:
        """The same with every loss, a JSON object a line; the last line has the counts."""
        Parameters(request)
        path = reports.kept_lines(get_made_release(get_corpus(request.user, slug), number), name)
        return FileResponse(path.open("rb"), content_type=jsonl.MEDIA_TYPE)


@extend_schema(tags=["releases"])
class ReleaseExports(APIView):
    @extend_schema(
        operation_id="releases_exports_create",
        parameters=ONCE,
        request=ReleaseExportBody,
        responses={202: ExportShape, **problems(*WRITE, 410)},
        examples=[OpenApiExample("To train spaCy", {"format": "docbin", "part": "train"}, request_only=True)],
    )
    def post(self, request: Request, slug: str, number: int) -> Response:
        """Have a file of the release made in any format, those that need tokens included: as `corpora/{slug}/exports/`.

        `versions` in its report names the versions that were no longer those of the manifest.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        release = get_release(corpus, number)
        values = read(ReleaseExportBody, request.data)
        return ordered(request, corpus, lambda: order_release_export(user=request.user, release=release, **values))


def _asked(request: Request, parameters: Parameters, slug: str, number: int) -> tuple[Format, ReleaseSource]:
    """Refuses formats that only a worker makes."""
    release = get_made_release(get_corpus(request.user, slug), number)
    form = known_format(parameters.text("format") or jsonl.NAME)
    if not is_streamed(form):
        address = f"/api/v1/corpora/{slug}/releases/{number}/exports/"
        hint = f'POST {address} with {{"format": "{form.name}"}}'
        raise Invalid(f"{form.name} is made by the worker: {hint}", field="format")
    return form, ReleaseSource(release, parameters.text("part"), parameters.choice("offsets", OFFSETS, CODE_POINTS))
