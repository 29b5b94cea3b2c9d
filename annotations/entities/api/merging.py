"""Merging and splitting entities over REST, and the pairs that were said to be different."""

from functools import partial

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.actions.merge import mark_distinct, merge_entities, preview_merge
from annotations.entities.actions.split import split_entity
from annotations.entities.api.bodies import DistinctBody, MergeEntityBody, SplitEntityBody
from annotations.entities.api.records import distinct_json, preview_json, result_response
from annotations.entities.api.serializers import DistinctPage, EntityDecisionSerializer, MergePreviewSerializer
from annotations.entities.models import Entity
from annotations.entities.queries.link_list import list_distinct
from annotations.entities.queries.lookups import get_entity, get_registry
from annotations.review.api.bodies import client_key, seen_revision
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.fields import read
from corpusapp.core.api.pagination import list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, IF_MATCH, ONCE, READ, REVISED, WRITE, problems, query
from corpusapp.core.errors import Invalid, NotFound

DECIDED = {201: EntityDecisionSerializer, 200: EntityDecisionSerializer}


@extend_schema(tags=["entities"])
class EntityMerge(APIView):
    @extend_schema(
        operation_id="entities_merge_preview",
        parameters=[query("into", "ID of the entity that stays.", OpenApiTypes.INT64, required=True)],
        responses={200: MergePreviewSerializer, **problems(*READ, 403, 409)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Preview what merging an entity into another one would move.

        Changes nothing. For editors.
        """
        into = Parameters(request, "into").whole("into", 0, 2**63 - 1)
        source = get_entity(request.user, pk)
        if into is None:
            raise Invalid("name the entity that stays: send its ID as into", field="into")
        target = other_entity(request, into, "into")
        return Response(preview_json(preview_merge(user=request.user, source=source, target=target)))

    @extend_schema(
        operation_id="entities_merge",
        parameters=[IF_MATCH, *ONCE],
        request=MergeEntityBody,
        responses={**DECIDED, **problems(*REVISED)},
        examples=[
            OpenApiExample("One into another", {"revision": 2, "into": 8, "into_revision": 5}, request_only=True)
        ],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Merge an entity into another one, as one decision with one undo.

        Its links, names and identifiers move there, and its ID goes on to answer with where it went. 409 if either has
        changed since, if it was merged already, or if they were said to be different. For editors.
        """
        Parameters(request)
        source = get_entity(request.user, pk)
        body = read(MergeEntityBody, request.data)
        seen = seen_revision(request, body.get("revision"))
        with seen.as_condition():
            result = merge_entities(
                user=request.user,
                source=source,
                target=other_entity(request, body["into"], "into"),
                source_revision=seen.revision,
                target_revision=body.get("into_revision"),
                client_key=client_key(request, body),
            )
        return result_response(result)


@extend_schema(tags=["entities"])
class EntitySplit(APIView):
    @extend_schema(
        operation_id="entities_split",
        parameters=[IF_MATCH, *ONCE],
        request=SplitEntityBody,
        responses={**DECIDED, **problems(*REVISED)},
        examples=[
            OpenApiExample(
                "Two mentions are somebody else",
                {
                    "revision": 4,
                    "links": [{"link": 31, "revision": 1}, {"link": 32, "revision": 2}],
                    "name": "Heinz Fischer",
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Move some mentions of an entity to a new one, or to an existing one, as one decision with one undo.

        The two are then said to be different. Links that changed since are left out and reported; 409 if none is left.
        For editors.
        """
        Parameters(request)
        entity = get_entity(request.user, pk)
        body = read(SplitEntityBody, request.data)
        seen = seen_revision(request, body.get("revision"))
        with seen.as_condition():
            result = split_entity(
                user=request.user,
                entity=entity,
                revision=seen.revision,
                links=_revisions(body["links"]),
                name=body.get("name", ""),
                label=body.get("label", ""),
                into=other_entity(request, body["into"], "into") if "into" in body else None,
                client_key=client_key(request, body),
            )
        return result_response(result)


def _revisions(listed: list[dict[str, int]]) -> dict[int, int]:
    """Revisions by link. Refuses a link that is listed twice."""
    links: dict[int, int] = {}
    for position, entry in enumerate(listed):
        if entry["link"] in links:
            raise Invalid(f"link {entry['link']} is listed twice", field=f"links[{position}].link")
        links[entry["link"]] = entry["revision"]
    return links


@extend_schema(tags=["entities"])
class CorpusDistinct(APIView):
    @extend_schema(
        operation_id="corpus_distinct_list", parameters=CURSOR, responses={200: DistinctPage, **problems(*READ)}
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the pairs of entities that people said are different, newest first.

        They are never proposed as one. To take one back, undo its decision.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_registry(request.user, slug)
        return list_response(request, parameters, partial(list_distinct, corpus), distinct_json)

    @extend_schema(
        operation_id="corpus_distinct_create",
        parameters=ONCE,
        request=DistinctBody,
        responses={**DECIDED, **problems(*WRITE)},
        examples=[OpenApiExample("Two Fischers", {"first": 7, "second": 8}, request_only=True)],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Say that two entities are different.

        They are never proposed as one again, and cannot be merged until it is undone. For editors.
        """
        Parameters(request)
        corpus = get_registry(request.user, slug)
        body = read(DistinctBody, request.data)
        first, second = (get_entity(request.user, body[name], corpus) for name in ("first", "second"))
        key = client_key(request, body)
        return result_response(mark_distinct(user=request.user, first=first, second=second, client_key=key))


def other_entity(request: ApiRequest, pk: int, field: str) -> Entity:
    """The other entity that a request names in this field."""
    try:
        return get_entity(request.user, pk)
    except NotFound as missing:
        raise NotFound(missing.detail, field=field) from missing
