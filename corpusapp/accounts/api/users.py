"""All user accounts over REST, as in the admin site, for superusers."""

from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.actions.tokens import revoke_token
from corpusapp.accounts.actions.users import create_user, edit_user
from corpusapp.accounts.api.account import LONGEST_PASSWORD
from corpusapp.accounts.api.tokens import TokenPage, get_token, token_json, unrevoked_tokens
from corpusapp.accounts.models import User
from corpusapp.accounts.permissions import require_superuser
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core import keyset
from corpusapp.core.api.fields import Flag, StrictSerializer, Text, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import ListPage, list_response, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, READ, WRITE, problems, query
from corpusapp.core.errors import NotFound

_NAMES = ("first_name", "last_name", "email", "is_active", "is_superuser", "date_joined", "last_login")


class UserSerializer(serializers.Serializer):
    user = serializers.CharField()
    first_name = serializers.CharField(allow_blank=True)
    last_name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    is_active = serializers.BooleanField(help_text="False: cannot sign in or use tokens.")
    is_superuser = serializers.BooleanField()
    date_joined = serializers.DateTimeField()
    last_login = serializers.DateTimeField(allow_null=True)


class UserPage(ListPage):
    results = UserSerializer(many=True)


class UserChangeBody(StrictSerializer):
    """Fields that are left out do not change."""

    first_name = Text(required=False, allow_blank=True, max_length=150)
    last_name = Text(required=False, allow_blank=True, max_length=150)
    email = Text(required=False, allow_blank=True, max_length=254)
    is_active = Flag(required=False)
    is_superuser = Flag(required=False)
    password = Text(required=False, max_length=LONGEST_PASSWORD, help_text="At least 10 characters, not a common one.")


class NewUserBody(UserChangeBody):
    """A new user. Without a password, nobody can sign in."""

    username = Text(max_length=150, help_text="Letters, digits and @ . + - _ only.")


@extend_schema(tags=["users"])
class UserList(APIView):
    @extend_schema(
        operation_id="users_list",
        parameters=[query("q", "Beginning of the username."), *CURSOR],
        responses={200: UserPage, **problems(*READ, 403)},
    )
    def get(self, request: ApiRequest) -> Response:
        """List the user accounts, newest first.

        For superusers. `q` finds those whose names begin so.
        """
        parameters = Parameters(request, "q", "cursor", "limit")
        require_superuser(request.user)
        return list_response(request, parameters, partial(_users_page, parameters.text("q")), _user_json)

    @extend_schema(
        operation_id="users_create",
        parameters=ONCE,
        request=NewUserBody,
        responses={201: UserSerializer, **problems(*WRITE, 410)},
        examples=[OpenApiExample("Anna", {"username": "anna", "first_name": "Anna"}, request_only=True)],
    )
    def post(self, request: ApiRequest) -> Response:
        """Create a user account.

        For superusers. Memberships decide which corpora it sees.
        """
        Parameters(request)
        require_superuser(request.user)
        values = read(NewUserBody, request.data)
        return create(
            request,
            make=lambda: (create_user(user=request.user, **values), 201),
            find=lambda pk: User.objects.get(pk=pk),
            show=lambda account, status: Response(_user_json(account), status=status),
        )


@extend_schema(tags=["users"])
class UserDetail(APIView):
    @extend_schema(operation_id="users_retrieve", responses={200: UserSerializer, **problems(*READ, 403)})
    def get(self, request: ApiRequest, username: str) -> Response:
        """Get a user account.

        For superusers. Says whether it is active, and when it last signed in.
        """
        Parameters(request)
        return Response(_user_json(_account(request, username)))

    @extend_schema(
        operation_id="users_update", request=UserChangeBody, responses={200: UserSerializer, **problems(*WRITE)}
    )
    def patch(self, request: ApiRequest, username: str) -> Response:
        """Change, deactivate or activate a user account.

        For superusers. Accounts are never deleted: decisions keep their author. The last superuser cannot be removed.
        Change your own password at `account/password/`.
        """
        Parameters(request)
        account = _account(request, username)
        return Response(_user_json(edit_user(user=request.user, account=account, **read(UserChangeBody, request.data))))


@extend_schema(tags=["users"])
class UserTokens(APIView):
    @extend_schema(operation_id="users_tokens_list", responses={200: TokenPage, **problems(*READ, 403)})
    def get(self, request: ApiRequest, username: str) -> Response:
        """List the tokens of an account that are not revoked.

        For superusers. Keys are not shown.
        """
        Parameters(request)
        return whole_list(token_json(token) for token in unrevoked_tokens(_account(request, username)))


@extend_schema(tags=["users"])
class UserToken(APIView):
    @extend_schema(operation_id="users_tokens_destroy", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: ApiRequest, username: str, pk: int) -> Response:
        """Revoke another user's token.

        For superusers. Requests with it then give 401.
        """
        Parameters(request)
        revoke_token(user=request.user, token=get_token(_account(request, username), pk))
        return Response(status=204)


def _account(request: ApiRequest, username: str) -> User:
    require_superuser(request.user)
    account = User.objects.filter(username=username, is_system=False).first()
    if account is None:
        raise NotFound(f"there is no user {username[:60]!r}")
    return account


def _user_json(account: User) -> dict[str, Any]:
    return {"user": account.username, **{name: getattr(account, name) for name in _NAMES}}


def _users_page(prefix: str, *, cursor: str, size: int) -> keyset.Page[User]:
    """The accounts of people whose usernames start with `prefix`, newest first."""
    accounts = User.objects.filter(is_system=False, username__istartswith=prefix)
    return keyset.newest_first(accounts, cursor=cursor, size=size)
