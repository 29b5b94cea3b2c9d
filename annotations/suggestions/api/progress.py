"""Runs of a corpus, the articles of a run, and learning progress, over REST."""

from functools import partial
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.suggestions.models import Run, RunItem
from annotations.suggestions.queries.runs import Progress, find_run, run_items_page, runs_page
from annotations.suggestions.queries.trained_models import (
    decisions_since_training,
    effort_by_week,
    is_training,
    promoted_model,
)
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.deprecation import former
from corpusapp.core.api.jobs import JobSerializer, JobView, job_json
from corpusapp.core.api.pagination import ListPage, list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, READ, problems, query

# The former name of the id of a run.
FORMER_RUN = {"run": "id"}


@extend_schema_serializer(deprecate_fields=["run"])
class RunRowSerializer(JobSerializer):
    id = serializers.IntegerField()
    run = serializers.IntegerField(help_text=former("id"))
    user = serializers.CharField()
    batch = serializers.IntegerField(allow_null=True, help_text="The import that started it.")
    created_at = serializers.DateTimeField()
    dry_run = serializers.BooleanField(help_text="Whether it only counts changes.")
    articles = serializers.IntegerField()
    pending = serializers.IntegerField()
    failed = serializers.IntegerField()
    cancelled = serializers.IntegerField()


class RunPage(ListPage):
    results = RunRowSerializer(many=True)


class RunItemSerializer(serializers.Serializer):
    article = serializers.IntegerField()
    state = serializers.ChoiceField(choices=RunItem.State.values)
    reason = serializers.CharField(allow_blank=True, help_text="Why it failed.")
    finished_at = serializers.DateTimeField(allow_null=True)


class RunItemPage(ListPage):
    results = RunItemSerializer(many=True)


class AnnotationEffortSerializer(serializers.Serializer):
    week = serializers.DateField(help_text="Monday of the week.")
    actions = serializers.IntegerField(
        help_text="Moving or adding a span counts as two, everything else as one; a bulk decision is one."
    )
    spans = serializers.IntegerField(help_text="Spans confirmed by these decisions.")


class LearningProgressSerializer(serializers.Serializer):
    decided = serializers.IntegerField(help_text="Spans decided since the last training was requested.")
    needed = serializers.IntegerField(help_text="Number of spans that starts a training; 0 for never.")
    training = serializers.BooleanField(help_text="Whether a training waits or runs.")
    promoted = serializers.IntegerField(allow_null=True, help_text="The model in use; null for the base pipeline.")
    weeks = AnnotationEffortSerializer(
        many=True, help_text="Decisions by week, the last 26 weeks with any, oldest first."
    )


@extend_schema(tags=["suggestions"])
class CorpusRuns(JobView):
    deprecated = FORMER_RUN

    @extend_schema(operation_id="runs_list", parameters=CURSOR, responses={200: RunPage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the runs of a corpus, newest first.

        `runs/{id}/` has the details of one.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        return list_response(request, parameters, partial(runs_page, corpus), _run_json)


@extend_schema(tags=["suggestions"])
class RunArticles(APIView):
    @extend_schema(
        operation_id="runs_articles",
        parameters=[query("state", "Only articles in this state.", enum=RunItem.State.values), *CURSOR],
        responses={200: RunItemPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the results of a run by article.

        What was added and removed in each, or why it failed.
        """
        parameters = Parameters(request, "state", "cursor", "limit")
        state = parameters.choice("state", ("", *RunItem.State.values), "")
        run = find_run(request.user, pk)
        return list_response(request, parameters, partial(run_items_page, run, state), _item_json)


@extend_schema(tags=["models"])
class CorpusLearning(APIView):
    @extend_schema(operation_id="corpora_learning", responses={200: LearningProgressSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Show the progress to the next training, and decisions per span by week.

        `models/` has the learning curve.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        promoted = promoted_model(corpus)
        weeks = effort_by_week(corpus.pk)
        return Response(
            {
                "decided": decisions_since_training(corpus.pk),
                "needed": settings.TRAIN_AFTER_DECISIONS,
                "training": is_training(corpus.pk),
                "promoted": promoted.pk if promoted else None,
                "weeks": [{"week": week.monday, "actions": week.actions, "spans": week.spans} for week in weeks],
            }
        )


def _run_json(run: Run) -> dict[str, Any]:
    counts = {name: getattr(run, f"{name}_now") for name in ("articles", "pending", "failed", "cancelled")}
    done = counts["articles"] - counts["pending"] - counts["failed"] - counts["cancelled"]
    progress = Progress(counts["articles"], done, counts["failed"], counts["cancelled"])
    about = {"user": run.user.username, "batch": run.batch_id, "created_at": run.created_at, "dry_run": run.dry}
    return {"id": run.pk, "run": run.pk, **about, **counts, **job_json(progress.state)}


def _item_json(item: RunItem) -> dict[str, Any]:
    return {"article": item.article_id, "state": item.state, "reason": item.error, "finished_at": item.finished_at}
