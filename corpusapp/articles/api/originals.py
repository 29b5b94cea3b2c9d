"""What an article was made from, over REST: its bytes, and what a new reading of them would change."""

from dataclasses import asdict

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.articles.actions.reread import apply_reading, compare_reading
from corpusapp.articles.api.zones import ZoneRangeShape
from corpusapp.articles.models import Article
from corpusapp.articles.originals import left_out, original_bytes
from corpusapp.articles.permissions import get_article
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems
from corpusapp.core.errors import NotFound


class LeftOutShape(serializers.Serializer):
    text = serializers.CharField()
    reason = serializers.CharField()


class ReadingShape(serializers.Serializer):
    text = serializers.CharField()
    title = serializers.CharField()
    zones = ZoneRangeShape(many=True)
    same_text = serializers.BooleanField(help_text="The text is the one that stands.")
    same_zones = serializers.BooleanField(help_text="The text and the zones are those that stand.")
    extractor = serializers.CharField(help_text="What would read it now, with its version.")
    left_out = LeftOutShape(many=True, help_text="Blocks of a web page that are no main text, and why.")


class ReadShape(serializers.Serializer):
    article = serializers.IntegerField(help_text="The article itself, or its new version.")
    version = serializers.IntegerField()
    previous = serializers.IntegerField(allow_null=True)


@extend_schema(tags=["originals"])
class ArticleOriginal(APIView):
    @extend_schema(
        operation_id="articles_original",
        responses={
            (200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The bytes as they came in"),
            **problems(*READ),
        },
    )
    def get(self, request: Request, pk: int) -> HttpResponse:
        """The bytes that the article was made from, as a download; 404 where none were kept."""
        Parameters(request)
        found = original_bytes(get_article(request.user, pk))
        if found is None:
            raise NotFound(f"article {pk} has no original: none was kept when it came in")
        name, data = found
        # Somebody else wrote them: no browser may take them for a page of ours.
        headers = {
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(data, content_type="application/octet-stream", headers=headers)


@extend_schema(tags=["originals"])
class ArticleReading(APIView):
    @extend_schema(operation_id="articles_reading", responses={200: ReadingShape, **problems(*READ)})
    def get(self, request: Request, pk: int) -> Response:
        """What today's readers make of the original, beside what stands. Changes nothing."""
        Parameters(request)
        article = get_article(request.user, pk)
        reading = compare_reading(user=request.user, article=article)
        return Response({**asdict(reading), "left_out": [asdict(block) for block in left_out(article)]})

    @extend_schema(
        operation_id="articles_read_again",
        parameters=ONCE,
        request=NothingBody,
        responses={200: ReadShape, 201: ReadShape, **problems(*WRITE, 410)},
    )
    def post(self, request: Request, pk: int) -> Response:
        """Take the new reading over.

        Another text becomes a new version beside this one (201), whose spans stay where they are; with the same text
        its zones alone change (200).
        """
        Parameters(request)
        article = get_article(request.user, pk)
        read(NothingBody, request.data)

        def make() -> tuple[Article, int]:
            found = apply_reading(user=request.user, article=article)
            return found, 200 if found.pk == pk else 201

        def show(found: Article, status: int) -> Response:
            answer = {"article": found.pk, "version": found.version, "previous": found.previous_id}
            url = request.build_absolute_uri(f"/api/v1/articles/{found.pk}/")
            return Response(answer, status=status, headers={"Location": url})

        return create(request, make=make, find=lambda made: get_article(request.user, made), show=show)
