"""Serializers of responses about entities, for the schema."""

from rest_framework import serializers

from annotations.entities.models import Alias, EntityState
from annotations.review.api.serializers import CountsSerializer, DecidedSpanSerializer, SpanEntitySerializer
from annotations.review.models import State, Verb
from corpusapp.core.api.pagination import ListPage

_IDENTIFIERS = "Identifiers in other databases, by scheme."


class IdentifiersField(serializers.DictField):
    """Identifiers by scheme, in a response."""

    child = serializers.ListField(child=serializers.CharField())


class AliasSerializer(serializers.Serializer):
    """A name of an entity."""

    name = serializers.CharField()
    language = serializers.CharField(help_text="ISO 639-1 code; empty if unknown.")
    script = serializers.CharField(help_text="ISO 15924 code; empty if unknown.")
    origin = serializers.ChoiceField(choices=Alias.Origin.choices)
    state = serializers.ChoiceField(
        choices=State.choices, help_text="`rejected` for one that was dropped: mentions are not linked by it."
    )
    mentions = serializers.IntegerField(help_text="Mentions with this name.")


class AliasPage(ListPage):
    results = AliasSerializer(many=True)


class MergedIntoSerializer(serializers.Serializer):
    """Where a merged entity went. It is never merged itself."""

    id = serializers.IntegerField()
    url = serializers.CharField(help_text="Path of its address.")


class EntityReference(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`


class EntitySerializer(serializers.Serializer):
    """A thing in the world that spans refer to."""

    id = serializers.IntegerField()
    corpus = serializers.CharField()
    name = serializers.CharField(help_text="Preferred name.")
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`
    description = serializers.CharField()
    identifiers = IdentifiersField(help_text=_IDENTIFIERS)
    state = serializers.ChoiceField(
        choices=EntityState.choices,
        help_text="`suggested` by a linker; `merged` into another one; `removed` when its creation was undone.",
    )
    merged_into = MergedIntoSerializer(allow_null=True)
    pipeline = serializers.CharField(allow_null=True, help_text="Name and version of the linker that suggested it.")
    mentions = serializers.IntegerField(help_text="Spans that are linked to it, suggested or confirmed.")
    confirmed = serializers.IntegerField(help_text="Those of them whose link is confirmed.")
    created_at = serializers.DateTimeField()
    revision = serializers.IntegerField(help_text="Number of its changes; a write names the revision that it saw.")


class EntityRowSerializer(EntitySerializer):
    aliases = AliasSerializer(many=True, required=False, help_text="Only if `fields` names it: at most 60, by use.")


class EntityDetailSerializer(EntitySerializer):
    aliases = AliasSerializer(many=True, help_text="The most used ones, at most 60.")
    distinct = EntityReference(many=True, help_text="Entities that were said to be different, at most 12.")


class EntityPage(ListPage):
    results = EntityRowSerializer(many=True)
    total = serializers.IntegerField(
        allow_null=True, help_text="Number of entities that match, counted up to 10,000; null without `count=1`."
    )


class LinkSerializer(serializers.Serializer):
    """The tie of a span to an entity."""

    id = serializers.IntegerField()
    article = serializers.IntegerField()
    span = serializers.IntegerField(
        allow_null=True, help_text="Null if the span is not the entity, and is not suggested any more."
    )
    entity = EntityReference()
    state = serializers.ChoiceField(choices=State.choices, help_text="`rejected`: the span is not this entity.")
    score = serializers.FloatField(allow_null=True, help_text="0 to 1; null if an editor linked it.")
    pipeline = serializers.CharField(allow_null=True, help_text="Name and version of the linker.")
    revision = serializers.IntegerField(help_text="Number of its changes; a write names the revision that it saw.")


class LinkPage(ListPage):
    results = LinkSerializer(many=True)


class EntityDecisionSerializer(CountsSerializer):
    """A decision on entities and links, with what it changed, as it is now."""

    applied = serializers.IntegerField(help_text="How many spans, links and entities it changed.")
    decision = serializers.IntegerField(help_text="Undo it at `decisions/{id}/undo/`.")
    verb = serializers.ChoiceField(choices=Verb.choices)
    entities = EntitySerializer(many=True)
    links = LinkSerializer(many=True, help_text="At most 1,000.")
    repeated = serializers.BooleanField(help_text="Whether an earlier request with this key made the decision.")


class MergePreviewSerializer(serializers.Serializer):
    source = EntitySerializer()  # type: ignore[assignment]  # not `Field.source`
    into = EntitySerializer()
    mentions = serializers.IntegerField(help_text="Links that move.")
    aliases = serializers.ListField(child=serializers.CharField(), help_text="Names that the target gets.")
    identifiers = IdentifiersField(help_text="Identifiers that the target gets.")
    obstacle = serializers.CharField(allow_null=True, help_text="Why the merge would be refused; null if it is not.")


class ContextSerializer(DecidedSpanSerializer):
    """A span in its context, which ends at line breaks."""

    title = serializers.CharField(help_text="The article's title, or its first line if it has none.")
    source = serializers.CharField()  # type: ignore[assignment]  # not `Field.source`
    published_on = serializers.DateField(allow_null=True)
    direction = serializers.ChoiceField(choices=["ltr", "rtl"])
    left = serializers.CharField(help_text="Up to 60 code points before it, on the same line.")
    right = serializers.CharField(help_text="Up to 60 code points after it, on the same line.")


class EntityMentionSerializer(ContextSerializer):
    """A mention of an entity in its context, which ends at line breaks."""

    entity = SpanEntitySerializer(help_text="The entity, with the state of its link.")
    link = serializers.IntegerField(help_text="ID of the link.")


class EntityMentionPage(ListPage):
    results = EntityMentionSerializer(many=True)


class EntityVersionSerializer(serializers.Serializer):
    """An entity before or after a change."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`
    description = serializers.CharField()
    state = serializers.ChoiceField(choices=EntityState.choices)
    merged_into = serializers.IntegerField(allow_null=True)
    identifiers = IdentifiersField()
    aliases = serializers.ListField(child=serializers.CharField(), help_text="Without those that were dropped.")
    distinct = serializers.ListField(child=serializers.IntegerField())
    revision = serializers.IntegerField()


class EntityChangeSerializer(serializers.Serializer):
    decision = serializers.IntegerField()
    user = serializers.CharField()
    at = serializers.DateTimeField()
    verb = serializers.ChoiceField(choices=Verb.choices)
    implicit = serializers.BooleanField(help_text="A side effect of the decision.")
    undone_by = serializers.IntegerField(allow_null=True)
    before = EntityVersionSerializer(allow_null=True)
    after = EntityVersionSerializer(allow_null=True)


class EntityHistoryPage(ListPage):
    results = EntityChangeSerializer(many=True)


class DistinctSerializer(serializers.Serializer):
    """Two entities that a person said are different. Undo the decision to take it back."""

    first = EntityReference()
    second = EntityReference()
    decision = serializers.IntegerField()
    user = serializers.CharField()
    at = serializers.DateTimeField()


class DistinctPage(ListPage):
    results = DistinctSerializer(many=True)


class CandidateSerializer(serializers.Serializer):
    """An entity that a span may be."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`
    description = serializers.CharField()
    mentions = serializers.IntegerField()
    state = serializers.ChoiceField(choices=EntityState.choices)
    score = serializers.FloatField(allow_null=True, help_text="0 to 1; null if there is none.")
    reasons = serializers.ListField(child=serializers.CharField(), help_text="What speaks for it, in words.")


class CandidatePage(ListPage):
    results = CandidateSerializer(many=True, help_text="The most probable first.")


class LinkDecisionSerializer(EntityDecisionSerializer):
    spans = DecidedSpanSerializer(many=True, help_text="The spans of these links, as they are now.")
