"""REST API of originals and near copies: download, read again, groups of copies."""

from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.actions.copies import leave_copies, set_counted_once
from corpusapp.articles.actions.reread import apply_reading, compare_reading
from corpusapp.articles.api.zones import ZoneRangeSerializer
from corpusapp.articles.models import Article, CopyGroup
from corpusapp.articles.originals import left_out, original_response
from corpusapp.articles.permissions import find_copy_group, get_article, get_corpus
from corpusapp.articles.queries import copies, copy_groups_page
from corpusapp.core.api.fields import Flag, NothingBody, StrictSerializer, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import ListPage, page_response, size_of
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, RANGED, READ, WRITE, problems, whole_or_part


class LostSpanSerializer(serializers.Serializer):
    text = serializers.CharField()
    reason = serializers.CharField()


class RereadPreviewSerializer(serializers.Serializer):
    text = serializers.CharField()
    title = serializers.CharField()
    zones = ZoneRangeSerializer(many=True)
    same_text = serializers.BooleanField(help_text="Whether the text is unchanged.")
    same_zones = serializers.BooleanField(help_text="Whether text and zones are unchanged.")
    extractor = serializers.CharField(help_text="Name and version of the current reader.")
    left_out = LostSpanSerializer(many=True, help_text="Blocks of a web page that are not main text, and why.")


class RereadResultSerializer(serializers.Serializer):
    article = serializers.IntegerField(help_text="The article, or its new version.")
    version = serializers.IntegerField()
    previous = serializers.IntegerField(allow_null=True)


@extend_schema(tags=["originals"])
class ArticleOriginal(APIView):
    @extend_schema(
        operation_id="articles_original",
        parameters=RANGED,
        responses={**whole_or_part("application/octet-stream", "The original bytes."), **problems(*READ, 416)},
    )
    def get(self, request: ApiRequest, pk: int) -> HttpResponseBase:
        """Download the original bytes of an article.

        As they were imported, whatever their form. 404 if none are stored.
        """
        Parameters(request)
        return original_response(request, get_article(request.user, pk))


@extend_schema(tags=["originals"])
class ArticleReading(APIView):
    @extend_schema(operation_id="articles_reading", responses={200: RereadPreviewSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Preview reading the original again with the current reader.

        Changes nothing. 404 if there is no original.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        reading = compare_reading(user=request.user, article=article)
        return Response({**asdict(reading), "left_out": [asdict(block) for block in left_out(article)]})

    @extend_schema(
        operation_id="articles_read_again",
        parameters=ONCE,
        request=NothingBody,
        responses={200: RereadResultSerializer, 201: RereadResultSerializer, **problems(*WRITE, 410)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Read the original again and save the result.

        For editors. A different text becomes a new version (201); this one keeps its spans. With the same text, only
        zones change (200).
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


class ArticleCopySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    headline = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # the metaclass takes fields off the class
    url = serializers.CharField()
    published_on = serializers.DateField(allow_null=True)


class CopyGroupSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    counted_once = serializers.BooleanField(help_text="Whether statistics count the group as one article.")


class CopyGroupRowSerializer(CopyGroupSerializer):
    articles = serializers.IntegerField(help_text="Number of articles; `articles/{id}/copies/` of one lists them.")


class GroupPage(ListPage):
    results = CopyGroupRowSerializer(many=True)


class ArticleCopiesSerializer(serializers.Serializer):
    group = CopyGroupSerializer(allow_null=True)
    articles = ArticleCopySerializer(
        many=True, help_text="All articles of the group, including this one, oldest first."
    )


class GroupBody(StrictSerializer):
    counted_once = Flag()


@extend_schema(tags=["copies"])
class ArticleCopies(APIView):
    @extend_schema(operation_id="articles_copies", responses={200: ArticleCopiesSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the near copies of an article, found on import.

        `group` is null if it has none.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        group = article.copy_group
        listed = [_copy_json(copy) for copy in copies(article)]
        return Response({"group": _group_json(group) if group else None, "articles": listed})

    @extend_schema(operation_id="articles_leave_copies", responses={204: None, **problems(400, 401, 403, 404, 409)})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """Remove an article from its group of near copies.

        For editors. 409 if it is in no group.
        """
        Parameters(request)
        leave_copies(user=request.user, article=get_article(request.user, pk))
        return Response(status=204)


@extend_schema(tags=["copies"])
class CorpusCopies(APIView):
    @extend_schema(operation_id="copies_list", parameters=CURSOR, responses={200: GroupPage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the groups of near copies in a corpus, newest first.

        `articles` counts those of each; `articles/{id}/copies/` of one lists them.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        page = copy_groups_page(corpus, cursor=parameters.text("cursor"), size=size_of(parameters))
        rows = [{**_group_json(group), "articles": group.articles_shown} for group in page.rows]
        return page_response(request, rows, page.next_cursor)


@extend_schema(tags=["copies"])
class CopyGroupDetail(APIView):
    @extend_schema(
        operation_id="copies_update", request=GroupBody, responses={200: CopyGroupSerializer, **problems(*WRITE)}
    )
    def patch(self, request: ApiRequest, pk: int) -> Response:
        """Set whether statistics count a group of near copies as one article.

        For editors. The articles stay as they are.
        """
        Parameters(request)
        group = find_copy_group(request.user, pk)
        once = read(GroupBody, request.data)["counted_once"]
        return Response(_group_json(set_counted_once(user=request.user, group=group, once=once)))


def _group_json(group: CopyGroup) -> dict[str, Any]:
    return {"id": group.pk, "counted_once": group.counted_once}


def _copy_json(article: Article) -> dict[str, Any]:
    return {
        "id": article.pk,
        "headline": article.headline,
        "source": article.source.name if article.source else "",
        "url": article.url,
        "published_on": article.published_on,
    }
