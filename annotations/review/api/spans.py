"""Spans over REST: POST, PATCH and DELETE apply the verbs add, confirm, reject, relabel and move."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.formats.records import SPAN_KEYS
from annotations.review.actions.choices import Choice, Seen
from annotations.review.actions.decisions import DecisionResult
from annotations.review.api.bodies import (
    NewSpanBody,
    RevisionBody,
    SpanChangeBody,
    client_key,
    decide_one,
    etag,
    seen_revision,
)
from annotations.review.api.records import entities_of, history_json, span_json, spans_json, surface_json
from annotations.review.api.serializers import ArticleSpanPage, SpanHistoryPage, SpanSerializer
from annotations.review.models import Span, State, Verb
from annotations.review.queries import get_span, history
from annotations.review.queries.record import span_rows
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_article
from corpusapp.core.api.field_selection import FieldSelection, fields_parameter
from corpusapp.core.api.fields import read
from corpusapp.core.api.offsets import HEADER, PARAMETER, Counting
from corpusapp.core.api.pagination import whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ETAG, IF_MATCH, ONCE, READ, REPLAYED, REVISED, WRITE, choices, problems, query

STANDING = (State.SUGGESTED.value, State.CONFIRMED.value)
STATE = choices("state", "States of the spans. Default: `suggested,confirmed`.", State.values)


@extend_schema(tags=["spans"])
class ArticleSpans(APIView):
    @extend_schema(
        operation_id="spans_list",
        parameters=[STATE, fields_parameter(SPAN_KEYS), PARAMETER, HEADER],
        responses={200: ArticleSpanPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the spans of an article, in reading order.

        Without `state`, those that are suggested or confirmed. `X-Offsets` is the unit of their offsets.
        """
        parameters = Parameters(request, "state", "fields", "offsets")
        states, counting = parameters.choices("state", State.values, STANDING), Counting(parameters)
        selection = FieldSelection(parameters, SPAN_KEYS)
        article = get_article(request.user, pk)
        spans = spans_json(span_rows(article, states), article.text)
        return whole_list(selection.all(counting.placed(spans, article.text)), counting.headers)

    @extend_schema(
        operation_id="spans_create",
        parameters=[*ONCE, ETAG],
        request=NewSpanBody,
        responses={201: SpanSerializer, 200: SpanSerializer, **problems(*WRITE)},
        examples=[OpenApiExample("A name", {"start": 0, "end": 5, "label": "PERSON"}, request_only=True)],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Add a confirmed span.

        An identical suggested or rejected span is confirmed; a confirmed one is a conflict. For editors.
        """
        Parameters(request)
        article = get_article(request.user, pk, text=False)
        body = read(NewSpanBody, request.data)
        choice = Choice("add", start=body["start"], end=body["end"], label=body["label"])
        result = decide_one(request, article, choice, client_key(request, body))
        return _span_response(result, status=200 if result.repeated else 201)


@extend_schema(tags=["spans"])
class SpanDetail(APIView):
    @extend_schema(
        operation_id="spans_retrieve",
        parameters=[PARAMETER, HEADER],
        responses={200: SpanSerializer, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Get a span.

        Its ETag is its revision: send it as `If-Match` with the next write.
        """
        counting = Counting(Parameters(request, "offsets"))
        span = get_span(request.user, pk)
        entity = entities_of([span]).get(span.pk)
        (record,) = counting.placed([span_json(span, span.article.text, entity)], span.article.text)
        return Response(record, headers={**etag(span.revision), **counting.headers})

    @extend_schema(
        operation_id="spans_update",
        parameters=[IF_MATCH, *ONCE, ETAG],
        request=SpanChangeBody,
        responses={200: SpanSerializer, **problems(*REVISED)},
        examples=[
            OpenApiExample("Confirm", {"revision": 1, "state": "confirmed"}, request_only=True),
            OpenApiExample("Relabel", {"revision": 1, "label": "ORG"}, request_only=True),
            OpenApiExample("Move", {"revision": 1, "start": 0, "end": 12}, request_only=True),
        ],
    )
    def patch(self, request: ApiRequest, pk: int) -> Response:
        """Confirm, reject, relabel or move a span.

        Confirm or reject with `state`, relabel with `label`, move with `start` and `end`. Send the revision that you
        saw as `revision` or `If-Match`. If the new place already has the same span, that span is confirmed and
        returned. For editors.
        """
        Parameters(request)
        span = get_span(request.user, pk, text=False)
        body = read(SpanChangeBody, request.data)
        seen = seen_revision(request, body.get("revision"))
        targets = {name: body[name] for name in ("start", "end", "label") if name in body}
        choice = Choice(_verb(body), span=span.pk, revision=seen.revision, seen=_seen(span), **targets)
        with seen.as_condition():
            result = decide_one(request, span.article, choice, client_key(request, body))
        return _span_response(result)

    @extend_schema(
        operation_id="spans_destroy",
        parameters=[
            query("revision", "The revision that you saw; or send `If-Match`.", OpenApiTypes.INT),
            IF_MATCH,
            *ONCE,
            ETAG,
        ],
        request=None,
        responses={200: SpanSerializer, **problems(*REVISED)},
    )
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """Reject a span.

        It stays stored as rejected, so that it is not suggested again. Send the revision that you saw as `revision` or
        `If-Match`. For editors.
        """
        given = Parameters(request, "revision").whole("revision", 0, 2**63 - 1)
        span = get_span(request.user, pk, text=False)
        body = read(RevisionBody, request.data)
        seen = seen_revision(request, body.get("revision", given))
        with seen.as_condition():
            choice = Choice("reject", span=span.pk, revision=seen.revision, seen=_seen(span))
            result = decide_one(request, span.article, choice, client_key(request, body))
        return _span_response(result)


@extend_schema(tags=["spans"])
class SpanHistory(APIView):
    @extend_schema(operation_id="spans_history", responses={200: SpanHistoryPage, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the changes of a span, oldest first.

        Who made each, when, and the span before and after.
        """
        Parameters(request)
        span = get_span(request.user, pk, text=False)
        return whole_list(history_json(change) for change in history(span.article, span.pk))


def _verb(body: dict[str, Any]) -> Verb:
    if "state" in body:
        return Verb.CONFIRM if body["state"] == State.CONFIRMED else Verb.REJECT
    return Verb.MOVE if "start" in body or "end" in body else Verb.RELABEL


def _seen(span: Span) -> Seen:
    """The span as seen, in case the suggestion is withdrawn before the article is locked."""
    return Seen(span.start, span.end, span.label.name)


def _span_response(result: DecisionResult, status: int = 200) -> Response:
    """The span of a decision; null if an undo removed it before the request was repeated."""
    headers = REPLAYED if result.repeated else {}
    if not result.spans:
        return Response(None, status=status, headers=headers)
    (span,) = result.spans[:1]
    record = surface_json(span, span.surface, entities_of([span]).get(span.pk))
    return Response(record, status=status, headers={**etag(span.revision), **headers})
