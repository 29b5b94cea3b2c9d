"""Flags, skips and parks over REST."""

from functools import partial
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.actions.set_aside import set_aside, take_back
from annotations.review.models import SetAside, SetAsideKind
from annotations.review.models.set_aside import MAX_REASON
from annotations.review.queries.set_aside import KINDS, list_set_aside, of_article
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_article
from corpusapp.core.api.fields import StrictSerializer, Text, read
from corpusapp.core.api.pagination import ListPage, list_response, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, READ, WRITE, problems, query

ASIDE = query("aside", "Articles that anybody parked, or that you flagged or skipped.", enum=list(KINDS))
_KIND = OpenApiParameter(
    "kind",
    OpenApiTypes.STR,
    OpenApiParameter.PATH,
    enum=SetAsideKind.values,
    description="`flag`: a bookmark of yours. `skip`: you are offered the article when nothing else is left. `park`: "
    "nobody is offered it until an editor takes it back.",
)


class SetAsideSerializer(serializers.Serializer):
    article = serializers.IntegerField()
    corpus = serializers.CharField(help_text="Slug of its corpus.")
    kind = serializers.ChoiceField(choices=SetAsideKind.values)
    reason = serializers.CharField(allow_blank=True)
    user = serializers.CharField()
    at = serializers.DateTimeField()


class SetAsidePage(ListPage):
    results = SetAsideSerializer(many=True)


class ReasonBody(StrictSerializer):
    reason = Text(required=False, allow_blank=True, max_length=MAX_REASON, help_text="Needed to park.")


def set_aside_json(row: SetAside) -> dict[str, Any]:
    return {
        "article": row.article_id,
        "corpus": row.corpus.slug,
        "kind": row.kind,
        "reason": row.reason,
        "user": row.user.username,
        "at": row.created_at,
    }


@extend_schema(tags=["articles"])
class ArticleSetAside(APIView):
    @extend_schema(operation_id="article_set_aside_list", responses={200: SetAsidePage, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List your flag, skip and park of an article, and the parks of others.

        Flags and skips are seen by nobody else.
        """
        Parameters(request)
        article = get_article(request.user, pk, text=False)
        rows = of_article(request.user, article)
        for row in rows:
            row.corpus = article.corpus
        return whole_list(set_aside_json(row) for row in rows)


@extend_schema(tags=["articles"], parameters=[_KIND])
class ArticleSetAsideKind(APIView):
    @extend_schema(
        operation_id="article_set_aside_update",
        request=ReasonBody,
        responses={200: SetAsideSerializer, **problems(*WRITE)},
    )
    def put(self, request: ApiRequest, pk: int, kind: str) -> Response:
        """Flag, skip or park an article, or change the reason.

        Readers may only flag. Finishing the article removes its skips and parks.
        """
        Parameters(request)
        article = get_article(request.user, pk, text=False)
        body = read(ReasonBody, request.data)
        row = set_aside(user=request.user, article=article, kind=kind, reason=body.get("reason", ""))
        return Response(set_aside_json(row))

    @extend_schema(
        operation_id="article_set_aside_destroy",
        parameters=[query("of", "Username of another person whose park is taken back. For editors.")],
        request=None,
        responses={204: None, **problems(*WRITE)},
    )
    def delete(self, request: ApiRequest, pk: int, kind: str) -> Response:
        """Take back your flag, skip or park, or the park of another person.

        `of` names the person whose park is taken back. For editors.
        """
        parameters = Parameters(request, "of")
        article = get_article(request.user, pk, text=False)
        take_back(user=request.user, article=article, kind=kind, of=parameters.text("of") or None)
        return Response(status=204)


@extend_schema(tags=["account"])
class AccountSetAside(APIView):
    @extend_schema(
        operation_id="account_set_aside_list",
        parameters=[query("kind", "Default: all.", enum=list(KINDS)), *CURSOR],
        responses={200: SetAsidePage, **problems(*READ)},
    )
    def get(self, request: ApiRequest) -> Response:
        """List the articles that you flagged, skipped and parked in all corpora, newest first.

        `kind` selects one of them.
        """
        parameters = Parameters(request, "kind", "cursor", "limit")
        kind = parameters.choice("kind", ["", *KINDS], "")
        return list_response(request, parameters, partial(list_set_aside, request.user, kind), set_aside_json)
