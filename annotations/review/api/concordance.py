"""The concordance over REST: mentions in context, and decisions on several articles."""

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.formats.records import EntityRecord
from annotations.review.actions.decide_many import decide_many
from annotations.review.api.bodies import DecideManyBody, article_choice_of, client_key, decision_response
from annotations.review.api.serializers import DecisionResultSerializer, SpanEntitySerializer
from annotations.review.models import State
from annotations.review.ports import link_reader
from annotations.review.queries.concordance import (
    FREE,
    ORDERS,
    STATES,
    Concordance,
    ConcordanceFilter,
    Row,
    concordance,
)
from annotations.review.queries.mentions import SearchMode
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Corpus
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import read
from corpusapp.core.api.pagination import ListPage, page_response, size_of
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, READ, WRITE, choices, problems, query
from corpusapp.intake.language import direction

_TEXTS = ("q", "surface", "label", "source")
_KNOWN = (
    *_TEXTS, "mode", "state", "score_from", "score_to", "published_from", "published_to", "order", "cursor", "limit",
)  # fmt: skip


class MentionSerializer(serializers.Serializer):
    """A mention in its context, which ends at line breaks."""

    article = serializers.IntegerField()
    title = serializers.CharField(help_text="The article's title, or its first line if it has none.")
    source = serializers.CharField()  # type: ignore[assignment]  # not `Field.source`
    published_on = serializers.DateField(allow_null=True)
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])
    span = serializers.IntegerField(allow_null=True, help_text="Null if there is no span.")
    revision = serializers.IntegerField(allow_null=True)
    start = serializers.IntegerField(help_text="In code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    label = serializers.CharField(allow_null=True)  # type: ignore[assignment]  # not `Field.label`
    state = serializers.ChoiceField(choices=State.choices, allow_null=True)
    score = serializers.FloatField(allow_null=True)
    left = serializers.CharField(help_text="Up to 60 code points before it, on the same line.")
    text = serializers.CharField()
    right = serializers.CharField(help_text="Up to 60 code points after it, on the same line.")
    open = serializers.BooleanField(
        help_text="Whether it can be decided: its article is not done, and no span overlaps it."
    )
    entity = SpanEntitySerializer(allow_null=True, help_text="Null if its span is not linked.")


class SurfaceFormSerializer(serializers.Serializer):
    surface = serializers.CharField()
    count = serializers.IntegerField()


class ConcordancePage(ListPage):
    """A page of mentions. Counts are on the first page of a search, and null on others."""

    results = MentionSerializer(many=True)
    total = serializers.IntegerField(allow_null=True)
    forms = SurfaceFormSerializer(many=True, help_text="The most frequent forms.")
    truncated = serializers.BooleanField(help_text="Counts and order cover only the newest articles, at most 1,000.")


@extend_schema(tags=["decisions"])
class CorpusConcordance(APIView):
    @extend_schema(
        operation_id="corpus_concordance",
        parameters=[
            query("q", "A name or words. Without any, all matching spans, newest articles first."),
            query("mode", "Words in any case, exact name, or word beginnings.", enum=SearchMode.values),
            query("surface", "Only mentions of exactly this form."),
            query("label", "Label of the spans."),
            choices("state", "States of the spans; `none` for mentions without a span.", STATES),
            query("score_from", "Lowest score.", OpenApiTypes.FLOAT),
            query("score_to", "Highest score.", OpenApiTypes.FLOAT),
            query("source", "Name of a source."),
            query("published_from", "First day.", OpenApiTypes.DATE),
            query("published_to", "Last day.", OpenApiTypes.DATE),
            query(
                "order",
                "Newest first, by date of publication, by the words before or after, or lowest score first.",
                enum=ORDERS,
            ),
            *CURSOR,
        ],
        responses={200: ConcordancePage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the mentions of a name or words in a corpus, in context, with their spans.

        Send `q`, `label` or both. To decide on mentions, send them to `corpora/{slug}/decisions/`.
        """
        parameters = Parameters(request, *_KNOWN)
        corpus = get_corpus(request.user, slug)
        filters = _read_filter(parameters)
        page = concordance(corpus, filters, cursor=parameters.text("cursor"), size=size_of(parameters))
        entities = _entities(corpus, page.rows)
        rows = [_mention_json(row, entities.get(row.mention.span or 0)) for row in page.rows]
        response = page_response(request, rows, page.next_cursor)
        response.data = {**response.data, **_counts(page)}
        return response


@extend_schema(tags=["decisions"])
class CorpusDecisions(APIView):
    @extend_schema(
        operation_id="corpus_decisions_create",
        parameters=ONCE,
        request=DecideManyBody,
        responses={201: DecisionResultSerializer, 200: DecisionResultSerializer, **problems(*WRITE, 428)},
        examples=[
            OpenApiExample(
                "Three articles in one decision",
                {
                    "idempotency_key": "8d3cbf0c-3c1e-4a8a-9e1d-0a7c3f2f6b10",
                    "decisions": [
                        {"article": 3, "verb": "confirm", "span": 9, "revision": 1},
                        {"article": 4, "verb": "relabel", "span": 12, "revision": 2, "label": "GPE"},
                        {"article": 7, "verb": "add", "start": 0, "end": 5, "label": "PERSON"},
                    ],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Apply verbs to spans of many articles as one decision with one undo.

        Each item names its article by `article` or `external_id`, and its span by `span` and `revision`, or by `seen`
        alone; `add` has `start`, `end` and `label`. Items that changed since are left out and reported: `complete` says
        whether all were applied. With `all_or_none`, nothing is done if one would be left out. 409 if nothing is left
        to do. Send about 1,000 items a request.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        body = read(DecideManyBody, request.data)
        result = decide_many(
            user=request.user,
            corpus=corpus,
            choices=[article_choice_of(decision) for decision in body["decisions"]],
            all_or_none=body.get("all_or_none", False),
            client_key=client_key(request, body),
        )
        return decision_response(result)


def _read_filter(parameters: Parameters) -> ConcordanceFilter:
    return ConcordanceFilter(
        query=parameters.text("q"),
        mode=parameters.choice("mode", SearchMode.values, SearchMode.WORDS),
        surface=parameters.text("surface"),
        label=parameters.text("label"),
        states=tuple(parameters.choices("state", STATES, ConcordanceFilter.states)),
        score_from=parameters.share("score_from"),
        score_to=parameters.share("score_to"),
        source=parameters.text("source"),
        published_from=parameters.date("published_from"),
        published_to=parameters.date("published_to"),
        order=parameters.choice("order", ORDERS, "newest"),
    )


def _counts(page: Concordance) -> dict[str, Any]:
    forms = [{"surface": surface, "count": count} for surface, count in page.groups]
    return {"total": page.total, "forms": forms, "truncated": page.cut}


def _entities(corpus: Corpus, rows: Sequence[Row]) -> Mapping[int, EntityRecord]:
    """The entities that the spans of these mentions are linked to, by span."""
    spans = [row.mention.span for row in rows if row.mention.span]
    return link_reader().of_spans(spans) if corpus.entities_enabled else {}


def _mention_json(row: Row, entity: EntityRecord | None) -> dict[str, Any]:
    mention, article = row.mention, row.article
    return {
        "article": article.pk,
        "title": article.headline,
        "source": article.source.name if article.source else "",
        "published_on": article.published_on,
        "direction": direction(article.language),
        "span": mention.span,
        "revision": mention.revision,
        "start": mention.start,
        "end": mention.end,
        "label": row.label.name if row.label else None,
        "state": None if mention.state == FREE else mention.state,
        "score": mention.score,
        "left": row.left,
        "text": row.text,
        "right": row.right,
        "open": row.open,
        "entity": entity.as_json() if entity else None,
    }
