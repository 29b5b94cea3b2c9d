"""Corpora over REST."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.api.parameters import Parameters
from corpusapp.api.schema import problems
from corpusapp.articles.models import Corpus


def corpus_record(corpus: Corpus) -> dict[str, Any]:
    return {
        "slug": corpus.slug,
        "name": corpus.name,
        "language": corpus.language,
        "guidelines": corpus.guidelines,
        "nesting_allowed": corpus.nesting_allowed,
    }


class CorpusShape(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField(help_text="ISO 639-1 code.")
    guidelines = serializers.CharField()
    nesting_allowed = serializers.BooleanField()


@extend_schema(tags=["corpora"])
class CorpusList(APIView):
    @extend_schema(operation_id="corpora_list", responses={200: CorpusShape(many=True), **problems(400, 401)})
    def get(self, request: Request) -> Response:
        """The corpora that you are a member of, by name."""
        Parameters(request)
        return Response([corpus_record(corpus) for corpus in Corpus.objects.visible_to(request.user)])
