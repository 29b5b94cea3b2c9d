"""Request bodies about entities. Actions check names, identifiers and revisions."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from rest_framework import serializers

from annotations.entities.actions.links import LinkChoice, NewEntity
from annotations.review.models import Verb
from corpusapp.core.api.fields import Flag, OneOf, StrictSerializer, Text, Whole
from corpusapp.core.errors import Refusal

MAX_KEY, MAX_LANGUAGE, MAX_NAMES = 100, 16, 1000
_IDENTIFIERS = 'By scheme: `{"wikidata": ["Q3766"]}`.'


class WriteBody(StrictSerializer):
    idempotency_key = Text(required=False, allow_null=True, max_length=MAX_KEY)


class _RevisedWrite(WriteBody):
    revision = Whole(required=False, help_text="The entity's revision that you saw; or send `If-Match`.")


class IdentifierLists(serializers.DictField):
    """Identifiers by scheme, in a request."""

    child = serializers.ListField(child=Text(), max_length=MAX_NAMES)


class NewEntityBody(WriteBody):
    name = Text()
    label = Text()  # type: ignore[assignment]  # not `Field.label`
    description = Text(required=False, allow_blank=True)
    identifiers = IdentifierLists(required=False, help_text=_IDENTIFIERS)
    aliases = serializers.ListField(child=Text(), required=False, max_length=MAX_NAMES, help_text="Other names of it.")


class EntityChangeBody(_RevisedWrite):
    """A name, a description or a label, or several of them. The former name stays an alias."""

    name = Text(required=False)
    description = Text(required=False, allow_blank=True)
    label = Text(required=False)  # type: ignore[assignment]  # not `Field.label`

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if not {"name", "description", "label"} & attributes.keys():
            raise serializers.ValidationError("changes nothing: send a name, a description or a label")
        return attributes


class NewAliasBody(_RevisedWrite):
    name = Text()
    language = Text(required=False, allow_blank=True, max_length=MAX_LANGUAGE, help_text="ISO 639-1 code.")


class DropAliasBody(_RevisedWrite):
    name = Text(required=False, help_text="The alias; or send it in the query.")


class IdentifiersBody(_RevisedWrite):
    """Identifiers to add and to drop."""

    add = IdentifierLists(required=False, help_text=_IDENTIFIERS)
    drop = IdentifierLists(required=False, help_text="As `add`.")


class MergeEntityBody(_RevisedWrite):
    """The entity that it is merged into, with the revision that you saw of it."""

    into = Whole(help_text="ID of the entity that stays.")
    into_revision = Whole(required=False, help_text="The revision that you saw of that one.")


class MovedLinkBody(StrictSerializer):
    link = Whole()
    revision = Whole(help_text="The link's revision that you saw.")


class SplitEntityBody(_RevisedWrite):
    """Links to move to a new entity, or to an existing one."""

    links = MovedLinkBody(many=True)
    name = Text(required=False, help_text="Name of the new entity.")
    label = Text(required=False, help_text="Its label. Default: the same.")  # type: ignore[assignment]  # not `Field.label`
    into = Whole(required=False, help_text="ID of an existing entity.")

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if len({"name", "into"} & attributes.keys()) != 1:
            raise serializers.ValidationError({"name": ["send either the name of a new entity, or into"]})
        if "into" in attributes and "label" in attributes:
            raise serializers.ValidationError({"label": ["is not allowed with into: leave it out"]})
        return attributes


class NewLinkedEntity(StrictSerializer):
    name = Text()
    label = Text()  # type: ignore[assignment]  # not `Field.label`
    description = Text(required=False, allow_blank=True)


class LinkBody(StrictSerializer):
    """One span: it is an entity (`link`), or it is not (`unlink`)."""

    span = Whole()
    verb = OneOf(choices=[Verb.LINK.value, Verb.UNLINK.value], required=False, help_text="Default: `link`.")
    entity = Whole(required=False, allow_null=True, help_text="ID of the entity; or send `new`.")
    new = NewLinkedEntity(
        required=False, allow_null=True, help_text="An entity to create. The same one in several items is one."
    )
    revision = Whole(
        required=False,
        allow_null=True,
        help_text="Revision of the link that you saw. A link that a person decided is only changed if it is given.",
    )


class LinksBody(WriteBody):
    """A decision on the links of several spans, in any articles of the corpus."""

    links = LinkBody(many=True)
    all_or_none = Flag(
        required=False, help_text="Do nothing if any item would be left out: 409 with all of these. Default: false."
    )


class DistinctBody(WriteBody):
    first = Whole(help_text="ID of an entity.")
    second = Whole(help_text="ID of the other one.")


def link_choice(body: Mapping[str, Any]) -> LinkChoice:
    """The choice in a validated `LinkBody`."""
    new = body.get("new")
    return LinkChoice(**{**body, "new": NewEntity(**new) if new else None})


def pairs_of(identifiers: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Identifiers as pairs of scheme and value."""
    return [(scheme, value) for scheme, values in identifiers.items() for value in values]


@contextmanager
def identifiers_named(body: Mapping[str, Any], name: str = "identifiers") -> Iterator[None]:
    """Have refusals of an identifier name its scheme in the field `name` of the body, instead of its position."""
    try:
        yield
    except Refusal as refusal:
        position = refusal.field.removeprefix("identifiers[").partition("]")[0]
        if refusal.field.startswith("identifiers["):
            refusal.field = f"{name}.{pairs_of(body[name])[int(position)][0][:60]}"
        raise
