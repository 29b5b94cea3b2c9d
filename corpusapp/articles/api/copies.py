"""Near copies over REST: one story in several papers."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.articles.actions.copies import leave_copies, set_counted_once
from corpusapp.articles.models import Article, CopyGroup
from corpusapp.articles.permissions import find_copy_group, get_article, get_corpus
from corpusapp.articles.queries import copies, copy_groups_page
from corpusapp.core.api.fields import Flag, StrictSerializer, read
from corpusapp.core.api.pagination import page_response, size_of
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, READ, WRITE, problems


class CopyShape(serializers.Serializer):
    id = serializers.IntegerField()
    headline = serializers.CharField()
    source = serializers.CharField()
    url = serializers.CharField()
    published_on = serializers.DateField(allow_null=True)


class GroupShape(serializers.Serializer):
    id = serializers.IntegerField()
    counted_once = serializers.BooleanField(help_text="An editor says that statistics count the group once.")


class GroupRowShape(GroupShape):
    articles = serializers.IntegerField(help_text="How many are in it; `articles/{id}/copies/` of one lists them.")


class GroupPage(serializers.Serializer):
    results = GroupRowShape(many=True)
    next = serializers.URLField(allow_null=True)


class CopiesShape(serializers.Serializer):
    group = GroupShape(allow_null=True)
    articles = CopyShape(many=True, help_text="All of the group, this one among them, oldest first.")


class GroupBody(StrictSerializer):
    counted_once = Flag()


@extend_schema(tags=["copies"])
class ArticleCopies(APIView):
    @extend_schema(operation_id="articles_copies", responses={200: CopiesShape, **problems(*READ)})
    def get(self, request: Request, pk: int) -> Response:
        """The near copies of an article, found while importing."""
        Parameters(request)
        article = get_article(request.user, pk)
        group = article.copy_group
        listed = [_copy_json(copy) for copy in copies(article)]
        return Response({"group": _group_json(group) if group else None, "articles": listed})

    @extend_schema(operation_id="articles_leave_copies", responses={204: None, **problems(400, 401, 403, 404, 409)})
    def delete(self, request: Request, pk: int) -> Response:
        """The article is no copy of the others: take it out of their group."""
        Parameters(request)
        leave_copies(user=request.user, article=get_article(request.user, pk))
        return Response(status=204)


@extend_schema(tags=["copies"])
class CorpusCopies(APIView):
    @extend_schema(operation_id="copies_list", parameters=CURSOR, responses={200: GroupPage, **problems(*READ)})
    def get(self, request: Request, slug: str) -> Response:
        """The groups of near copies in a corpus, newest first."""
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        page = copy_groups_page(corpus, cursor=parameters.text("cursor"), size=size_of(parameters))
        rows = [{**_group_json(group), "articles": group.articles_shown} for group in page.rows]
        return page_response(request, rows, page.next_cursor)


@extend_schema(tags=["copies"])
class CopyGroupDetail(APIView):
    @extend_schema(operation_id="copies_update", request=GroupBody, responses={200: GroupShape, **problems(*WRITE)})
    def patch(self, request: Request, pk: int) -> Response:
        """Say whether statistics count a group of near copies as one article."""
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
