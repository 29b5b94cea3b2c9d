"""The user's own account, keyboard shortcuts and password over REST."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.fields import Field
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.actions.notices import BY_EMAIL, choose_email
from corpusapp.accounts.actions.passwords import change_password
from corpusapp.accounts.actions.preferences import choose_keys
from corpusapp.accounts.api.tokens import TokenSerializer, token_json
from corpusapp.accounts.keys import COMMANDS, keys_of
from corpusapp.accounts.models import User
from corpusapp.accounts.requests import ApiRequest, address_of
from corpusapp.core.api.fields import Flag, StrictSerializer, Text, read
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, WRITE, problems

LONGEST_PASSWORD = 1000


class OwnAccountSerializer(serializers.Serializer):
    user = serializers.CharField(help_text="Your username.")
    first_name = serializers.CharField(allow_blank=True)
    last_name = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    is_superuser = serializers.BooleanField(help_text="Manages all corpora and user accounts.")
    token = TokenSerializer(allow_null=True, help_text="The token of this request; null in a session.")


class ShortcutSerializer(serializers.Serializer):
    name = serializers.CharField()
    key = serializers.CharField(help_text="Your shortcut; empty if you gave its default to another command.")
    usual = serializers.CharField(help_text="The default shortcut.")
    does = serializers.CharField()


class ShortcutsSerializer(serializers.Serializer):
    keys = ShortcutSerializer(many=True)


class ShortcutsBody(StrictSerializer):
    """One character for each command, by name. Commands that are left out or empty have their default."""

    def get_fields(self) -> dict[str, Field]:
        return {command.name: Text(required=False, allow_blank=True, max_length=10) for command in COMMANDS}


class EmailSerializer(serializers.Serializer):
    email = serializers.CharField(allow_blank=True)
    each_notice = serializers.BooleanField(help_text="Each of your notices is also sent by e-mail.")


class EmailBody(StrictSerializer):
    email = Text(max_length=254, allow_blank=True)
    each_notice = Flag()


class PasswordBody(StrictSerializer):
    current = Text(max_length=LONGEST_PASSWORD, help_text="Your current password.")
    new = Text(max_length=LONGEST_PASSWORD, help_text="At least 10 characters, not a common one, not like your name.")


@extend_schema(tags=["account"])
class Account(APIView):
    @extend_schema(operation_id="account_retrieve", responses={200: OwnAccountSerializer, **problems(*READ)})
    def get(self, request: ApiRequest) -> Response:
        """Get your account, and the token of this request.

        `token` is null in a session.
        """
        Parameters(request)
        names = ("first_name", "last_name", "email", "is_superuser")
        about = {"user": request.user.username, **{name: getattr(request.user, name) for name in names}}
        return Response({**about, "token": token_json(request.auth) if request.auth else None})


@extend_schema(tags=["account"])
class AccountKeys(APIView):
    @extend_schema(operation_id="account_keys_retrieve", responses={200: ShortcutsSerializer, **problems(*READ)})
    def get(self, request: ApiRequest) -> Response:
        """Get your keyboard shortcuts in the workbench.

        The key of each command, your own or the usual one.
        """
        Parameters(request)
        return Response(_keys_json(request.user))

    @extend_schema(
        operation_id="account_keys_update",
        request=ShortcutsBody,
        responses={200: ShortcutsSerializer, **problems(*WRITE)},
        examples=[OpenApiExample("Confirm with j", {"confirm": "j"}, request_only=True)],
    )
    def put(self, request: ApiRequest) -> Response:
        """Change your keyboard shortcuts.

        `{}` resets all of them. Each key has one command.
        """
        Parameters(request)
        return Response(_keys_json(choose_keys(user=request.user, chosen=read(ShortcutsBody, request.data))))


@extend_schema(tags=["account"])
class AccountEmail(APIView):
    @extend_schema(operation_id="account_email_retrieve", responses={200: EmailSerializer, **problems(*READ)})
    def get(self, request: ApiRequest) -> Response:
        """Get your e-mail address, and whether your notices are sent there.

        The address is empty if you have none.
        """
        Parameters(request)
        return Response(_email_json(request.user))

    @extend_schema(
        operation_id="account_email_update",
        request=EmailBody,
        responses={200: EmailSerializer, **problems(*WRITE)},
        examples=[OpenApiExample("Each notice", {"email": "anna@example.org", "each_notice": True}, request_only=True)],
    )
    def put(self, request: ApiRequest) -> Response:
        """Change your e-mail address, and whether your notices are sent there.

        Fields that are left out stay as they are.
        """
        Parameters(request)
        return Response(_email_json(choose_email(user=request.user, **read(EmailBody, request.data))))


@extend_schema(tags=["account"])
class AccountPassword(APIView):
    @extend_schema(
        operation_id="account_password_update",
        request=PasswordBody,
        responses={204: None, **problems(*WRITE)},
        examples=[
            OpenApiExample("New password", {"current": "the current one", "new": "a longer one"}, request_only=True)
        ],
    )
    def put(self, request: ApiRequest) -> Response:
        """Change your password.

        Wrong passwords count as failed sign-ins; too many give 429. This ends your other sessions. Tokens stay valid:
        revoke those that you no longer trust.
        """
        Parameters(request)
        body = read(PasswordBody, request.data)
        change_password(user=request.user, address=address_of(request._request), **body)
        if request.auth is None:
            update_session_auth_hash(request._request, request.user)
        return Response(status=204)


def _email_json(user: User) -> dict[str, Any]:
    return {"email": user.email, "each_notice": user.preferences.get(BY_EMAIL, False)}


def _keys_json(user: User) -> dict[str, Any]:
    chosen = keys_of(user.preferences.get("keys", {}))
    rows = [
        {"name": command.name, "key": chosen[command.name], "usual": command.key, "does": command.does}
        for command in COMMANDS
    ]
    return {"keys": rows}
