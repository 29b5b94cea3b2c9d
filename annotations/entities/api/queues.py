"""The queues of entities over REST: pairs that may be one, and names without an entity."""

from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.actions.queues import ANSWERS, answer_duplicate
from annotations.entities.actions.results import EntityResult
from annotations.entities.api.bodies import WriteBody
from annotations.entities.api.records import entity_json, in_context_json, reference_json, result_json
from annotations.entities.api.serializers import (
    ContextSerializer,
    EntityDecisionSerializer,
    EntityReference,
    EntitySerializer,
)
from annotations.entities.models import PossibleDuplicate, Unlinked
from annotations.entities.queries.duplicates import possible_duplicates
from annotations.entities.queries.lookups import get_entity, get_registry
from annotations.entities.queries.page import in_context
from annotations.entities.queries.queues import NAMES, entities_in_order, spans_of_name, unlinked_names
from annotations.review.api.bodies import client_key
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.fields import OneOf, Whole, read
from corpusapp.core.api.pagination import MAX_SIZE, ListPage, list_response, page_response, size_of, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, READ, REPLAYED, WRITE, problems, query
from corpusapp.core.errors import Invalid


class DuplicateEvidenceSerializer(serializers.Serializer):
    reason = serializers.CharField()
    value = serializers.CharField(allow_blank=True, help_text="What it was found in, such as the names.")


class PossibleDuplicateSerializer(serializers.Serializer):
    """Two entities that may be one."""

    first = EntitySerializer()
    second = EntitySerializer()
    score = serializers.FloatField(help_text="How probable it is that they are one, from 0 to 1.")
    evidence = DuplicateEvidenceSerializer(many=True, help_text="What speaks for it.")
    saves = serializers.IntegerField(help_text="Mentions that a merge would bring together.")
    postponed_at = serializers.DateTimeField(allow_null=True, help_text="When it was put off.")


class PossibleDuplicatePage(ListPage):
    results = PossibleDuplicateSerializer(many=True)


class PairAnswerBody(WriteBody):
    """Whether two entities are one. `same` needs the revisions of both that you saw."""

    first = Whole(help_text="ID of an entity.")
    second = Whole(help_text="ID of the other one.")
    answer = OneOf(choices=ANSWERS)
    first_revision = Whole(required=False)
    second_revision = Whole(required=False)


class PairAnswerSerializer(serializers.Serializer):
    answer = serializers.ChoiceField(choices=ANSWERS)
    result = EntityDecisionSerializer(allow_null=True, help_text="Null for `later`, which is no decision.")


@extend_schema(tags=["entities"])
class CorpusPossibleDuplicates(APIView):
    @extend_schema(
        operation_id="corpus_possible_duplicates_list",
        parameters=CURSOR,
        responses={200: PossibleDuplicatePage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the pairs of entities that may be one, those first whose merge brings most mentions together.

        Pairs that were put off come last.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_registry(request.user, slug)
        return list_response(request, parameters, partial(possible_duplicates, corpus), _duplicate_json)

    @extend_schema(
        operation_id="corpus_possible_duplicates_answer",
        parameters=ONCE,
        request=PairAnswerBody,
        responses={201: PairAnswerSerializer, 200: PairAnswerSerializer, **problems(*WRITE, 428)},
        examples=[
            OpenApiExample("They are different", {"first": 7, "second": 8, "answer": "different"}, request_only=True),
            OpenApiExample(
                "They are one",
                {"first": 7, "second": 8, "answer": "same", "first_revision": 1, "second_revision": 3},
                request_only=True,
            ),
        ],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Say whether two entities are one.

        `same` merges the one with fewer mentions into the other one; `different` has them never proposed again; `later`
        puts the pair off, and answers 200. For editors.
        """
        Parameters(request)
        corpus = get_registry(request.user, slug)
        body = read(PairAnswerBody, request.data)
        first, second = (get_entity(request.user, body[name], corpus) for name in ("first", "second"))
        result = answer_duplicate(
            user=request.user,
            corpus=corpus,
            first=first,
            second=second,
            answer=body["answer"],
            first_revision=body.get("first_revision"),
            second_revision=body.get("second_revision"),
            client_key=client_key(request, body),
        )
        if not isinstance(result, EntityResult):
            return Response({"answer": body["answer"], "result": None})
        status, headers = (200, REPLAYED) if result.repeated else (201, None)
        return Response({"answer": body["answer"], "result": result_json(result)}, status=status, headers=headers)


def _duplicate_json(pair: PossibleDuplicate) -> dict[str, Any]:
    return {
        "first": entity_json(pair.first),
        "second": entity_json(pair.second),
        "score": pair.score,
        "evidence": [_evidence_json(one) for one in pair.evidence],
        "saves": pair.saves,
        "postponed_at": pair.postponed_at,
    }


def _evidence_json(evidence: str | list[str]) -> dict[str, str]:
    reason, *value = [evidence] if isinstance(evidence, str) else evidence
    return {"reason": reason, "value": value[0] if value else ""}


class UnlinkedNameSerializer(serializers.Serializer):
    """Mentions of one name that the linker left without an entity."""

    key = serializers.CharField(help_text="The normalised name that they share.")
    reason = serializers.ChoiceField(choices=Unlinked.Reason.choices, help_text="Why most of them have none.")
    mentions = serializers.IntegerField()
    candidates = EntityReference(many=True, help_text="Between which entities, if it is ambiguous.")


class UnlinkedPage(ListPage):
    results = UnlinkedNameSerializer(many=True)


class UnlinkedMentionSerializer(ContextSerializer):
    """A mention without an entity, in its context, which ends at line breaks."""


class UnlinkedMentionPage(ListPage):
    results = UnlinkedMentionSerializer(many=True)


_QUEUE = query(
    "queue",
    "`unlinked` (default): names of which nothing is known, or that many bodies have. `ambiguous`: names of several "
    "entities.",
    enum=list(NAMES),
)


@extend_schema(tags=["entities"])
class CorpusUnlinked(APIView):
    @extend_schema(
        operation_id="corpus_unlinked_list",
        parameters=[_QUEUE, *CURSOR],
        responses={200: UnlinkedPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the names whose mentions have no entity, the most frequent first.

        `corpora/{slug}/unlinked/mentions/` lists their mentions; link these at `corpora/{slug}/links/`.
        """
        parameters = Parameters(request, "queue", "cursor", "limit")
        corpus = get_registry(request.user, slug)
        page = unlinked_names(corpus, _queue(parameters), cursor=parameters.text("cursor"), size=size_of(parameters))
        ids = {pk for row in page.rows for pk in row.candidates}
        known = {entity.pk: reference_json(entity) for entity in entities_in_order(corpus, ids)}
        rows = [
            {**row._asdict(), "candidates": [known[pk] for pk in row.candidates if pk in known]} for row in page.rows
        ]
        return page_response(request, rows, page.next_cursor)


@extend_schema(tags=["entities"])
class CorpusUnlinkedMentions(APIView):
    @extend_schema(
        operation_id="corpus_unlinked_mentions",
        parameters=[_QUEUE, query("key", "The name, as `corpora/{slug}/unlinked/` lists it.", required=True)],
        responses={200: UnlinkedMentionPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the mentions of a name without an entity in context, newest articles first.

        At most 200.
        """
        parameters = Parameters(request, "queue", "key")
        corpus = get_registry(request.user, slug)
        if not (key := parameters.text("key")):
            raise Invalid("name the mentions: send a key of corpora/{slug}/unlinked/", field="key")
        spans = spans_of_name(corpus, _queue(parameters), key, MAX_SIZE)
        return whole_list(in_context_json(row, None) for row in in_context(spans))


def _queue(parameters: Parameters) -> str:
    return parameters.choice("queue", list(NAMES), next(iter(NAMES)))
