"""Knowledge bases of a corpus over REST, looking entities up in them, and taking what was found."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.actions.knowledge import look_up, take_candidate
from annotations.entities.actions.knowledge_services import remove_service, save_service
from annotations.entities.api.bodies import WriteBody
from annotations.entities.api.merging import DECIDED
from annotations.entities.api.records import result_response
from annotations.entities.models import KnowledgeAnswer, KnowledgeService
from annotations.entities.queries.knowledge import get_service, looked_up, services_of
from annotations.entities.queries.lookups import get_entity, get_registry
from annotations.review.api.bodies import client_key, seen_revision
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import may
from corpusapp.core.api.fields import StrictSerializer, Text, Whole, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import ListPage, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import IF_MATCH, ONCE, READ, REVISED, WRITE, problems

_TYPES = "IDs of its types by the names of labels, such as `Q5` by `PERSON`."
_PROPERTIES = "Its properties that have other names, separated by white space, such as `Aen Aar`."


class KnowledgeBaseSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField(allow_null=True, help_text="For managers; null for others, since it may have a key.")
    scheme = serializers.CharField(help_text="Scheme of its identifiers.")
    types = serializers.DictField(child=serializers.CharField(), help_text=_TYPES)
    alias_properties = serializers.CharField(help_text=_PROPERTIES, allow_blank=True)
    failure = serializers.CharField(help_text="Why the last question had no answer.", allow_blank=True)


class KnowledgeBasePage(ListPage):
    results = KnowledgeBaseSerializer(many=True)


class TypesField(serializers.DictField):
    """IDs of types by the names of labels, in a request."""

    child = Text()


class KnowledgeBaseBody(StrictSerializer):
    name = Text()
    url = Text(help_text="Of a service of the Reconciliation Service API 0.2.")
    scheme = Text(help_text="Scheme of its identifiers, such as `wikidata`.")
    types = TypesField(required=False, help_text=_TYPES)
    alias_properties = Text(required=False, allow_blank=True, help_text=_PROPERTIES)


class KnowledgeBaseChangeBody(KnowledgeBaseBody):
    name = Text(required=False)
    url = Text(required=False)
    scheme = Text(required=False)


class KnowledgeAliasSerializer(serializers.Serializer):
    name = serializers.CharField()
    language = serializers.CharField(allow_blank=True)


class KnowledgeCandidateSerializer(serializers.Serializer):
    id = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    score = serializers.FloatField(help_text="As the service scores it.")
    match = serializers.BooleanField(help_text="Whether the service is certain.")
    types = serializers.ListField(child=serializers.CharField())
    aliases = KnowledgeAliasSerializer(many=True)


class KnowledgeAnswerSerializer(serializers.Serializer):
    service = serializers.IntegerField(help_text="ID of the knowledge base.")
    name = serializers.CharField()
    fetched_at = serializers.DateTimeField(allow_null=True, help_text="Null if it was not asked about this entity.")
    candidates = KnowledgeCandidateSerializer(many=True)


class KnowledgeAnswerPage(ListPage):
    results = KnowledgeAnswerSerializer(many=True)


class LookUpBody(StrictSerializer):
    service = Whole(help_text="ID of the knowledge base.")


class TakeCandidateBody(WriteBody):
    service = Whole(help_text="ID of the knowledge base.")
    candidate = Text(help_text="ID of the candidate there, such as `Q3766`.")
    revision = Whole(required=False, help_text="The entity's revision that you saw; or send `If-Match`.")


_WIKIDATA = OpenApiExample(
    "Wikidata",
    {
        "name": "Wikidata", "url": "https://wikidata.reconci.link/en/api", "scheme": "wikidata",
        "types": {"PERSON": "Q5"}, "alias_properties": "Aen",
    },
    request_only=True,
)  # fmt: skip


@extend_schema(tags=["entities"])
class KnowledgeBases(APIView):
    @extend_schema(operation_id="knowledge_bases_list", responses={200: KnowledgeBasePage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the knowledge bases that entities of a corpus can be looked up in.

        Their addresses are shown to managers, since they may have keys.
        """
        Parameters(request)
        corpus = get_registry(request.user, slug)
        shown = may(request.user, corpus, Role.MANAGER)
        return whole_list(_service_json(service, shown) for service in services_of(corpus))

    @extend_schema(
        operation_id="knowledge_bases_create",
        parameters=ONCE,
        request=KnowledgeBaseBody,
        responses={201: KnowledgeBaseSerializer, **problems(*WRITE, 410)},
        examples=[_WIKIDATA],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Add a knowledge base: a service of the Reconciliation Service API 0.2.

        For managers. `SERVICE_HOSTS` says which hosts it may have. It is not asked yet.
        """
        Parameters(request)
        corpus = get_registry(request.user, slug, Role.MANAGER)
        body = read(KnowledgeBaseBody, request.data)
        return create(
            request,
            make=lambda: (save_service(user=request.user, corpus=corpus, **body), 201),
            find=lambda pk: get_service(corpus, pk),
            show=lambda service, status: Response(_service_json(service, True), status=status),
        )


@extend_schema(tags=["entities"])
class KnowledgeBaseDetail(APIView):
    @extend_schema(
        operation_id="knowledge_bases_update",
        request=KnowledgeBaseChangeBody,
        responses={200: KnowledgeBaseSerializer, **problems(*WRITE)},
    )
    def patch(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Change a knowledge base. What it answered before is forgotten.

        For managers. Fields that are left out stay as they are.
        """
        Parameters(request)
        corpus, service = self._service(request, slug, pk)
        now = {name: getattr(service, name) for name in ("name", "url", "scheme", "types", "alias_properties")}
        values = {**now, **read(KnowledgeBaseChangeBody, request.data)}
        changed = save_service(user=request.user, corpus=corpus, service=service, **values)
        return Response(_service_json(changed, True))

    @extend_schema(operation_id="knowledge_bases_destroy", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Remove a knowledge base from its corpus.

        For managers. Identifiers that entities have of it stay.
        """
        Parameters(request)
        remove_service(user=request.user, service=self._service(request, slug, pk)[1])
        return Response(status=204)

    def _service(self, request: ApiRequest, slug: str, pk: int) -> tuple[Corpus, KnowledgeService]:
        corpus = get_registry(request.user, slug, Role.MANAGER)
        return corpus, get_service(corpus, pk)


@extend_schema(tags=["entities"])
class EntityKnowledge(APIView):
    @extend_schema(operation_id="entities_knowledge", responses={200: KnowledgeAnswerPage, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List what the knowledge bases of the corpus answered about an entity.

        Asks none of them: a POST does.
        """
        Parameters(request)
        entity = get_entity(request.user, pk)
        return whole_list(_answer_json(one.service, one.answer) for one in looked_up(entity))

    @extend_schema(
        operation_id="entities_look_up",
        request=LookUpBody,
        responses={200: KnowledgeAnswerSerializer, **problems(*WRITE, 502)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Look an entity up in a knowledge base: the best candidates.

        For editors. Answers are kept for a week, or until the entity's names change. 502 if the knowledge base gives no
        usable answer within 6 seconds; it is then not asked again for half a minute.
        """
        Parameters(request)
        entity = get_entity(request.user, pk)
        service = get_service(entity.corpus, read(LookUpBody, request.data)["service"])
        return Response(_answer_json(service, look_up(user=request.user, entity=entity, service=service)))


@extend_schema(tags=["entities"])
class EntityTake(APIView):
    @extend_schema(
        operation_id="entities_take",
        parameters=[IF_MATCH, *ONCE],
        request=TakeCandidateBody,
        responses={**DECIDED, **problems(*REVISED)},
        examples=[OpenApiExample("A city", {"service": 1, "candidate": "Q3766", "revision": 2}, request_only=True)],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Take over a candidate that was looked up.

        Its identifier and its names, and its description if there is none. For editors. One decision with one undo. 409
        if another entity has the identifier.
        """
        Parameters(request)
        entity = get_entity(request.user, pk)
        body = read(TakeCandidateBody, request.data)
        seen = seen_revision(request, body.get("revision"))
        with seen.as_condition():
            result = take_candidate(
                user=request.user, entity=entity, revision=seen.revision, candidate=body["candidate"],
                service=get_service(entity.corpus, body["service"]), client_key=client_key(request, body),
            )  # fmt: skip
        return result_response(result)


def _service_json(service: KnowledgeService, shown: bool) -> dict[str, Any]:
    names = ("name", "scheme", "types", "alias_properties", "failure")
    about = {name: getattr(service, name) for name in names}
    return {"id": service.pk, **about, "url": service.url if shown else None}


def _answer_json(service: KnowledgeService, answer: KnowledgeAnswer | None) -> dict[str, Any]:
    return {
        "service": service.pk,
        "name": service.name,
        "fetched_at": answer.fetched_at if answer else None,
        "candidates": [_candidate_json(one) for one in answer.candidates] if answer else [],
    }


def _candidate_json(candidate: Mapping[str, Any]) -> dict[str, Any]:
    return {**candidate, "aliases": [{"name": name, "language": code} for name, code in candidate["aliases"]]}
