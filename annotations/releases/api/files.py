"""The files of a release over REST: its own, and exports in other formats."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.exports import store as export_store
from annotations.exports.api.exports import ordered
from annotations.exports.api.filters import FILE_OFFSETS, LEFT_OUT, OFFSETS, REPORT_LINK, left_out_header
from annotations.exports.api.serializers import FORMER, LOSSES, ExportReportSerializer, ExportSerializer, file_answers
from annotations.exports.format_choices import file_name, is_streamed, known_format, offsets_of, streamed
from annotations.exports.queries.streaming import dry_run, stream
from annotations.formats import jsonl
from annotations.formats.protocol import Format
from annotations.formats.registry import formats
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases import store
from annotations.releases.actions.order import order_release_export
from annotations.releases.api.manifest import ManifestSerializer
from annotations.releases.queries.files import ReleaseSource, open_entities, open_file
from annotations.releases.queries.manifest import entities_name, manifest_bytes, versions_differ
from annotations.releases.queries.releases import file_stem, get_made_release, get_release
from annotations.releases.split import PARTS
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import Flag, OneOf, StrictSerializer, read
from corpusapp.core.api.jobs import JobView
from corpusapp.core.api.pagination import link
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, RANGED, READ, WRITE, header, problems, query, whole_or_part
from corpusapp.core.downloads import file_response, stream_response
from corpusapp.core.errors import Invalid

_PART = query("part", "Part of the release. Default: all of it.", enum=list(PARTS))
_FORMAT = query("format", "Default: `jsonl`.", enum=[form.name for form in streamed()])
_STRICT = query("strict", "1: refuse if the format cannot hold everything.", OpenApiTypes.BOOL)
_COUNT = query("offsets", "Unit of offsets. `utf16`, for JavaScript, only in jsonl.", enum=list(OFFSETS))
AS_MADE = "as made"
_VERSIONS = header("X-Versions", f"`{AS_MADE}`, or the versions that differ from those of the manifest.")


class ReleaseExportBody(StrictSerializer):
    """Format of an export of a release."""

    format = OneOf([form.name for form in formats.written()])
    part = OneOf(PARTS, required=False, help_text="Default: the whole release.")
    offsets = OneOf(
        OFFSETS, required=False, help_text="Unit of offsets. `utf16` only in the formats jsonl and jsonl-tokens."
    )
    strict = Flag(required=False, help_text="Refuse if anything would be left out.")


@extend_schema(tags=["releases"])
class ReleaseFile(APIView):
    @extend_schema(
        operation_id="releases_file",
        parameters=[LEFT_OUT, FILE_OFFSETS, *RANGED],
        responses={
            **whole_or_part("application/gzip", "Gzipped lines, as in `jsonl`."),
            **problems(*READ, 409, 410, 416),
        },
    )
    def get(self, request: ApiRequest, slug: str, number: int) -> HttpResponseBase:
        """Download the file of a release.

        Gzipped JSON Lines, always the same bytes: their SHA-256 is that of the release. Each line is as in an export to
        `jsonl`, with the part of its article as `split`.
        """
        Parameters(request)
        release = get_made_release(get_corpus(request.user, slug), number)
        headers = {"X-Offsets": CODE_POINTS, **left_out_header(release.left_out_articles)}
        name = f"{file_stem(release)}{store.SUFFIX}"
        return file_response(
            request,
            open_file(release),
            name=name,
            content_type="application/gzip",
            sha256=release.sha256,
            headers=headers,
        )


@extend_schema(tags=["releases"])
class ReleaseEntities(APIView):
    @extend_schema(
        operation_id="releases_entities",
        parameters=RANGED,
        responses={
            **whole_or_part("application/gzip", "Gzipped lines, each an entity."),
            **problems(*READ, 409, 410, 416),
        },
    )
    def get(self, request: ApiRequest, slug: str, number: int) -> HttpResponseBase:
        """Download the entities of a release.

        Gzipped JSON Lines, always the same bytes: an entity on each line, by `id`, with its name, label, description,
        identifiers, aliases, and the number of its spans in the release. One that was merged says into which. 404 if
        the corpus had no entities.
        """
        Parameters(request)
        release = get_made_release(get_corpus(request.user, slug), number)
        file, sha256 = open_entities(release)
        name = entities_name(release)
        return file_response(request, file, name=name, content_type="application/gzip", sha256=sha256)


@extend_schema(tags=["releases"])
class ReleaseManifest(APIView):
    @extend_schema(
        operation_id="releases_manifest",
        responses={200: ManifestSerializer, **problems(*READ, 409, 410)},
    )
    def get(self, request: ApiRequest, slug: str, number: int) -> HttpResponse:
        """Download the manifest of a release as a file.

        The same bytes each time: `manifest_sha256` of the release is theirs.
        """
        Parameters(request)
        release = get_made_release(get_corpus(request.user, slug), number)
        name = f"{file_stem(release)}.manifest.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(manifest_bytes(release), content_type="application/json", headers=headers)


@extend_schema(tags=["releases"])
class ReleaseExport(APIView):
    @extend_schema(
        operation_id="releases_export",
        parameters=[_FORMAT, _PART, _COUNT, _STRICT, LEFT_OUT, FILE_OFFSETS, REPORT_LINK, _VERSIONS],
        responses={
            **file_answers(streamed()),
            **problems(*READ, 409, 410),
        },
    )
    def get(self, request: ApiRequest, slug: str, number: int) -> HttpResponseBase:
        """Stream a release, or one part of it, in another format.

        The bytes are always the same while `X-Versions` is `as made`; else it names the versions that differ from the
        manifest. What a format cannot hold is listed in the report at the `Link` header.
        """
        parameters = Parameters(request, "format", "part", "offsets", "strict")
        form, source = _requested(request, parameters, slug, number)
        release = source.owner
        made = stream(source, form, strict=parameters.flag("strict", False))
        name = file_name(form, file_stem(release, source.part))
        return stream_response(
            request,
            made.chunks,
            content_type=form.media_type,
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Offsets": offsets_of(form, source.offsets),
                "X-Versions": "; ".join(versions_differ(release, form.name)) or AS_MADE,
                "Link": link(request.build_absolute_uri(f"{request.path}reports/{made.name}/"), "describedby"),
                **left_out_header(release.left_out_articles),
            },
        )


@extend_schema(tags=["releases"])
class ReleaseExportReport(APIView):
    @extend_schema(
        operation_id="releases_export_report",
        parameters=[_FORMAT, _PART, _COUNT],
        responses={200: ExportReportSerializer, **problems(*READ, 409, 410)},
    )
    def get(self, request: ApiRequest, slug: str, number: int) -> Response:
        """Report what the export of a release leaves out or changes, and why.

        It reads the whole release as the export does, and takes as long.
        """
        parameters = Parameters(request, "format", "part", "offsets", "strict")
        form, source = _requested(request, parameters, slug, number)
        return Response(dry_run(source, form).of_writing() | source.more(form.name))


@extend_schema(tags=["releases"])
class ReleaseStreamReport(APIView):
    @extend_schema(
        operation_id="releases_stream_report", responses={200: ExportReportSerializer, **problems(*READ, 409, 410)}
    )
    def get(self, request: ApiRequest, slug: str, number: int, name: str) -> Response:
        """Report what a stream of the release contained and left out.

        404 until the stream has ended. The address is in the `Link` header of the stream.
        """
        Parameters(request)
        return Response(export_store.stream_report(get_made_release(get_corpus(request.user, slug), number), name))


@extend_schema(tags=["releases"])
class ReleaseStreamLosses(APIView):
    @extend_schema(operation_id="releases_stream_losses", parameters=RANGED, responses={**LOSSES, **problems(410)})
    def get(self, request: ApiRequest, slug: str, number: int, name: str) -> HttpResponseBase:
        """Download all losses of a stream of the release as JSON Lines.

        One loss per line, as in `examples` of the report; the last line has the counts.
        """
        Parameters(request)
        path = export_store.stream_losses(get_made_release(get_corpus(request.user, slug), number), name)
        name = f"{slug}-{name}.losses.jsonl"
        return file_response(request, path.open("rb"), name=name, content_type=jsonl.MEDIA_TYPE)


@extend_schema(tags=["releases"])
class ReleaseExports(JobView):
    deprecated = FORMER

    @extend_schema(
        operation_id="releases_exports_create",
        parameters=[*ONCE, LEFT_OUT],
        request=ReleaseExportBody,
        responses={202: ExportSerializer, **problems(*WRITE, 410)},
        examples=[OpenApiExample("spaCy training data", {"format": "docbin", "part": "train"}, request_only=True)],
    )
    def post(self, request: ApiRequest, slug: str, number: int) -> Response:
        """Create an export file of the release in any format.

        As at `corpora/{slug}/exports/`. `versions` in its report names the versions that differ from the manifest.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        release = get_release(corpus, number)
        values = read(ReleaseExportBody, request.data)
        return ordered(request, corpus, lambda: order_release_export(user=request.user, release=release, **values))


def _requested(request: ApiRequest, parameters: Parameters, slug: str, number: int) -> tuple[Format, ReleaseSource]:
    """Format and source of a request. Raises `Invalid` for formats that only a worker makes."""
    release = get_made_release(get_corpus(request.user, slug), number)
    form = known_format(parameters.text("format") or jsonl.NAME)
    if not is_streamed(form):
        address = f"/api/v1/corpora/{slug}/releases/{number}/exports/"
        hint = f'POST {address} with {{"format": "{form.name}"}}'
        raise Invalid(f"{form.name} cannot be streamed: {hint}", field="format")
    return form, ReleaseSource(release, parameters.text("part"), parameters.choice("offsets", OFFSETS, CODE_POINTS))
