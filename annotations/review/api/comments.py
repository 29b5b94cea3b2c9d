"""Comments over REST."""

from functools import partial
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.actions.comments import add_comment, reopen_comment, resolve_comment
from annotations.review.api.bodies import client_key
from annotations.review.models import Comment
from annotations.review.models.comment import MAX_COMMENT
from annotations.review.queries.comments import KINDS, comments_of, get_comment, list_comments
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_article, get_corpus
from corpusapp.core.api.fields import NothingBody, StrictSerializer, Text, Whole, read
from corpusapp.core.api.pagination import ListPage, list_response, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, READ, REPLAYED, WRITE, problems, query


class ReplySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    text = serializers.CharField()
    user = serializers.CharField()
    at = serializers.DateTimeField()


class CommentSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    article = serializers.IntegerField()
    span = serializers.IntegerField(allow_null=True, help_text="Null for a comment on the article.")
    start = serializers.IntegerField(allow_null=True, help_text="Start of the span when the comment was written.")
    end = serializers.IntegerField(allow_null=True)
    quote = serializers.CharField(allow_null=True, help_text="The words from start to end.")
    text = serializers.CharField()
    user = serializers.CharField()
    at = serializers.DateTimeField()
    resolved_by = serializers.CharField(allow_null=True)
    resolved_at = serializers.DateTimeField(allow_null=True)
    reply_to = serializers.IntegerField(
        allow_null=True, help_text="The comment that this is a reply to. Replies are listed under their comments."
    )
    replies = ReplySerializer(many=True)


class CommentPage(ListPage):
    results = CommentSerializer(many=True)


class CommentBody(StrictSerializer):
    """A comment on an article or on one of its spans, or a reply to a comment."""

    text = Text(max_length=MAX_COMMENT, help_text="@username notifies a member of the corpus.")
    span = Whole(required=False, allow_null=True)
    reply_to = Whole(required=False, allow_null=True, help_text="ID of a comment on the same article. Without a span.")
    idempotency_key = Text(required=False, allow_null=True, max_length=100)


def comment_json(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "article": comment.article_id,
        "span": comment.span_id,
        "start": comment.start,
        "end": comment.end,
        "quote": comment.quote,
        "text": comment.text,
        "user": comment.user.username,
        "at": comment.created_at,
        "resolved_by": comment.resolved_by.username if comment.resolved_by else None,
        "resolved_at": comment.resolved_at,
        "reply_to": comment.parent_id,
        "replies": [
            {"id": reply.pk, "text": reply.text, "user": reply.user.username, "at": reply.created_at}
            for reply in comment.replies
        ],
    }


@extend_schema(tags=["comments"])
class ArticleComments(APIView):
    @extend_schema(operation_id="article_comments_list", responses={200: CommentPage, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the comments on an article, oldest first.

        Each with its replies. A comment on a span quotes its words.
        """
        Parameters(request)
        return whole_list(comment_json(comment) for comment in comments_of(get_article(request.user, pk)))

    @extend_schema(
        operation_id="article_comments_create",
        parameters=ONCE,
        request=CommentBody,
        responses={201: CommentSerializer, **problems(*WRITE)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Comment on an article or on one of its spans, or reply to a comment.

        For editors. `@username` in the text notifies that person.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        body = read(CommentBody, request.data)
        made = add_comment(
            user=request.user,
            article=article,
            text=body["text"],
            span=body.get("span"),
            reply_to=body.get("reply_to"),
            client_key=client_key(request, body),
        )
        headers = REPLAYED if made.repeated else {}
        return Response(comment_json(get_comment(request.user, made.pk)), status=201, headers=headers)


@extend_schema(tags=["comments"])
class CorpusComments(APIView):
    @extend_schema(
        operation_id="corpus_comments_list",
        parameters=[query("state", "Default: `open`.", enum=KINDS), *CURSOR],
        responses={200: CommentPage, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the comments of a corpus, newest first.

        Open ones, unless `state` asks for resolved or all.
        """
        parameters = Parameters(request, "state", "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        kind = parameters.choice("state", KINDS, "open")
        return list_response(request, parameters, partial(list_comments, corpus, kind), comment_json)


@extend_schema(tags=["comments"])
class ResolveComment(APIView):
    @extend_schema(
        operation_id="comments_resolve", request=NothingBody, responses={200: CommentSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Resolve an open comment.

        For editors. 409 if it is resolved already.
        """
        Parameters(request)
        comment = get_comment(request.user, pk)
        read(NothingBody, request.data)
        resolve_comment(user=request.user, comment=comment)
        return Response(comment_json(get_comment(request.user, pk)))


@extend_schema(tags=["comments"])
class ReopenComment(APIView):
    @extend_schema(
        operation_id="comments_reopen", request=NothingBody, responses={200: CommentSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Reopen a resolved comment.

        For editors. 409 if it is open.
        """
        Parameters(request)
        comment = get_comment(request.user, pk)
        read(NothingBody, request.data)
        reopen_comment(user=request.user, comment=comment)
        return Response(comment_json(get_comment(request.user, pk)))
