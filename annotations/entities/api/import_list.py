"""REST API of the import of a list of entities."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.actions.import_list import ListImport, import_list
from annotations.entities.queries.list_files import MAX_BYTES, read_list_file
from annotations.entities.queries.lookups import get_registry
from annotations.linkers.lists import FORMATS
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Role
from corpusapp.core.api.idempotency import HEADER
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.problem_details import TooLarge
from corpusapp.core.api.schema import ONCE, REPLAYED, WRITE, problems, query
from corpusapp.core.api.wire import MULTIPART, OCTETS, Body, OctetsParser
from corpusapp.core.errors import Invalid

_SHOWN = 1000


class ListFileBody(serializers.Serializer):
    file = serializers.FileField()


class LeftOutEntity(serializers.Serializer):
    line = serializers.IntegerField(allow_null=True, help_text="Null in RDF.")
    item = serializers.CharField(help_text="Its name, or its URI in RDF.", allow_blank=True)
    field = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class EntityImportSerializer(serializers.Serializer):
    decision = serializers.IntegerField(
        allow_null=True, help_text="Its undo takes all of it back. Null in a preview, and if nothing changed."
    )
    added = serializers.IntegerField(help_text="New entities.")
    updated = serializers.IntegerField(help_text="Known entities that gained something.")
    unchanged = serializers.IntegerField(allow_null=True, help_text="Null in a repeated response.")
    left_out = LeftOutEntity(many=True, help_text="Entries that cannot be taken; the first 1,000.")
    left_out_count = serializers.IntegerField()
    columns = serializers.DictField(
        child=serializers.CharField(allow_blank=True),
        help_text="What each column or key was taken for; empty if it was ignored.",
    )


@extend_schema(tags=["entities"])
class EntityImport(APIView):
    parser_classes = [OctetsParser, MultiPartParser]

    @extend_schema(
        operation_id="entities_import",
        parameters=[
            query("label", "Label of entities that name none."),
            query("name", "Name of the file, whose ending says its format."),
            query("format", "Default: by the file's name or its first characters.", enum=list(FORMATS)),
            query(
                "columns",
                "What columns mean, such as `Titel=name,Art=label,Ort=`: name, label, description, aliases, "
                "`aliases@ar`, `identifier:SCHEME`, or nothing to ignore it. Common names are recognized.",
            ),
            query("scheme", "Scheme of identifiers that name none. Default: `local`."),
            query("all_or_none", "Default: true. False leaves out what cannot be taken.", OpenApiTypes.BOOL),
            query("preview", "Only says what would be done.", OpenApiTypes.BOOL),
            *ONCE,
        ],
        request={OCTETS: OpenApiTypes.BINARY, MULTIPART: ListFileBody},
        responses={201: EntityImportSerializer, 200: EntityImportSerializer, **problems(*WRITE)},
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Import a list of entities from CSV, JSON Lines or SKOS.

        For managers. One decision, with one undo. An entry is the known entity that has one of its identifiers, or else
        its name and label; it gains aliases, identifiers, and a description if it has none. Importing a list again
        changes nothing: 200. At most 10,000 entities and 10 MB; `manage.py import_entities` takes more.
        """
        names = ("label", "name", "format", "columns", "scheme", "all_or_none", "preview")
        parameters = Parameters(request, *names)
        corpus = get_registry(request.user, slug, Role.MANAGER)
        name, data = _file(request)
        listed = read_list_file(
            data, corpus=corpus, name=parameters.text("name") or name, format=parameters.text("format"),
            columns=_columns(parameters.text("columns")), scheme=parameters.text("scheme"),
        )  # fmt: skip
        outcome = import_list(
            user=request.user, corpus=corpus, listed=listed, label=parameters.text("label"),
            all_or_none=parameters.flag("all_or_none", True), preview=parameters.flag("preview", False),
            client_key=request.headers.get(HEADER),
        )  # fmt: skip
        return Response(
            _outcome_json(outcome, listed.columns),
            status=201 if outcome.decision else 200,
            headers=REPLAYED if outcome.repeated else {},
        )


def _file(request: ApiRequest) -> tuple[str, bytes]:
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    if length > MAX_BYTES + 10_000:
        raise TooLarge(f"the body has {length} bytes: the limit is {MAX_BYTES}, send it in parts")
    if isinstance(request.data, Body):
        return "", request.data.read()
    files = [file for _, listed in request.FILES.lists() for file in listed]
    if len(files) != 1:
        raise Invalid(f"the body has {len(files)} files: send one", field="file")
    return files[0].name or "", files[0].read()


def _columns(pairs: str) -> dict[str, str]:
    """{theirs: ours} from `Titel=name,Art=label`."""
    columns = {}
    for pair in filter(None, pairs.split(",")):
        theirs, separator, ours = pair.rpartition("=")
        if not separator:
            raise Invalid(f"columns: {pair[:60]!r} is not a pair: write COLUMN=MEANING", field="columns")
        columns[theirs] = ours
    return columns


def _outcome_json(outcome: ListImport, columns: dict[str, str]) -> dict[str, Any]:
    return {
        "decision": outcome.decision.pk if outcome.decision else None,
        "added": outcome.added,
        "updated": outcome.updated,
        "unchanged": outcome.unchanged,
        "left_out": outcome.left_out[:_SHOWN],
        "left_out_count": len(outcome.left_out),
        "columns": columns,
    }
