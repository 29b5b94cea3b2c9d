"""REST API of corpora and members."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.actions.corpora import create_corpus, edit_corpus, remove_member, set_member
from corpusapp.articles.models import Corpus, Membership, Role
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS
from corpusapp.articles.permissions import get_corpus
from corpusapp.articles.queries import account_named, get_membership
from corpusapp.core.api.fields import Flag, OneOf, StrictSerializer, Text, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import ListPage, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems, query

_LICENCE = "Licence of the data: an SPDX id such as CC-BY-4.0, a URL, or text. Empty if it is not stated."
_VERSION = "Version of the data; Croissant asks for major, minor and patch, such as 1.2.0."
_CITATION = "How to cite the data, as text or BibTeX."
_ENTITIES = "Whether names are linked to entities. If not, what was decided of them is kept, and not shown."
_CONTACT = "Whom to ask about the data: a name, with an e-mail address or a URL."


def corpus_record(corpus: Corpus) -> dict[str, Any]:
    return {
        "slug": corpus.slug,
        "name": corpus.name,
        "language": corpus.language,
        "guidelines": corpus.guidelines,
        "nesting_allowed": corpus.nesting_allowed,
        "entities_enabled": corpus.entities_enabled,
        **{field: getattr(corpus, field) for field in PUBLICATION_FIELDS},
    }


def _publication(name: str, help_text: str) -> Text:
    return Text(required=False, allow_blank=True, max_length=PUBLICATION_FIELDS[name], help_text=help_text)


class NewCorpusBody(StrictSerializer):
    slug = Text(
        max_length=64,
        help_text="Lowercase letters, digits and single hyphens. It is part of URLs and cannot be changed.",
    )
    name = Text(required=False, max_length=200, help_text="Default: derived from the slug.")
    language = Text(required=False, max_length=16, help_text="ISO 639-1 code.")
    guidelines = Text(required=False, allow_blank=True)
    entities_enabled = Flag(required=False, help_text=_ENTITIES)
    label_set = Text(required=False, max_length=40, help_text="Its labels: ontonotes, the default, or conll.")
    licence = _publication("licence", _LICENCE)
    version = _publication("version", _VERSION)
    citation = _publication("citation", _CITATION)
    contact = _publication("contact", _CONTACT)


class CorpusChangeBody(StrictSerializer):
    """Fields that are left out do not change."""

    name = Text(required=False, max_length=200)
    language = Text(required=False, max_length=16)
    guidelines = Text(required=False, allow_blank=True)
    nesting_allowed = Flag(required=False)
    entities_enabled = Flag(required=False, help_text=_ENTITIES)
    licence = _publication("licence", _LICENCE)
    version = _publication("version", _VERSION)
    citation = _publication("citation", _CITATION)
    contact = _publication("contact", _CONTACT)


_CHANGEABLE = ("name", "language", "guidelines", "nesting_allowed", "entities_enabled")


class CorpusSerializer(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField(help_text="ISO 639-1 code.")
    guidelines = serializers.CharField()
    nesting_allowed = serializers.BooleanField()
    entities_enabled = serializers.BooleanField(help_text=_ENTITIES)
    licence = serializers.CharField(help_text=_LICENCE)
    version = serializers.CharField(help_text=_VERSION)
    citation = serializers.CharField(help_text=_CITATION)
    contact = serializers.CharField(help_text=_CONTACT)


class CorpusPage(ListPage):
    results = CorpusSerializer(many=True)


@extend_schema(tags=["corpora"])
class CorpusList(APIView):
    @extend_schema(
        operation_id="corpora_list",
        parameters=[query("withdrawn", "1: withdrawn corpora that you can restore.", OpenApiTypes.BOOL)],
        responses={200: CorpusPage, **problems(400, 401)},
    )
    def get(self, request: ApiRequest) -> Response:
        """List the corpora that you are a member of, by name.

        Superusers see all. `withdrawn=1` lists those that you can restore instead.
        """
        withdrawn = Parameters(request, "withdrawn").flag("withdrawn", False)
        corpora = Corpus.objects
        found = corpora.withdrawn_by(request.user) if withdrawn else corpora.visible_to(request.user)
        return whole_list(corpus_record(corpus) for corpus in found)

    @extend_schema(
        operation_id="corpora_create",
        parameters=ONCE,
        request=NewCorpusBody,
        responses={201: CorpusSerializer, **problems(*WRITE, 410)},
        examples=[OpenApiExample("A corpus", {"slug": "iran-syria", "name": "Iran and Syria"}, request_only=True)],
    )
    def post(self, request: ApiRequest) -> Response:
        """Create a corpus with the default labels.

        For superusers. You become its manager. A slug is never reused.
        """
        Parameters(request)
        values = read(NewCorpusBody, request.data)

        def show(corpus: Corpus, status: int) -> Response:
            url = request.build_absolute_uri(f"/api/v1/corpora/{corpus.slug}/")
            return Response(corpus_record(corpus), status=status, headers={"Location": url})

        return create(
            request,
            make=lambda: (create_corpus(user=request.user, **values), 201),
            find=lambda _: get_corpus(request.user, values["slug"], Role.MANAGER),
            show=show,
        )


def change_corpus(request: ApiRequest, slug: str) -> dict[str, Any]:
    """Change a corpus by the body of the request; returns its record."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    current = {name: getattr(corpus, name) for name in _CHANGEABLE}
    changed = edit_corpus(user=request.user, corpus=corpus, **current | read(CorpusChangeBody, request.data))
    return corpus_record(changed)


class MemberSerializer(serializers.Serializer):
    user = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)


class MemberPage(ListPage):
    results = MemberSerializer(many=True)


class MemberBody(StrictSerializer):
    role = OneOf(choices=Role.values)


_EDITOR = OpenApiExample("An editor", {"role": "editor"}, request_only=True)
_ANSWER = OpenApiExample("An editor", {"user": "anna", "role": "editor"}, response_only=True)
_MEMBERS = OpenApiExample("An editor", {"results": [_ANSWER.value], "next": None}, response_only=True)


@extend_schema(tags=["members"])
class CorpusMembers(APIView):
    @extend_schema(
        operation_id="members_list",
        responses={200: MemberPage, **problems(*READ)},
        examples=[_MEMBERS],
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the members of a corpus, by name.

        With the role of each: reader, editor or manager.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        members = Membership.objects.filter(corpus=corpus).select_related("user").order_by("user__username")
        return whole_list(_member_json(member) for member in members)


@extend_schema(tags=["members"])
class CorpusMember(APIView):
    @extend_schema(
        operation_id="members_set",
        request=MemberBody,
        responses={200: MemberSerializer, **problems(*WRITE)},
        examples=[_EDITOR, _ANSWER],
    )
    def put(self, request: ApiRequest, slug: str, username: str) -> Response:
        """Add a user to a corpus, or change a member's role.

        For managers. Repeating it changes nothing.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug, Role.MANAGER)
        role = Role(read(MemberBody, request.data)["role"])
        user = account_named(username)
        return Response(_member_json(set_member(user=request.user, corpus=corpus, member=user, role=role)))

    @extend_schema(operation_id="members_remove", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: ApiRequest, slug: str, username: str) -> Response:
        """Remove a member from a corpus.

        For managers. The member's decisions stay.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug, Role.MANAGER)
        remove_member(user=request.user, membership=get_membership(corpus, username))
        return Response(status=204)


def _member_json(membership: Membership) -> dict[str, Any]:
    return {"user": membership.user.username, "role": membership.role}
