"""Entities over REST: list, create, get, edit, their aliases, identifiers and history."""

from functools import partial
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.actions.entities import add_alias, create_entity, drop_alias, edit_entity, identify
from annotations.entities.actions.results import EntityResult
from annotations.entities.api.bodies import (
    DropAliasBody,
    EntityChangeBody,
    IdentifiersBody,
    NewAliasBody,
    NewEntityBody,
    identifiers_named,
    pairs_of,
)
from annotations.entities.api.records import alias_json, change_json, entity_json, label_names, reference_json
from annotations.entities.api.serializers import (
    AliasPage,
    EntityDetailSerializer,
    EntityHistoryPage,
    EntityPage,
    EntitySerializer,
)
from annotations.entities.models import STANDING, Entity, EntityState
from annotations.entities.queries.aliases import aliases_of_all, list_aliases
from annotations.entities.queries.index import ORDERS, EntityFilter, list_and_count, list_entities
from annotations.entities.queries.lookups import get_entity, get_registry
from annotations.entities.queries.page import changes_of, distinct_from
from annotations.review.api.bodies import SeenRevision, client_key, etag, seen_revision
from annotations.review.models import State
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.field_selection import FieldSelection, fields_parameter
from corpusapp.core.api.fields import read
from corpusapp.core.api.pagination import list_response, page_response, size_of
from corpusapp.core.api.parameters import MOST_NAMES, Parameters
from corpusapp.core.api.schema import (
    CURSOR,
    ETAG,
    IF_MATCH,
    ONCE,
    READ,
    REPLAYED,
    REVISED,
    WRITE,
    choices,
    problems,
    query,
)
from corpusapp.core.errors import Invalid

# Aliases of an entity that are shown with it.
MOST_ALIASES = 60
_FIELDS, _ON_REQUEST = tuple(EntitySerializer().fields), ("aliases",)
_KNOWN = (
    "search", "label", "state", "scheme", "identifier", "ids", "order", "count", "cursor", "limit", "fields",
)  # fmt: skip
_CHANGED: dict[Any, Any] = {200: EntityDetailSerializer, **problems(*REVISED)}


@extend_schema(tags=["entities"])
class CorpusEntities(APIView):
    @extend_schema(
        operation_id="corpus_entities_list",
        parameters=[
            query("search", "A name, in any spelling or script: the 500 best matches."),
            query("label", "Name of a label."),
            choices("state", "Default: `suggested,confirmed`; with `ids`, all.", EntityState.values),
            query("scheme", "Only entities with an identifier of this scheme, such as `wikidata`."),
            query("identifier", "The entity with this identifier in the scheme, such as `Q3766`."),
            query("ids", f"IDs of entities, separated by commas, at most {MOST_NAMES}."),
            query("order", "Default: most mentioned first.", enum=ORDERS),
            query("count", "1: answer the number of entities that match in `total`.", OpenApiTypes.BOOL),
            *CURSOR,
            fields_parameter(_FIELDS, _ON_REQUEST),
        ],
        responses={200: EntityPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the entities of a corpus.

        All filters apply together. Without `state`, those that are neither merged nor removed.
        """
        parameters = Parameters(request, *_KNOWN)
        corpus = get_registry(request.user, slug)
        selection = FieldSelection(parameters, _FIELDS, _ON_REQUEST)
        filters, order = _read_filter(parameters), parameters.choice("order", ORDERS, ORDERS[0])
        asked = (corpus, filters, order, parameters.text("cursor"), size_of(parameters))
        counted = parameters.flag("count", False)
        page, total = list_and_count(*asked) if counted else (list_entities(*asked), None)
        rows = [entity_json(entity) for entity in page.rows]
        if "aliases" in selection:
            aliases = aliases_of_all([entity.pk for entity in page.rows], MOST_ALIASES)
            rows = [{**row, "aliases": [alias_json(alias) for alias in aliases[row["id"]]]} for row in rows]
        response = page_response(request, selection.all(rows), page.next_cursor)
        response.data["total"] = total
        return response

    @extend_schema(
        operation_id="corpus_entities_create",
        parameters=[*ONCE, ETAG],
        request=NewEntityBody,
        responses={201: EntityDetailSerializer, 200: EntityDetailSerializer, **problems(*WRITE)},
        examples=[
            OpenApiExample(
                "A place",
                {
                    "name": "Damascus",
                    "label": "GPE",
                    "identifiers": {"wikidata": ["Q3766"]},
                    "aliases": ["Dimashq", "Damas"],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Create an entity with its names and identifiers.

        409 if another entity of the corpus has one of the identifiers. For editors.
        """
        Parameters(request)
        corpus = get_registry(request.user, slug)
        body = read(NewEntityBody, request.data)
        with identifiers_named(body):
            result = create_entity(
                user=request.user,
                corpus=corpus,
                name=body["name"],
                label=body["label"],
                description=body.get("description", ""),
                identifiers=pairs_of(body.get("identifiers", {})),
                aliases=body.get("aliases", ()),
                client_key=client_key(request, body),
            )
        return _entity_response(request, result.entities[0].pk, result, status=200 if result.repeated else 201)


def _read_filter(parameters: Parameters) -> EntityFilter:
    ids = parameters.ids("ids")
    default = EntityState.values if ids else STANDING
    return EntityFilter(
        search=parameters.text("search"),
        label=parameters.text("label"),
        states=parameters.choices("state", EntityState.values, default),
        scheme=parameters.text("scheme"),
        identifier=parameters.text("identifier"),
        ids=ids,
    )


@extend_schema(tags=["entities"])
class EntityDetail(APIView):
    @extend_schema(
        operation_id="entities_retrieve",
        parameters=[ETAG],
        responses={200: EntityDetailSerializer, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Get an entity.

        A merged one says in `merged_into` where it went, a removed one that it is `removed`. Its ETag is its revision:
        send it as `If-Match` with the next write.
        """
        Parameters(request)
        return _detail_response(get_entity(request.user, pk))

    @extend_schema(
        operation_id="entities_update",
        parameters=[IF_MATCH, *ONCE, ETAG],
        request=EntityChangeBody,
        responses=_CHANGED,
        examples=[OpenApiExample("Rename", {"revision": 1, "name": "Walid Muallem"}, request_only=True)],
    )
    def patch(self, request: ApiRequest, pk: int) -> Response:
        """Rename an entity, describe it, or give it another label.

        Its former name stays an alias. Send the revision that you saw as `revision` or `If-Match`. For editors.
        """
        Parameters(request)
        entity = get_entity(request.user, pk)
        body = read(EntityChangeBody, request.data)
        seen = seen_revision(request, body.get("revision"))
        wanted = {name: body[name] for name in ("name", "description", "label") if name in body}
        return _change(request, entity, body, seen, partial(edit_entity, **wanted))


@extend_schema(tags=["entities"])
class EntityAliases(APIView):
    @extend_schema(
        operation_id="entities_aliases",
        parameters=[
            choices("state", "States of the aliases. Default: `suggested,confirmed`.", State.values),
            *CURSOR,
        ],
        responses={200: AliasPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the names of an entity, the most used first.

        With the language, script and origin of each.
        """
        parameters = Parameters(request, "state", "cursor", "limit")
        entity = get_entity(request.user, pk)
        states = parameters.choices("state", State.values, (State.SUGGESTED, State.CONFIRMED))
        return list_response(request, parameters, partial(list_aliases, entity, states), alias_json)

    @extend_schema(
        operation_id="entities_add_alias",
        parameters=[IF_MATCH, *ONCE, ETAG],
        request=NewAliasBody,
        responses={201: EntityDetailSerializer, **_CHANGED},
        examples=[OpenApiExample("An alias", {"revision": 1, "name": "Dimashq", "language": "ar"}, request_only=True)],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Add a name to an entity.

        It is evidence for spans in all articles. 409 if the entity has it. For editors.
        """
        Parameters(request)
        entity = get_entity(request.user, pk)
        body = read(NewAliasBody, request.data)
        seen = seen_revision(request, body.get("revision"))
        add = partial(add_alias, name=body["name"], language=body.get("language", ""))
        return _change(request, entity, body, seen, add, status=201)

    @extend_schema(
        operation_id="entities_drop_alias",
        parameters=[
            query("name", "The alias; or send it in the body."),
            query("revision", "The entity's revision that you saw; or send `If-Match`.", OpenApiTypes.INT),
            IF_MATCH,
            *ONCE,
            ETAG,
        ],
        request=None,
        responses=_CHANGED,
    )
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """Drop a name of an entity.

        No mention is linked by it any more. 409 for the preferred name: rename the entity first. For editors.
        """
        parameters = Parameters(request, "name", "revision")
        entity = get_entity(request.user, pk)
        body = read(DropAliasBody, request.data)
        name = body.get("name", parameters.text("name"))
        if not name:
            raise Invalid("name the alias to drop: send it as name", field="name")
        given = parameters.whole("revision", 0, 2**63 - 1)
        seen = seen_revision(request, body.get("revision", given))
        return _change(request, entity, body, seen, partial(drop_alias, name=name))


@extend_schema(tags=["entities"])
class EntityIdentifiers(APIView):
    @extend_schema(
        operation_id="entities_identify",
        parameters=[IF_MATCH, *ONCE, ETAG],
        request=IdentifiersBody,
        responses=_CHANGED,
        examples=[
            OpenApiExample(
                "Replace one", {"revision": 2, "add": {"wikidata": ["Q3766"]}, "drop": {"wikidata": ["Q37"]}},
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Add and drop identifiers of an entity in other databases.

        409 if another entity of the corpus has one of them: merge the two if they are one. For editors.
        """
        Parameters(request)
        entity = get_entity(request.user, pk)
        body = read(IdentifiersBody, request.data)
        seen = seen_revision(request, body.get("revision"))
        add, drop = pairs_of(body.get("add", {})), pairs_of(body.get("drop", {}))
        with identifiers_named(body, "add"):
            return _change(request, entity, body, seen, partial(identify, add=add, drop=drop))


@extend_schema(tags=["entities"])
class EntityHistory(APIView):
    @extend_schema(
        operation_id="entities_history", parameters=CURSOR, responses={200: EntityHistoryPage, **problems(*READ)}
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the changes of an entity, newest first.

        Who made each, when, and the entity before and after. To take one back, undo its decision.
        """
        parameters = Parameters(request, "cursor", "limit")
        entity = get_entity(request.user, pk)
        labels = label_names(entity.corpus_id)
        read_page = partial(changes_of, entity)
        return list_response(request, parameters, read_page, lambda change: change_json(change, labels))


def _change(
    request: ApiRequest, entity: Entity, body: dict[str, Any], seen: SeenRevision, action: Any, status: int = 200
) -> Response:
    """Apply an action to an entity at the revision that was seen."""
    with seen.as_condition():
        result = action(user=request.user, entity=entity, revision=seen.revision, client_key=client_key(request, body))
    return _entity_response(request, entity.pk, result, status=200 if result.repeated else status)


def _entity_response(request: ApiRequest, pk: int, result: EntityResult, status: int) -> Response:
    """The entity of a decision, as it is now."""
    return _detail_response(get_entity(request.user, pk), status, REPLAYED if result.repeated else {})


def _detail_response(entity: Entity, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    aliases = aliases_of_all([entity.pk], MOST_ALIASES)[entity.pk]
    more = {
        "aliases": [alias_json(alias) for alias in aliases],
        "distinct": [reference_json(other) for other in distinct_from(entity)],
    }
    return Response(
        {**entity_json(entity), **more}, status=status, headers={**etag(entity.revision), **(headers or {})}
    )
