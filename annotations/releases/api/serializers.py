"""What the answers about releases look like, for the OpenAPI schema."""

from rest_framework import serializers

from annotations.releases.models import Release
from annotations.releases.queries import ALTERED, MISSING, WHOLE
from corpusapp.core.api.schema import FORMER
from corpusapp.core.job_states import JobState

FORMER_STATES = [choice for choice in Release.State.choices if choice[0] != Release.State.CANCELLED]
_CHANGE = ["added", "changed", "removed"]


class SharesShape(serializers.Serializer):
    """Percent of the articles, 100 together."""

    train = serializers.IntegerField()
    dev = serializers.IntegerField()
    test = serializers.IntegerField()


class ReleaseBrief(serializers.Serializer):
    """A release of a corpus."""

    number = serializers.IntegerField()
    corpus = serializers.CharField()
    user = serializers.CharField(help_text="Who made it.")
    name = serializers.CharField()
    notes = serializers.CharField()
    filters = serializers.DictField(help_text="What it was narrowed to; what is not named lets everything pass.")
    seed = serializers.CharField()
    shares = SharesShape()
    state = serializers.ChoiceField(choices=FORMER_STATES, help_text=FORMER)
    job_state = serializers.ChoiceField(choices=JobState.choices)
    reason = serializers.CharField(help_text="Why it failed.")
    percent = serializers.IntegerField()
    articles = serializers.IntegerField(help_text="Written so far.")
    total = serializers.IntegerField(allow_null=True)
    spans = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True, help_text="Of its file, in bytes.")
    sha256 = serializers.CharField(help_text="Of its file.")
    url = serializers.CharField(help_text="Its address.")
    file = serializers.CharField(allow_null=True, help_text="Where its lines, gzipped, are fetched once it is made.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    erased_at = serializers.DateTimeField(allow_null=True, help_text="Its number is all that is left of it.")
    erased_by = serializers.CharField(allow_null=True)


class ReleaseShape(ReleaseBrief):
    """A release of a corpus, with its manifest."""

    manifest = serializers.DictField(
        allow_null=True,
        help_text="Counts, labels, guidelines, pipelines, split, versions, and the SHA-256 of every file.",
    )
    manifest_sha256 = serializers.CharField(help_text="Of the manifest as a file.")
    versions = serializers.ListField(
        child=serializers.CharField(),
        help_text="Which versions here are no longer those of the manifest: other formats may differ in bytes.",
    )


class ReleasePage(serializers.Serializer):
    results = ReleaseBrief(many=True)
    next = serializers.URLField(allow_null=True)


class CheckShape(serializers.Serializer):
    state = serializers.ChoiceField(choices=[WHOLE, ALTERED, MISSING])
    expected = serializers.CharField(help_text="The SHA-256 of the file that was made.")
    found = serializers.CharField(help_text="The SHA-256 of the file now; empty where it is missing.")


class ChangeCounts(serializers.Serializer):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()


class DifferenceOf(serializers.Serializer):
    change = serializers.ChoiceField(choices=_CHANGE)
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)


class DifferenceShape(serializers.Serializer):
    """An article that is not the same in both releases."""

    article = serializers.DictField(help_text="Its id, external id and title.")
    change = serializers.ChoiceField(choices=_CHANGE)
    fields_ = serializers.DictField(help_text="Of the article: before and after, by name. `split` is its part.")
    spans = DifferenceOf(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        # `fields` is a serializer's own word.
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class ChangedLabel(serializers.Serializer):
    name = serializers.CharField()
    change = serializers.ChoiceField(choices=_CHANGE)


class ComparisonShape(serializers.Serializer):
    """What changed from one release to another."""

    before = serializers.IntegerField(help_text="A release's number.")
    after = serializers.IntegerField()
    articles = ChangeCounts()
    spans = ChangeCounts(help_text="Those of articles that were added or removed included.")
    labels = serializers.DictField(child=ChangeCounts(), help_text="Spans by label.")
    moved = serializers.IntegerField(help_text="Articles that changed their part.")
    label_set = ChangedLabel(many=True)
    guidelines = serializers.BooleanField(help_text="Whether they changed.")
    examples = DifferenceShape(many=True, help_text="The first 50, by article; all of them are at `lines`.")
    lines = serializers.CharField(help_text="Where every difference is streamed, a JSON object a line.")
