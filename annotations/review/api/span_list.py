"""The list of spans of corpora over REST, with filters for spans and their articles."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.api.articles import EXTERNAL_ID, SPAN_FILTERS, read_span_filter
from annotations.review.api.records import entities_of, span_json
from annotations.review.api.serializers import DecidedSpanSerializer
from annotations.review.models import Span, Stage
from annotations.review.queries import ArticleFilter
from annotations.review.queries.spans import list_spans, stages_of
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.permissions import get_article, get_corpus
from corpusapp.core.api.field_selection import FieldSelection, fields_parameter
from corpusapp.core.api.offsets import CODE_POINTS, PARAMETER, Counting
from corpusapp.core.api.pagination import ListPage, page_response, size_of
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, READ, problems, query

_KNOWN = (
    "corpus", "article", "external_id", "source", "stage", "published_from", "published_to", "label", "state",
    "pipeline", "score_from", "score_to", "entity", "linked", "editor", "updated_since", "cursor", "limit", "fields",
    "offsets",
)  # fmt: skip


class ListedSpan(DecidedSpanSerializer):
    stage = serializers.ChoiceField(choices=Stage.choices, help_text="Stage of its article.")


_FIELDS = tuple(ListedSpan().fields)


class SpanPage(ListPage):
    results = ListedSpan(many=True)
    offsets = serializers.ChoiceField(choices=[CODE_POINTS, "utf16"])


_EXAMPLE = OpenApiExample(
    "Uncertain suggestions",
    {
        "results": [
            {
                "article": 1,
                "stage": "in_review",
                "id": 7,
                "start": 0,
                "end": 5,
                "label": "PERSON",
                "text": "Zarif",
                "state": "suggested",
                "score": 0.42,
                "pipeline": "en_core_web_sm 3.8.0",
                "revision": 1,
                "entity": None,
            }
        ],
        "next": None,
        "offsets": CODE_POINTS,
    },
    response_only=True,
    status_codes=["200"],
)


@extend_schema(tags=["spans"])
class SpanList(APIView):
    @extend_schema(
        operation_id="spans_list_all",
        parameters=[
            query("corpus", "Slug of a corpus. Default: all that you can see."),
            query("article", "ID of an article.", OpenApiTypes.INT),
            EXTERNAL_ID,
            query("source", "Name of the source of the articles."),
            query("stage", "Stage of the articles.", enum=Stage.values),
            query("published_from", "First day of the articles.", OpenApiTypes.DATE),
            query("published_to", "Last day of the articles.", OpenApiTypes.DATE),
            query("label", "Only this label."),
            *SPAN_FILTERS,
            query("editor", "Only spans decided by this user."),
            query("updated_since", "Only spans decided since this time.", OpenApiTypes.DATETIME),
            *CURSOR,
            fields_parameter(_FIELDS),
            PARAMETER,
        ],
        responses={200: SpanPage, **problems(*READ)},
        examples=[_EXAMPLE],
    )
    def get(self, request: ApiRequest) -> Response:
        """List the spans of all articles that you can see, newest first, each with its article.

        All filters apply together. Without `state`, suggested and confirmed spans are listed.
        """
        parameters = Parameters(request, *_KNOWN)
        slug, counting = parameters.text("corpus"), Counting(parameters)
        selection = FieldSelection(parameters, _FIELDS)
        page = list_spans(
            [get_corpus(request.user, slug)] if slug else list(Corpus.objects.visible_to(request.user)),
            _of_articles(parameters),
            read_span_filter(parameters),
            article=_article(request, parameters),
            label=parameters.text("label"),
            editor=parameters.text("editor"),
            updated_since=parameters.moment("updated_since"),
            cursor=parameters.text("cursor"),
            size=size_of(parameters),
        )
        response = page_response(request, selection.all(_records(page.rows, counting)), page.next_cursor)
        response.data["offsets"] = counting.name
        return response


def _article(request: ApiRequest, parameters: Parameters) -> int | None:
    pk = parameters.whole("article", 0, 2**63 - 1)
    return None if pk is None else get_article(request.user, pk).pk


def _of_articles(parameters: Parameters) -> ArticleFilter:
    return ArticleFilter(
        source=parameters.text("source"),
        stage=parameters.text("stage"),
        published_from=parameters.date("published_from"),
        published_to=parameters.date("published_to"),
        external_ids=parameters.names("external_id"),
    )


def _records(spans: Sequence[Span], counting: Counting) -> list[dict[str, Any]]:
    """The spans as JSON. Texts are read in small chunks: a page may need many long ones."""
    of_article: dict[int, list[Span]] = {}
    for span in spans:
        of_article.setdefault(span.article_id, []).append(span)
    by_id: dict[int, dict[str, Any]] = {}
    entities = entities_of(spans)
    stages = stages_of(list(of_article))
    texts = Article.objects.filter(pk__in=list(of_article)).values_list("pk", "text").order_by()
    for pk, text in texts.iterator(chunk_size=20):
        here = {"article": pk, "stage": stages[pk]}
        rows = [{**here, **span_json(span, text, entities.get(span.pk))} for span in of_article[pk]]
        by_id |= {row["id"]: row for row in counting.placed(rows, text)}
    return [by_id[span.pk] for span in spans]
