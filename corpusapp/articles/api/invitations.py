"""REST API of invitations to a corpus. They are accepted in the browser, where accounts are created."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.actions.invitations import (
    DEFAULT_DAYS,
    LONGEST_DAYS,
    LONGEST_NOTE,
    invite,
    revoke_invitation,
)
from corpusapp.articles.models import Corpus, Invitation, Role
from corpusapp.articles.permissions import get_corpus
from corpusapp.articles.queries import get_invitation, invitations_to
from corpusapp.core.api.fields import OneOf, StrictSerializer, Text, Whole, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import ListPage, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems


class InvitationSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    role = serializers.ChoiceField(choices=Role.choices)
    note = serializers.CharField(allow_blank=True, help_text="Whom it is for.")
    state = serializers.ChoiceField(
        choices=Invitation.State.values, help_text="`void`: its sender does not manage the corpus any more."
    )
    created_by = serializers.CharField()
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    used_by = serializers.CharField(allow_null=True)
    used_at = serializers.DateTimeField(allow_null=True)


class InvitationPage(ListPage):
    results = InvitationSerializer(many=True)


class NewInvitationSerializer(InvitationSerializer):
    link = serializers.CharField(
        allow_null=True, help_text="Shown only once: only its hash is stored. Null in a repeated response."
    )


class NewInvitationBody(StrictSerializer):
    role = OneOf(choices=Role.values)
    days = Whole(required=False, help_text=f"Expires after so many days, 1 to {LONGEST_DAYS}; {DEFAULT_DAYS} if unset.")
    note = Text(required=False, allow_blank=True, max_length=LONGEST_NOTE, help_text="Whom it is for.")


_EXAMPLE = OpenApiExample("For an editor", {"role": "editor", "days": 7, "note": "Anna"}, request_only=True)


@extend_schema(tags=["members"])
class CorpusInvitations(APIView):
    @extend_schema(operation_id="invitations_list", responses={200: InvitationPage, **problems(*READ, 403)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the invitations to a corpus, newest first.

        For managers. They are listed until a month after they expire.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug, Role.MANAGER)
        return whole_list(_invitation_json(invitation) for invitation in invitations_to(corpus))

    @extend_schema(
        operation_id="invitations_create",
        parameters=ONCE,
        request=NewInvitationBody,
        responses={201: NewInvitationSerializer, **problems(*WRITE, 410)},
        examples=[_EXAMPLE],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Create a link by which one person joins the corpus, with an account or a new one.

        For managers. Give the link only to that person: whoever opens it first can use it.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug, Role.MANAGER)
        body = read(NewInvitationBody, request.data)
        links: dict[int, str] = {}

        def make() -> tuple[Invitation, int]:
            invitation, token = invite(user=request.user, corpus=corpus, **body)
            links[invitation.pk] = request.build_absolute_uri(reverse("invitation", args=[token]))
            return invitation, 201

        def show(invitation: Invitation, status: int) -> Response:
            shown = {**_invitation_json(invitation), "link": links.get(invitation.pk)}
            return Response(shown, status=status, headers={"Cache-Control": "no-store"})

        return create(request, make=make, find=lambda pk: get_invitation(corpus, pk), show=show)


@extend_schema(tags=["members"])
class CorpusInvitation(APIView):
    @extend_schema(operation_id="invitations_revoke", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Revoke an invitation.

        For managers. Nobody can use its link any more.
        """
        Parameters(request)
        corpus: Corpus = get_corpus(request.user, slug, Role.MANAGER)
        revoke_invitation(user=request.user, invitation=get_invitation(corpus, pk))
        return Response(status=204)


def _invitation_json(invitation: Invitation) -> dict[str, Any]:
    names = ("role", "note", "created_at", "expires_at", "used_at")
    return {
        "id": invitation.pk,
        **{name: getattr(invitation, name) for name in names},
        "state": invitation.state,
        "created_by": invitation.created_by.username,
        "used_by": invitation.used_by.username if invitation.used_by else None,
    }
