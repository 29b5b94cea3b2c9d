"""Links of spans to entities over REST: list, decide, the mentions of an entity, and the candidates for a span."""

from functools import partial
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.actions.links import link_spans
from annotations.entities.api.bodies import LinksBody, link_choice
from annotations.entities.api.records import in_context_json, link_json, result_response, spans_of
from annotations.entities.api.serializers import CandidatePage, EntityMentionPage, LinkDecisionSerializer, LinkPage
from annotations.entities.models import Entity
from annotations.entities.queries.candidates import candidates_for
from annotations.entities.queries.link_list import LinkFilter, list_links
from annotations.entities.queries.lookups import get_entity, get_registry
from annotations.entities.queries.page import MentionFilter, MentionInContext, mentions_of
from annotations.formats.records import EntityRecord
from annotations.review.api.bodies import client_key
from annotations.review.api.spans import STANDING
from annotations.review.models import State
from annotations.review.queries import get_span
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.fields import read
from corpusapp.core.api.pagination import list_response, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, READ, WRITE, choices, problems, query

_STATE = choices("state", "States of the links. Default: `suggested,confirmed`.", State.values)
_GREATEST = 2**63 - 1


@extend_schema(tags=["entities"])
class CorpusLinks(APIView):
    @extend_schema(
        operation_id="corpus_links_list",
        parameters=[
            _STATE,
            query("entity", "ID of an entity.", OpenApiTypes.INT64),
            query("article", "ID of an article.", OpenApiTypes.INT64),
            query("span", "ID of a span.", OpenApiTypes.INT64),
            *CURSOR,
        ],
        responses={200: LinkPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the links of spans to entities, newest first.

        With `state=rejected`, what spans are said not to be. Links of rejected spans are left out.
        """
        parameters = Parameters(request, "state", "entity", "article", "span", "cursor", "limit")
        corpus = get_registry(request.user, slug)
        named = {name: parameters.whole(name, 0, _GREATEST) for name in ("entity", "article", "span")}
        filters = LinkFilter(parameters.choices("state", State.values, STANDING), **named)
        return list_response(request, parameters, partial(list_links, corpus, filters), link_json)

    @extend_schema(
        operation_id="corpus_links_create",
        parameters=ONCE,
        request=LinksBody,
        responses={201: LinkDecisionSerializer, 200: LinkDecisionSerializer, **problems(*WRITE)},
        examples=[
            OpenApiExample(
                "Two spans are one entity, a third one is not",
                {
                    "links": [
                        {"span": 7, "entity": 3, "revision": 1},
                        {"span": 9, "entity": 3},
                        {"span": 12, "verb": "unlink", "entity": 3, "revision": 2},
                    ]
                },
                request_only=True,
            ),
            OpenApiExample(
                "A new entity",
                {"links": [{"span": 7, "new": {"name": "Walid Muallem", "label": "PERSON"}}]},
                request_only=True,
            ),
        ],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Link spans to entities, confirm links, or reject them, as one decision with one undo.

        To confirm a suggested link is to `link` its span to the same entity; `unlink` rejects it. Linking a suggested
        span confirms the span. Items that changed since are left out and reported: `complete` says whether all were
        applied. With `all_or_none`, nothing is done if one would be left out. 409 if nothing is left to do. For
        editors.
        """
        Parameters(request)
        corpus = get_registry(request.user, slug)
        body = read(LinksBody, request.data)
        result = link_spans(
            user=request.user,
            corpus=corpus,
            choices=[link_choice(link) for link in body["links"]],
            all_or_none=body.get("all_or_none", False),
            client_key=client_key(request, body),
        )
        response = result_response(result)
        response.data["spans"] = spans_of(result)
        return response


@extend_schema(tags=["entities"])
class EntityMentions(APIView):
    @extend_schema(
        operation_id="entities_mentions",
        parameters=[
            _STATE,
            query("alias", "Only mentions with this name."),
            query("published_from", "First week of the articles: that of this day.", OpenApiTypes.DATE),
            query("published_to", "Last week of the articles: that of this day.", OpenApiTypes.DATE),
            *CURSOR,
        ],
        responses={200: EntityMentionPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the mentions of an entity in context, newest articles first.

        To confirm or reject them, send their spans to `corpora/{slug}/links/`, with the entity and the revision of the
        link.
        """
        parameters = Parameters(request, "state", "alias", "published_from", "published_to", "cursor", "limit")
        entity = get_entity(request.user, pk)
        filters = MentionFilter(
            states=parameters.choices("state", State.values, STANDING),
            alias=parameters.text("alias"),
            published_from=parameters.date("published_from"),
            published_to=parameters.date("published_to"),
        )
        read_page = partial(mentions_of, entity, filters)
        return list_response(request, parameters, read_page, partial(_mention_json, entity, _pairs(entity)))


def _pairs(entity: Entity) -> tuple[tuple[str, str], ...]:
    return tuple((row.scheme, row.value) for row in entity.identifiers.all())


def _mention_json(entity: Entity, pairs: tuple[tuple[str, str], ...], row: MentionInContext) -> dict[str, Any]:
    link = row.link
    assert link is not None
    record = EntityRecord(entity.pk, entity.name, pairs, link.state, link.score, link.revision)
    return {**in_context_json(row, record), "link": link.pk}


@extend_schema(tags=["entities"])
class SpanCandidates(APIView):
    @extend_schema(operation_id="spans_candidates", responses={200: CandidatePage, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the entities that a span may be, at most three, the most probable first.

        Empty if none is known, or if the corpus links no entities.
        """
        Parameters(request)
        span = get_span(request.user, pk)
        found = candidates_for(request.user, span)
        return whole_list({"id": candidate.entity, **_without_entity(candidate._asdict())} for candidate in found)


def _without_entity(candidate: dict[str, Any]) -> dict[str, Any]:
    return {name: list(value) if name == "reasons" else value for name, value in candidate.items() if name != "entity"}
