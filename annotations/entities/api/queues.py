"""The queues of entities over REST: pairs that may be one."""

from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.actions.queues import ANSWERS, answer_duplicate
from annotations.entities.actions.results import EntityResult
from annotations.entities.api.bodies import WriteBody
from annotations.entities.api.records import entity_json, result_json
from annotations.entities.api.serializers import EntityDecisionSerializer, EntitySerializer
from annotations.entities.models import PossibleDuplicate
from annotations.entities.queries.duplicates import possible_duplicates
from annotations.entities.queries.lookups import get_entity, get_registry
from annotations.review.api.bodies import client_key
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.fields import OneOf, Whole, read
from corpusapp.core.api.pagination import ListPage, list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, READ, REPLAYED, WRITE, problems


class PossibleDuplicateSerializer(serializers.Serializer):
    """Two entities that may be one."""

    first = EntitySerializer()
    second = EntitySerializer()
    score = serializers.FloatField(help_text="How probable it is that they are one, from 0 to 1.")
    evidence = serializers.ListField(child=serializers.CharField(), help_text="What speaks for it, in words.")
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
        "evidence": [str(reason) for reason in pair.evidence],
        "saves": pair.saves,
        "postponed_at": pair.postponed_at,
    }
