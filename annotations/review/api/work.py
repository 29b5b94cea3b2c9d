"""The next article and presence over REST."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.actions.presence import end_presence, record_presence
from annotations.review.queries import own_decisions
from annotations.review.queries.open_pages import other_viewers, state_mark
from annotations.review.queries.work import ORDERS, next_to_review
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Article
from corpusapp.articles.permissions import get_article, get_corpus
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, WRITE, problems, query

_GREATEST = 2**63 - 1


class NextArticleSerializer(serializers.Serializer):
    article = serializers.IntegerField(allow_null=True, help_text="Null if there is no other article that is free.")


class PresenceSerializer(serializers.Serializer):
    here = serializers.ListField(
        child=serializers.CharField(), help_text="Usernames of others who have it open, at most 10."
    )
    mark = serializers.CharField(help_text="Changes whenever a span or the stage changes.")
    last = serializers.IntegerField(allow_null=True, help_text="Your decision that an undo would revert.")
    undone = serializers.IntegerField(allow_null=True, help_text="Your undo that a redo would revert.")


@extend_schema(tags=["articles"])
class NextArticle(APIView):
    @extend_schema(
        operation_id="corpora_next",
        parameters=[
            query("order", "; ".join(f"`{name}`: {words}" for name, words in ORDERS.items()), enum=list(ORDERS)),
            query("q", "Only matches of this full-text search."),
            query("after", "The current article, which is not offered again.", OpenApiTypes.INT64),
        ],
        responses={200: NextArticleSerializer, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Get the next article to work on: not done, and not open in another session."""
        parameters = Parameters(request, "order", "q", "after")
        corpus = get_corpus(request.user, slug)
        after, order = parameters.whole("after", 0, _GREATEST), parameters.choice("order", list(ORDERS), "list")
        article = next_to_review(request.user, corpus, after=after, order=order, query=parameters.text("q"))
        return Response({"article": article})


@extend_schema(tags=["articles"])
class ArticlePresence(APIView):
    @extend_schema(operation_id="presence_retrieve", responses={200: PresenceSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Show who else has an article open. `mark` changes whenever the article does."""
        Parameters(request)
        return Response(_presence_json(request, get_article(request.user, pk)))

    @extend_schema(
        operation_id="presence_update", request=NothingBody, responses={200: PresenceSerializer, **problems(*WRITE)}
    )
    def put(self, request: ApiRequest, pk: int) -> Response:
        """Report that you have an article open, so that nobody else is offered it. Valid for a minute."""
        Parameters(request)
        article = get_article(request.user, pk)
        read(NothingBody, request.data)
        record_presence(user=request.user, article=article)
        return Response(_presence_json(request, article))

    @extend_schema(operation_id="presence_destroy", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """Report that you closed it."""
        Parameters(request)
        end_presence(user=request.user, article=get_article(request.user, pk))
        return Response(status=204)


def _presence_json(request: ApiRequest, article: Article) -> dict[str, Any]:
    own = dict(zip(("last", "undone"), own_decisions(request.user, article), strict=True))
    return {
        "here": [user.username for user in other_viewers(request.user, article)],
        "mark": state_mark(article),
        **{name: decision.pk if decision else None for name, decision in own.items()},
    }
