"""Withdrawing a whole corpus over REST: hidden until one of its managers restores it."""

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.articles.actions.withdraw_corpus import restore_corpus, withdraw_corpus
from corpusapp.articles.permissions import find_corpus
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import WRITE, problems


class HiddenCorpusShape(serializers.Serializer):
    corpus = serializers.CharField()
    withdrawn = serializers.BooleanField()


def _example(withdrawn: bool) -> OpenApiExample:
    value = {"corpus": "desk", "withdrawn": withdrawn}
    return OpenApiExample("A corpus", value, response_only=True, status_codes=["200"])


@extend_schema(tags=["corpora"])
class WithdrawCorpus(APIView):
    @extend_schema(
        operation_id="corpora_withdraw",
        request=NothingBody,
        responses={200: HiddenCorpusShape, **problems(*WRITE)},
        examples=[_example(True)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Hide a corpus with all that is in it until it is restored; clients of the feed forget it.

        What waits for a worker, such as imports, suggestions and exports, waits until then. Its managers find it at
        `corpora/?withdrawn=1`.
        """
        Parameters(request)
        corpus = find_corpus(request.user, slug)
        read(NothingBody, request.data)
        withdraw_corpus(user=request.user, corpus=corpus)
        return Response({"corpus": slug, "withdrawn": True})


@extend_schema(tags=["corpora"])
class RestoreCorpus(APIView):
    @extend_schema(
        operation_id="corpora_restore",
        request=NothingBody,
        responses={200: HiddenCorpusShape, **problems(*WRITE)},
        examples=[_example(False)],
    )
    def post(self, request: Request, slug: str) -> Response:
        """Show a withdrawn corpus again; the feed gives all of it anew. Articles that were withdrawn stay so."""
        Parameters(request)
        corpus = find_corpus(request.user, slug)
        read(NothingBody, request.data)
        restore_corpus(user=request.user, corpus=corpus)
        return Response({"corpus": slug, "withdrawn": False})
