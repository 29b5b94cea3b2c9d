"""What the feed's answers look like, for the OpenAPI schema."""

from rest_framework import serializers

from annotations.feed.models import Kind


class FeedSpan(serializers.Serializer):
    """A span as the change left it; of one that is no more, `id` and `state` alone."""

    id = serializers.IntegerField()
    start = serializers.IntegerField(required=False, help_text="In code points.")
    end = serializers.IntegerField(required=False, help_text="In code points, exclusive.")
    label = serializers.CharField(required=False)
    text = serializers.CharField(required=False)
    state = serializers.ChoiceField(
        choices=["confirmed", "rejected", "suggested", "gone"],
        help_text="`suggested`: its decision was undone. `gone`: its addition was.",
    )
    revision = serializers.IntegerField(required=False)


class FeedZone(serializers.Serializer):
    id = serializers.IntegerField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    kind = serializers.CharField()


class FeedAbout(serializers.Serializer):
    external_id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()
    language = serializers.CharField()
    length = serializers.IntegerField(help_text="In code points.")
    version = serializers.IntegerField()
    previous = serializers.IntegerField(allow_null=True, help_text="The article that it is a new version of.")


class FeedLabel(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    definition = serializers.CharField()
    family = serializers.CharField()
    position = serializers.IntegerField()


class ChangeEventShape(serializers.Serializer):
    """One event. What it says beside what happened depends on its type."""

    cursor = serializers.UUIDField(help_text="Send it as `after` to go on behind this event.")
    type = serializers.ChoiceField(choices=Kind.values)
    corpus = serializers.CharField()
    article = serializers.IntegerField(allow_null=True)
    user = serializers.CharField(allow_null=True, help_text="Null where a machine did it.")
    at = serializers.DateTimeField()
    withheld = serializers.BooleanField(
        required=False,
        help_text="The article or its corpus is withdrawn now, or erased: nothing more is told of this.",
    )
    offsets = serializers.ChoiceField(choices=["code points"], required=False)
    about = FeedAbout(required=False)
    zones = FeedZone(many=True, required=False, help_text="All that stand now, in place of those before.")
    stage = serializers.CharField(required=False)
    label = FeedLabel(required=False)
    decision = serializers.IntegerField(required=False)
    verb = serializers.CharField(required=False)
    span = FeedSpan(required=False)


class ChangePage(serializers.Serializer):
    results = ChangeEventShape(many=True)
    cursor = serializers.CharField(help_text="Keep it: `after` of the next request. Empty before the first event.")
    more = serializers.BooleanField(help_text="Whether to ask again at once.")
    next = serializers.CharField(help_text="The address of the next request.")
