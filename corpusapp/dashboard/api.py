"""A corpus's dashboard over REST."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.models import Stage, State, Verb
from annotations.review.queries.progress import OUTCOMES
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, problems
from corpusapp.dashboard.numbers import IDLE, WEEKS, Numbers, numbers_of

_LISTED = 50
_MOST_WEEKS = 520


class SuggestionOutcomeSerializer(serializers.Serializer):
    week = serializers.DateField(help_text="Monday of the week.")
    label = serializers.CharField(help_text="The suggested label.")  # type: ignore[assignment]  # not `Field.label`
    outcome = serializers.ChoiceField(choices=OUTCOMES, help_text="`corrected`: the label or the range was changed.")
    count = serializers.IntegerField()


class EditorWeekSerializer(serializers.Serializer):
    week = serializers.DateField(help_text="Monday of the week.")
    editor = serializers.CharField()
    spans = serializers.IntegerField(help_text="Decided spans.")
    finished = serializers.IntegerField(help_text="Articles finished.")


class CorrectionSerializer(serializers.Serializer):
    label = serializers.CharField(help_text="The suggested label.")  # type: ignore[assignment]  # not `Field.label`
    verb = serializers.ChoiceField(choices=[Verb.RELABEL, Verb.MOVE, Verb.REJECT])
    given = serializers.CharField(allow_null=True, help_text="The label that the editor chose.")
    count = serializers.IntegerField()


class ListedArticleSerializer(serializers.Serializer):
    article = serializers.IntegerField()
    headline = serializers.CharField()


class FailedArticleSerializer(ListedArticleSerializer):
    reason = serializers.CharField()


class IdleArticleSerializer(ListedArticleSerializer):
    editor = serializers.CharField(allow_null=True)
    since = serializers.DateTimeField(help_text="When its review began.")


class FailedArticlesSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    articles = FailedArticleSerializer(many=True, help_text=f"The newest {_LISTED}.")


class IdleArticlesSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    days = serializers.IntegerField(help_text="Days without a decision.")
    articles = IdleArticleSerializer(many=True, help_text=f"The first {_LISTED}, the longest idle first.")


class AddedSpansSerializer(serializers.Serializer):
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`
    count = serializers.IntegerField()


class DashboardSerializer(serializers.Serializer):
    articles = serializers.IntegerField(help_text="A group of near copies that counts once is one article.")
    folded = serializers.IntegerField(help_text="Near copies left out for this reason.")
    stages = serializers.DictField(child=serializers.IntegerField(), help_text="Articles by stage.")
    spans = serializers.DictField(child=serializers.IntegerField(), help_text="Spans by state.")
    weeks = serializers.ListField(child=serializers.DateField(), help_text="Mondays of the weeks, oldest first.")
    outcomes = SuggestionOutcomeSerializer(many=True, help_text="Decisions on suggestions, without undone ones.")
    paces = EditorWeekSerializer(many=True, help_text="Work by editor.")
    disagreements = CorrectionSerializer(many=True, help_text="The 12 most frequent of the last week.")
    added = AddedSpansSerializer(many=True, help_text="Spans that editors added where nothing was suggested.")
    seconds_per_article = serializers.IntegerField(
        allow_null=True, help_text="Median from the first decision on an article to its end; null if none is done."
    )
    conflicts = serializers.IntegerField(help_text="Decisions that left out spans, because these had changed.")
    open_comments = serializers.IntegerField()
    failed = FailedArticlesSerializer(help_text="Articles that failed in the last run.")
    idle = IdleArticlesSerializer(help_text="Articles in review without recent activity.")
    reading = serializers.IntegerField(help_text="Articles waiting for the suggester.")
    decided = serializers.IntegerField(help_text="Articles whose decisions are not yet learned from.")
    stale = serializers.IntegerField(help_text="Articles whose suggestions are not yet updated.")


@extend_schema(tags=["corpora"])
class CorpusDashboard(APIView):
    @extend_schema(
        operation_id="corpora_dashboard",
        parameters=[
            OpenApiParameter("weeks", int, description=f"How many weeks, 1 to {_MOST_WEEKS}; {WEEKS} without it.")
        ],
        responses={200: DashboardSerializer, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Show the progress of a corpus, the quality of its suggestions, and work by editor.

        Groups of near copies that count once are one article. It also lists what needs attention.
        """
        weeks = Parameters(request, "weeks").whole("weeks", 1, _MOST_WEEKS) or WEEKS
        return Response(_json(numbers_of(get_corpus(request.user, slug), _LISTED, weeks)))


def _json(found: Numbers) -> dict[str, Any]:
    counts = found.counts
    stages = dict(counts.by_stage)
    return {
        "articles": counts.articles,
        "folded": counts.folded,
        "stages": {stage: stages.get(stage, 0) for stage in Stage.values},
        "spans": {state: counts.by_state.get(state, 0) for state in State.values},
        "weeks": found.weeks,
        "outcomes": [asdict(row) for row in found.outcomes],
        "paces": [asdict(pace) for pace in found.paces],
        "disagreements": [asdict(row) for row in found.disagreements_this_week],
        "added": [{"label": row.given, "count": row.count} for row in found.added],
        "seconds_per_article": round(found.times[""].total_seconds()) if found.times else None,
        "conflicts": found.conflict_count,
        "open_comments": found.open_comments,
        "failed": {"count": found.failed_count, "articles": [_failed(item) for item in found.failed]},
        "idle": {"count": found.idle_count, "days": IDLE.days, "articles": [_idle(review) for review in found.idle]},
        "reading": found.pending,
        "decided": found.propagation.decided,
        "stale": found.propagation.stale,
    }


def _failed(item: Any) -> dict[str, Any]:
    return {"article": item.article_id, "headline": item.article.headline, "reason": item.error}


def _idle(review: Any) -> dict[str, Any]:
    editor = review.editor.username if review.editor else None
    return {
        "article": review.article_id,
        "headline": review.article.headline,
        "editor": editor,
        "since": review.started_at,
    }
