"""The shapes of requests. Offsets, ids and revisions are JSON integers; whether they make sense the domain says."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from annotations.review.actions.choices import SPAN_VERBS, Choice, Seen
from annotations.review.actions.labels import MAX_POSITION
from annotations.review.api.serializers import SCOPES
from annotations.review.models import Label
from corpusapp.core.api.fields import Offset, OneOf, StrictSerializer, Text, Whole

DECIDED = ("confirmed", "rejected")


class SeenBody(StrictSerializer):
    """A span as it was seen."""

    start = Offset()
    end = Offset()
    label = Text()


class VerbBody(StrictSerializer):
    """One verb on one span. All but `add` name a span and the revision that was seen."""

    verb = OneOf(choices=[verb.value for verb in SPAN_VERBS])
    span = Whole(required=False, allow_null=True)
    revision = Whole(required=False, allow_null=True)
    start = Offset(required=False)
    end = Offset(required=False)
    label = Text(required=False)

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        verb = attributes["verb"]
        superfluous = {"add": ("span", "revision"), "move": (), "relabel": ("start", "end")}
        for name in superfluous.get(verb, ("start", "end", "label")):
            if attributes.get(name) is not None:
                raise serializers.ValidationError({name: [f"has no meaning for {verb}: leave it out"]})
        return attributes


class ChoiceBody(VerbBody):
    seen = SeenBody(
        required=False,
        allow_null=True,
        help_text="The span as you saw it: if a machine withdrew the suggestion since, the verb is carried out "
        "there all the same, and `notices` says so.",
    )


def choice_of(body: Mapping[str, Any]) -> Choice:
    """The choice that a checked `ChoiceBody` asks for."""
    seen = body.get("seen")
    return Choice(**{**body, "seen": Seen(**seen) if seen else None})


class DecisionsBody(StrictSerializer):
    """A stroke: applied all or none."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    decisions = ChoiceBody(many=True)


class AlikeBody(StrictSerializer):
    """A verb, and how far to look for likes of its span; of its place, for `add`."""

    choice = ChoiceBody()
    scope = OneOf(choices=SCOPES)


class MatchBody(StrictSerializer):
    """A like that was shown: its span and revision, or for `add` its place."""

    article = Whole()
    span = Whole(required=False)
    revision = Whole(required=False)
    start = Offset(required=False)
    end = Offset(required=False)


class ApplyAlikeBody(StrictSerializer):
    """A verb, and the likes that it is to be applied to as well."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    choice = ChoiceBody()
    matches = MatchBody(many=True)


class ShownSpan(StrictSerializer):
    span = Whole()
    revision = Whole()


class ShownBody(StrictSerializer):
    """The suggestions that were shown, with their revisions."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    shown = ShownSpan(many=True)


class FinishManyBody(StrictSerializer):
    """Articles of the corpus, by their ids."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    articles = serializers.ListField(child=Whole(), help_text="Those that are to be done.")


class FinishBody(StrictSerializer):
    """Suggestions to confirm with it; none by default."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    shown = ShownSpan(many=True, required=False)


class KeyBody(StrictSerializer):
    idempotency_key = Text(required=False, allow_null=True, max_length=100)


class NewSpanBody(StrictSerializer):
    start = Offset()
    end = Offset()
    label = Text()
    idempotency_key = Text(required=False, allow_null=True, max_length=100)


class SpanChangeBody(StrictSerializer):
    """Either a state, or a label, or a range with or without a label."""

    revision = Whole(required=False, help_text="The one that you saw; or send `If-Match`.")
    state = OneOf(choices=DECIDED, required=False)
    label = Text(required=False)
    start = Offset(required=False)
    end = Offset(required=False)
    idempotency_key = Text(required=False, allow_null=True, max_length=100)

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        aims = [name for name in ("label", "start", "end") if name in attributes]
        if "state" in attributes and aims:
            raise serializers.ValidationError(
                {aims[0]: ["cannot change together with the state: send two requests, or one of decisions"]}
            )
        if "state" not in attributes and not aims:
            raise serializers.ValidationError("changes nothing: send a state, a label, or start and end")
        return attributes


class RevisionBody(StrictSerializer):
    revision = Whole(required=False)
    idempotency_key = Text(required=False, allow_null=True, max_length=100)


class NewLabelBody(StrictSerializer):
    name = Text()
    definition = Text(required=False, allow_blank=True, max_length=5000)
    family = OneOf(choices=Label.Family.choices, required=False)
    position = Whole(low=0, high=MAX_POSITION, required=False)


class LabelChangeBody(StrictSerializer):
    """The name stays: spans and clients go by it."""

    definition = Text(required=False, allow_blank=True, max_length=5000)
    family = OneOf(choices=Label.Family.choices, required=False)
    position = Whole(low=0, high=MAX_POSITION, required=False)
