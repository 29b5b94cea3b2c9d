"""Saved filters of the article list over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.actions.saved_filters import delete_filter, save_filter
from annotations.review.forms import check_saved_query
from annotations.review.models import SavedFilter
from annotations.review.models.saved_filter import NAME_LENGTH, QUERY_LENGTH
from annotations.review.queries.saved_filters import filters_of, get_filter
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import StrictSerializer, Text, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import ListPage, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems


class SavedFilterSerializer(serializers.Serializer):
    """Filters and order of the article list under a name."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    query = serializers.CharField(help_text="Query string of the list: `source=SANA&order=work`.")
    shared = serializers.BooleanField(help_text="Whether all members of the corpus can use it.")
    user = serializers.CharField(help_text="Who saved it.")
    created_at = serializers.DateTimeField()


class SavedFilterPage(ListPage):
    results = SavedFilterSerializer(many=True)


class SavedFilterBody(StrictSerializer):
    """A name and the query string of the list."""

    name = Text(max_length=NAME_LENGTH)
    query = Text(
        max_length=QUERY_LENGTH,
        help_text="With `q`, `source`, `stage`, `label`, `assignee`, `published_from`, `published_to` and `order`.",
    )
    shared = serializers.BooleanField(required=False, help_text="Share it with all members; for managers.")


def filter_json(saved: SavedFilter) -> dict[str, Any]:
    return {
        "id": saved.pk,
        "name": saved.name,
        "query": saved.query,
        "shared": saved.shared,
        "user": saved.user.username,
        "created_at": saved.created_at,
    }


@extend_schema(tags=["articles"])
class SavedFilters(APIView):
    @extend_schema(operation_id="filters_list", responses={200: SavedFilterPage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List your saved filters, and those that are shared with all members.

        `next/?filter=ID` uses one.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        return whole_list(filter_json(saved) for saved in filters_of(request.user, corpus))

    @extend_schema(
        operation_id="filters_create",
        parameters=ONCE,
        request=SavedFilterBody,
        responses={201: SavedFilterSerializer, **problems(*WRITE, 410)},
        examples=[
            OpenApiExample("Filter", {"name": "SANA, least work", "query": "source=SANA&order=work"}, request_only=True)
        ],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Save filters under a name.

        `query` is the query of the list of articles. Managers can share it with all members.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        body = read(SavedFilterBody, request.data)
        values = {"name": body["name"], "shared": body.get("shared", False)}
        query = check_saved_query(request.user, body["query"])
        return create(
            request,
            make=lambda: (save_filter(user=request.user, corpus=corpus, query=query, **values), 201),
            find=lambda pk: get_filter(request.user, corpus, pk),
            show=lambda saved, status: Response(filter_json(saved), status=status),
        )


@extend_schema(tags=["articles"])
class SavedFilterDetail(APIView):
    @extend_schema(operation_id="filters_destroy", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Delete a saved filter.

        Your own, or as a manager one that is shared.
        """
        Parameters(request)
        delete_filter(user=request.user, saved=get_filter(request.user, get_corpus(request.user, slug), pk))
        return Response(status=204)
