"""Why a span is suggested, over REST."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.suggesters.explanation import Explanation
from annotations.suggestions.queries.evidence import decided_alike, evidence_for
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_article
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, problems
from corpusapp.core.errors import Invalid, NotFound
from corpusapp.text.ranges import range_fault


class LabelCount(serializers.Serializer):
    label = serializers.CharField(allow_null=True, help_text="Null for no name.")  # type: ignore[assignment]
    articles = serializers.FloatField(help_text="Number of articles; an article with two labels is divided.")


class LabelShare(serializers.Serializer):
    label = serializers.CharField(allow_null=True, help_text="Null for no name.")  # type: ignore[assignment]
    probability = serializers.FloatField(help_text="Before it is calibrated by the decisions of the corpus.")


class EvidencePart(serializers.Serializer):
    name = serializers.CharField()
    about = serializers.CharField(help_text="What it is about, in words.")
    value = serializers.FloatField()
    effect = serializers.FloatField(help_text="How much it favours `label` over `against`, in log-odds.")
    adapted = serializers.FloatField(help_text="The part of the effect that the decisions of the corpus added.")


class DecidedAfter(serializers.Serializer):
    word = serializers.CharField()
    decided = LabelCount(many=True)


class DecidedAlikeSerializer(serializers.Serializer):
    article = serializers.IntegerField()
    title = serializers.CharField()
    span = serializers.IntegerField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    state = serializers.ChoiceField(choices=["confirmed", "rejected"])


class ExplanationSerializer(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField(help_text="Exclusive; both in code points.")
    text = serializers.CharField()
    origin = serializers.ChoiceField(
        choices=["model", "rule", "service"],
        help_text="`model`: weighed evidence; `rule`: the form of news, such as a dateline; `service`: an own service.",
    )
    label = serializers.CharField(help_text="The likeliest label.")  # type: ignore[assignment]
    against = serializers.CharField(allow_null=True, help_text="The next likely one; null for no name.")
    model_label = serializers.CharField(allow_null=True, help_text="What the model alone says here; null for nothing.")
    credit = serializers.CharField(allow_null=True, help_text="For a name in a byline or credit: the word before it.")
    probabilities = LabelShare(many=True, help_text="The likeliest first.")
    evidence = EvidencePart(many=True, help_text="The largest effects, the largest first.")
    decided = LabelCount(many=True, help_text="Decisions of editors on these words.")
    decided_after_word = DecidedAfter(help_text="Decisions on these words after the same word.")
    suggested = LabelCount(many=True, help_text="Labels of these words in suggestions of other articles.")
    alike = DecidedAlikeSerializer(many=True, help_text="The newest decisions on the same words in other articles.")


_RANGE = [
    OpenApiParameter("start", OpenApiTypes.INT, required=True, description="Start, in code points."),
    OpenApiParameter("end", OpenApiTypes.INT, required=True, description="End, exclusive."),
]
_MOST = 2**31 - 1


@extend_schema(tags=["suggestions"])
class ArticleEvidence(APIView):
    @extend_schema(
        operation_id="articles_evidence_retrieve",
        parameters=_RANGE,
        responses={200: ExplanationSerializer, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Say why a range of an article is suggested as it is.

        By what is known now; `start` and `end` are a span's. Also for possible spans, and for suggestions that editors
        rejected.
        """
        parameters = Parameters(request, "start", "end")
        article = get_article(request.user, pk)
        start, end = (parameters.whole(name, 0, _MOST) for name in ("start", "end"))
        if start is None or end is None:
            raise Invalid("start and end are needed: send those of the span", field="start" if start is None else "end")
        if fault := range_fault(start, end, article.length):
            raise Invalid(fault[1], field=fault[0])
        found = evidence_for(article, start, end)
        if found is None:
            raise NotFound(f"nothing is suggested at [{start}, {end}) of article {pk}: send the range of a suggestion")
        text = {"start": start, "end": end, "text": article.text[start:end]}
        return Response(text | _json(found) | {"alike": [vars(one) for one in decided_alike(article, start, end)]})


def _json(found: Explanation) -> dict[str, Any]:
    word, after = found.decided_after
    shares = sorted(found.shares.items(), key=lambda pair: -pair[1])
    parts = [{**vars(part), "about": part.about} for part in found.evidence]
    return {
        "origin": found.origin,
        "label": found.label,
        "against": found.against or None,
        "model_label": found.base or None,
        "credit": found.place or None,
        "probabilities": [{"label": label or None, "probability": share} for label, share in shares],
        "evidence": parts,
        "decided": _counts(found.decided),
        "decided_after_word": {"word": word, "decided": _counts(after)},
        "suggested": _counts(found.suggested),
    }


def _counts(counts: Mapping[str, float]) -> list[dict[str, Any]]:
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"label": label or None, "articles": round(articles, 2)} for label, articles in ranked]
