"""What came into a corpus, over REST: its imports, and the sources that they named."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.articles.models import ImportBatch
from corpusapp.articles.permissions import get_corpus
from corpusapp.articles.queries import batches_page, sources_page
from corpusapp.core.api.pagination import page_response, size_of
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, FORMER, READ, problems
from corpusapp.core.job_states import JobState

_COUNTED = ("added", "duplicates", "changed", "failed")


class BatchRowShape(serializers.Serializer):
    batch = serializers.IntegerField()
    origin = serializers.ChoiceField(choices=ImportBatch.Origin.choices)
    user = serializers.CharField()
    files = serializers.ListField(child=serializers.CharField(), help_text="Names of the files that were sent.")
    state = serializers.ChoiceField(choices=["waiting", "reading", "finished"], help_text=FORMER)
    job_state = serializers.ChoiceField(choices=JobState.choices)
    reason = serializers.CharField(help_text="Why it ended before all was read.")
    percent = serializers.IntegerField(help_text="How much of its bytes is read, 0 to 100.")
    started_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    added = serializers.IntegerField(help_text="New articles, changed ones included.")
    duplicates = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="New versions of articles that were there.")
    failed = serializers.IntegerField()


class BatchPage(serializers.Serializer):
    results = BatchRowShape(many=True)
    next = serializers.URLField(allow_null=True)


class SourceShape(serializers.Serializer):
    name = serializers.CharField()
    articles = serializers.IntegerField()


class SourcePage(serializers.Serializer):
    results = SourceShape(many=True)
    next = serializers.URLField(allow_null=True)


@extend_schema(tags=["imports"])
class CorpusBatches(APIView):
    @extend_schema(operation_id="batches_list", parameters=CURSOR, responses={200: BatchPage, **problems(*READ)})
    def get(self, request: Request, slug: str) -> Response:
        """The imports into a corpus, newest first; `batches/{id}/` tells more of each."""
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        page = batches_page(corpus, cursor=parameters.text("cursor"), size=size_of(parameters))
        return page_response(request, [_batch_json(batch) for batch in page.rows], page.next_cursor)


@extend_schema(tags=["corpora"])
class CorpusSources(APIView):
    @extend_schema(operation_id="sources_list", parameters=CURSOR, responses={200: SourcePage, **problems(*READ)})
    def get(self, request: Request, slug: str) -> Response:
        """The sources of a corpus by name, as filters take them, each with its number of articles."""
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        page = sources_page(corpus, cursor=parameters.text("cursor"), size=size_of(parameters))
        rows = [{"name": source.name, "articles": source.articles_shown} for source in page.rows]
        return page_response(request, rows, page.next_cursor)


def _batch_json(batch: ImportBatch) -> dict[str, Any]:
    named = ("origin", "files", "reason", "percent", "started_at", "finished_at", *_COUNTED)
    states = {"state": batch.former_state, "job_state": batch.state}
    return {"batch": batch.pk, "user": batch.user.username, **states, **{name: getattr(batch, name) for name in named}}
