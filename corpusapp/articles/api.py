"""The corpus over REST: corpora, zones, imports. What shows spans beside them stands in the review's API."""

from collections.abc import Iterator, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.api.fields import Offset, StrictSerializer, Text, read
from corpusapp.api.parameters import Parameters
from corpusapp.api.schema import READ, WRITE, problems
from corpusapp.articles.actions.zones import add_zone, remove_zone
from corpusapp.articles.models import Corpus, ImportBatch, ImportProblem, Role, Zone
from corpusapp.articles.permissions import find_zone, get_article
from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.records import draft_from_record
from corpusapp.problems import as_json
from corpusapp.text.zones import KINDS

PROBLEMS_SHOWN = 1000


def corpus_record(corpus: Corpus) -> dict[str, Any]:
    return {
        "slug": corpus.slug,
        "name": corpus.name,
        "language": corpus.language,
        "guidelines": corpus.guidelines,
        "nesting_allowed": corpus.nesting_allowed,
    }


@as_json.register
def zone_json(zone: Zone) -> dict[str, Any]:
    return {"id": zone.pk, "start": zone.start, "end": zone.end, "kind": zone.kind}


class CorpusShape(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField(help_text="ISO 639-1 code.")
    guidelines = serializers.CharField()
    nesting_allowed = serializers.BooleanField()


class ZoneShape(serializers.Serializer):
    id = serializers.IntegerField()
    start = serializers.IntegerField(help_text="In code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    kind = serializers.ChoiceField(choices=KINDS)


class NewZone(StrictSerializer):
    start = Offset()
    end = Offset()
    kind = Text(help_text=f"One of {', '.join(KINDS)}.")


class ImportProblemShape(serializers.Serializer):
    item = serializers.CharField(help_text="Which article: `articles[3]`, counted from 0, or a file's name.")
    line = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    field = serializers.CharField(help_text="Of the record: `spans[0].label`; empty where none is at fault.")


class ImportReport(serializers.Serializer):
    batch = serializers.IntegerField()
    added = serializers.IntegerField(help_text="New articles, changed ones included.")
    duplicates = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="New versions of articles that were there.")
    failed = serializers.IntegerField()
    problems = ImportProblemShape(many=True, help_text="The first 1,000.")


@extend_schema(tags=["corpora"])
class CorpusList(APIView):
    @extend_schema(operation_id="corpora_list", responses={200: CorpusShape(many=True), **problems(400, 401)})
    def get(self, request: Request) -> Response:
        """The corpora that you are a member of, by name."""
        Parameters(request)
        return Response([corpus_record(corpus) for corpus in Corpus.objects.visible_to(request.user)])


@extend_schema(tags=["zones"])
class ArticleZones(APIView):
    @extend_schema(operation_id="zones_list", responses={200: ZoneShape(many=True), **problems(*READ)})
    def get(self, request: Request, pk: int) -> Response:
        """The zones of an article, in reading order."""
        Parameters(request)
        return Response([zone_json(zone) for zone in get_article(request.user, pk).zones.all()])

    @extend_schema(operation_id="zones_create", request=NewZone, responses={201: ZoneShape, **problems(*WRITE)})
    def post(self, request: Request, pk: int) -> Response:
        """Mark a stretch of an article as no running text."""
        article = get_article(request.user, pk)
        zone = add_zone(user=request.user, article=article, **read(NewZone, request.data))
        return Response(zone_json(zone), status=201)


@extend_schema(tags=["zones"])
class ZoneDetail(APIView):
    @extend_schema(operation_id="zones_destroy", responses={204: None, **problems(401, 403, 404)})
    def delete(self, request: Request, pk: int) -> Response:
        """Unmark a zone: its stretch is running text again."""
        remove_zone(user=request.user, zone=find_zone(request.user, pk, Role.EDITOR))
        return Response(status=204)


def drafts_of(records: Sequence[Any]) -> Iterator[Draft | Failure]:
    """The drafts of a list in a request's body; what is refused is named by its position."""
    for position, record in enumerate(records):
        item = f"articles[{position}]"
        try:
            yield draft_from_record(record, item=item)
        except Unfit as unfit:
            yield Failure(item, None, unfit.reason, unfit.field)


def import_report(batch: ImportBatch) -> dict[str, Any]:
    """What became of an import: its counts, and each item that failed, by item, line, field and reason."""
    failed = batch.problems.filter(kind=ImportProblem.Kind.FAILED)
    return {
        "batch": batch.pk,
        "added": batch.added,
        "duplicates": batch.duplicates,
        "changed": batch.changed,
        "failed": batch.failed,
        "problems": list(failed.values("item", "line", "reason", "field")[:PROBLEMS_SHOWN]),
    }
