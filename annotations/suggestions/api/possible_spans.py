"""The possible spans of an article over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.suggestions.queries.possible_spans import PossibleSpan, possible_spans
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_article
from corpusapp.core.api.pagination import ListPage, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, problems


class PossibleSpanSerializer(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField(help_text="Exclusive; both in code points.")
    text = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    score = serializers.FloatField(help_text="How likely it is right, from 0 to 1.")
    suggestion = serializers.IntegerField(
        allow_null=True, help_text="The suggestion at this place, to relabel or move; null to add a span."
    )


class PossibleSpanPage(ListPage):
    results = PossibleSpanSerializer(many=True, help_text="The likeliest first.")


@extend_schema(tags=["suggestions"])
class ArticlePossible(APIView):
    @extend_schema(operation_id="articles_possible_list", responses={200: PossibleSpanPage, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the possible spans of an article.

        Other labels and edges of its suggestions, and less likely names. Send the usual decision to take one. They are
        never exported or confirmed in bulk.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        return whole_list(_json(article.text, span) for span in possible_spans(article.pk))


def _json(text: str, span: PossibleSpan) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "text": text[span.start : span.end],
        "label": span.label,
        "score": span.score,
        "suggestion": span.suggestion,
    }
