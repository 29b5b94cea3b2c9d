"""Who works in a corpus, over REST: read by its members, changed by its managers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.models import User
from corpusapp.articles.actions.corpora import remove_member, set_member
from corpusapp.articles.models import Corpus, Membership, Role
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import OneOf, StrictSerializer, read
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, WRITE, problems
from corpusapp.core.errors import NotFound


class MemberShape(serializers.Serializer):
    user = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class MemberBody(StrictSerializer):
    role = OneOf(choices=Role.values)


_EDITOR = OpenApiExample("An editor", {"role": "editor"}, request_only=True)
_ANSWER = OpenApiExample("An editor", {"user": "anna", "role": "editor"}, response_only=True)


@extend_schema(tags=["members"])
class CorpusMembers(APIView):
    @extend_schema(
        operation_id="members_list",
        responses={200: MemberShape(many=True), **problems(*READ)},
        examples=[_ANSWER],
    )
    def get(self, request: Request, slug: str) -> Response:
        """The members of a corpus, by name."""
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        members = Membership.objects.filter(corpus=corpus).select_related("user").order_by("user__username")
        return Response([_member_json(member) for member in members])


@extend_schema(tags=["members"])
class CorpusMember(APIView):
    @extend_schema(
        operation_id="members_set",
        request=MemberBody,
        responses={200: MemberShape, **problems(*WRITE)},
        examples=[_EDITOR, _ANSWER],
    )
    def put(self, request: Request, slug: str, username: str) -> Response:
        """Let a user of this desk into a corpus, or give a member another role. Sent again, it changes nothing."""
        Parameters(request)
        corpus = get_corpus(request.user, slug, Role.MANAGER)
        role = Role(read(MemberBody, request.data)["role"])
        user = User.objects.filter(username=username, is_active=True, is_system=False).first()
        if user is None:
            raise NotFound(f"there is no user {username[:60]!r}: whoever runs the desk makes accounts")
        return Response(_member_json(set_member(user=request.user, corpus=corpus, member=user, role=role)))

    @extend_schema(operation_id="members_remove", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: Request, slug: str, username: str) -> Response:
        """Take a member's role away; what the member decided stays."""
        Parameters(request)
        corpus = get_corpus(request.user, slug, Role.MANAGER)
        remove_member(user=request.user, membership=_membership(corpus, username))
        return Response(status=204)


def _membership(corpus: Corpus, username: str) -> Membership:
    found = Membership.objects.select_related("corpus", "user").filter(corpus=corpus, user__username=username).first()
    if found is None:
        raise NotFound(f"{username[:60]!r} is no member of {corpus.slug}")
    return found


def _member_json(membership: Membership) -> dict[str, Any]:
    return {"user": membership.user.username, "role": membership.role}
