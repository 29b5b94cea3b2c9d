"""The user's own notices over REST."""

from functools import partial
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.actions.notices import mark_read
from corpusapp.accounts.models import Notice
from corpusapp.accounts.queries import list_notices
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.fields import StrictSerializer, Whole, read
from corpusapp.core.api.pagination import ListPage, list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, READ, WRITE, problems, query

_MOST = 1000


class NoticeSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Notice.Kind.values)
    text = serializers.CharField(help_text="The notice in one sentence.")
    url = serializers.URLField(help_text="The page that it is about.")
    corpus = serializers.CharField(allow_null=True)
    article = serializers.IntegerField(allow_null=True)
    actor = serializers.CharField(allow_null=True, help_text="Who did it; null for a job.")
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True, help_text="Null while it is unread.")


class NoticePage(ListPage):
    results = NoticeSerializer(many=True)


class ReadNoticesBody(StrictSerializer):
    notices = serializers.ListField(
        child=Whole(), required=False, max_length=_MOST, help_text="IDs; all unread notices if it is left out."
    )


class MarkedSerializer(serializers.Serializer):
    marked = serializers.IntegerField(help_text="How many were unread.")


@extend_schema(tags=["account"])
class AccountNotices(APIView):
    @extend_schema(
        operation_id="notices_list",
        parameters=[query("unread", "1: only unread ones.", OpenApiTypes.BOOL), *CURSOR],
        responses={200: NoticePage, **problems(*READ)},
    )
    def get(self, request: ApiRequest) -> Response:
        """List your notices, newest first.

        Read ones are deleted after 90 days.
        """
        parameters = Parameters(request, "unread", "cursor", "limit")
        found = partial(list_notices, request.user, unread=parameters.flag("unread", False))
        return list_response(request, parameters, found, partial(_notice_json, request))


@extend_schema(tags=["account"])
class AccountNoticesRead(APIView):
    @extend_schema(
        operation_id="notices_read",
        request=ReadNoticesBody,
        responses={200: MarkedSerializer, **problems(*WRITE)},
        examples=[OpenApiExample("Two notices", {"notices": [12, 15]}, request_only=True)],
    )
    def post(self, request: ApiRequest) -> Response:
        """Mark notices as read.

        Without IDs, all of them. IDs that are not yours are passed over.
        """
        Parameters(request)
        body = read(ReadNoticesBody, request.data)
        return Response({"marked": mark_read(user=request.user, notices=body.get("notices"))})


def _notice_json(request: ApiRequest, notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.pk,
        "kind": notice.kind,
        "text": str(notice),
        "url": request.build_absolute_uri(notice.address),
        "corpus": notice.corpus.slug if notice.corpus else None,
        "article": notice.article_id,
        "actor": notice.actor.username if notice.actor else None,
        "at": notice.created_at,
        "read_at": notice.read_at,
    }
