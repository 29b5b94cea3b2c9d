"""The user's own tokens over REST: list, create, revoke. A token cannot create one with more access than its own."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.actions.tokens import LONGEST_DAYS, create_token, revoke_token
from corpusapp.accounts.models import Token, User
from corpusapp.accounts.permissions import require_whole
from corpusapp.accounts.ports import find_corpus
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.fields import OneOf, StrictSerializer, Text, Whole, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import ListPage, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems
from corpusapp.core.errors import NotFound


class TokenSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField(allow_blank=True, help_text="Name of the token, such as its purpose.")
    prefix = serializers.CharField(help_text="Beginning of its key.")
    scope = serializers.ChoiceField(choices=Token.Scope.values, help_text="What it is allowed to do at most.")
    corpus = serializers.CharField(allow_null=True, help_text="The only corpus that it can access; null for all.")
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To the minute.")
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Null if it never expires.")


class TokenPage(ListPage):
    results = TokenSerializer(many=True)


class NewTokenSerializer(TokenSerializer):
    key = serializers.CharField(
        allow_null=True, help_text="Shown only once: only its hash is stored. Null in a repeated response."
    )


class NewTokenBody(StrictSerializer):
    name = Text(required=False, allow_blank=True, max_length=100, help_text="Name of the token, such as its purpose.")
    scope = OneOf(choices=Token.Scope.values, help_text="What it is allowed to do at most, whatever your role.")
    corpus = Text(
        required=False, allow_null=True, max_length=64, help_text="Slug of the only corpus that it can access."
    )
    days = Whole(
        required=False, allow_null=True, help_text=f"Expires after so many days, 1 to {LONGEST_DAYS}; null for never."
    )


_NIGHTLY = {"name": "nightly", "scope": "read", "corpus": "desk", "days": 90}
_EXAMPLE = OpenApiExample("Nightly script", _NIGHTLY, request_only=True)


@extend_schema(tags=["account"])
class AccountTokens(APIView):
    @extend_schema(operation_id="tokens_list", responses={200: TokenPage, **problems(*READ, 403)})
    def get(self, request: ApiRequest) -> Response:
        """List your tokens that are not revoked, newest first.

        Keys are not shown again. Needs a session or a manage token for all corpora.
        """
        Parameters(request)
        require_whole(request.user)
        return whole_list(token_json(token) for token in unrevoked_tokens(request.user))

    @extend_schema(
        operation_id="tokens_create",
        parameters=ONCE,
        request=NewTokenBody,
        responses={201: NewTokenSerializer, **problems(*WRITE, 410)},
        examples=[_EXAMPLE],
    )
    def post(self, request: ApiRequest) -> Response:
        """Create a token.

        Its key is shown only in this response, not when an `Idempotency-Key` is repeated. Needs a session or a manage
        token for all corpora. The new token expires no later than that one.
        """
        Parameters(request)
        require_whole(request.user)
        body = read(NewTokenBody, request.data)
        slug = body.pop("corpus", None)
        corpus = None if slug is None else find_corpus(request.user, slug)
        keys: dict[int, str] = {}

        def make() -> tuple[Token, int]:
            token, keys[token.pk] = create_token(user=request.user, corpus=corpus, **body)
            return token, 201

        def show(token: Token, status: int) -> Response:
            shown = {**token_json(token), "key": keys.get(token.pk)}
            return Response(shown, status=status, headers={"Cache-Control": "no-store"})

        return create(request, make=make, find=lambda pk: get_token(request.user, pk), show=show)


@extend_schema(tags=["account"])
class AccountToken(APIView):
    @extend_schema(operation_id="tokens_destroy", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """Revoke a token, at once.

        Requests with it then give 401. A token can always revoke itself.
        """
        Parameters(request)
        revoke_token(user=request.user, token=get_token(request.user, pk))
        return Response(status=204)


def unrevoked_tokens(user: User) -> list[Token]:
    return list(Token.objects.filter(user=user, revoked_at=None).select_related("corpus"))


def get_token(user: User, pk: int) -> Token:
    token = Token.objects.filter(user=user, pk=pk, revoked_at=None).first()
    if token is None:
        raise NotFound(f"there is no token {pk} that you can see")
    return token


def token_json(token: Token) -> dict[str, Any]:
    names = ("name", "prefix", "scope", "created_at", "last_used_at", "expires_at")
    about = {name: getattr(token, name) for name in names}
    return {"id": token.pk, **about, "corpus": token.corpus.slug if token.corpus else None}
