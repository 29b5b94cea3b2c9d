"""Responses about releases, for the schema."""

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from annotations.exports.api.filters import FilterBody
from annotations.releases.api.manifest import ManifestSerializer
from annotations.releases.models import Release
from annotations.releases.queries.files import ALTERED, MISSING, WHOLE
from annotations.review.api.serializers import WrittenSpan
from corpusapp.core.api.deprecation import former
from corpusapp.core.api.jobs import JobSerializer
from corpusapp.core.api.pagination import ListPage

FORMER_STATES = [choice for choice in Release.State.choices if choice[0] != Release.State.CANCELLED]
_CHANGE = ["added", "changed", "removed"]


class SplitSerializer(serializers.Serializer):
    """Percent of the articles, 100 in total."""

    train = serializers.IntegerField()
    dev = serializers.IntegerField()
    test = serializers.IntegerField()


@extend_schema_serializer(deprecate_fields=["filters", "state"])
class ReleaseBrief(JobSerializer):
    """A release of a corpus."""

    id = serializers.IntegerField(help_text="Its number.")
    number = serializers.IntegerField()
    corpus = serializers.CharField()
    user = serializers.CharField(help_text="Who created it.")
    name = serializers.CharField()
    notes = serializers.CharField()
    filter = FilterBody(help_text="Its filter, in the form that a request takes.")
    filters = serializers.DictField(help_text=former("filter"))
    seed = serializers.CharField()
    shares = SplitSerializer()
    state = serializers.ChoiceField(choices=FORMER_STATES, help_text=former("job_state"))
    reason = serializers.CharField(help_text="Why it failed.")
    percent = serializers.IntegerField()
    articles = serializers.IntegerField(help_text="Written so far.")
    total = serializers.IntegerField(allow_null=True)
    spans = serializers.IntegerField(allow_null=True)
    size = serializers.IntegerField(allow_null=True, help_text="Size of its file, in bytes.")
    sha256 = serializers.CharField(help_text="SHA-256 of its file.")
    url = serializers.URLField(help_text="URL of the release.")
    file = serializers.URLField(allow_null=True, help_text="URL of its file, gzipped JSON Lines, once it is finished.")
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    erased_at = serializers.DateTimeField(allow_null=True, help_text="When it was erased; only its number remains.")
    erased_by = serializers.CharField(allow_null=True)


class ReleaseSerializer(ReleaseBrief):
    """A release of a corpus, with its manifest."""

    manifest = ManifestSerializer(allow_null=True)
    manifest_sha256 = serializers.CharField(help_text="SHA-256 of the manifest file.")
    versions = serializers.ListField(
        child=serializers.CharField(),
        help_text="Installed versions that differ from the manifest: exports in other formats may differ in bytes.",
    )


class ReleasePage(ListPage):
    results = ReleaseBrief(many=True)


class ReleaseCheckSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=[WHOLE, ALTERED, MISSING])
    expected = serializers.CharField(help_text="SHA-256 of the file when it was created.")
    found = serializers.CharField(help_text="SHA-256 of the file now; empty if it is missing.")


class ReleaseChangesSerializer(serializers.Serializer):
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    removed = serializers.IntegerField()


class FieldDifferenceSerializer(serializers.Serializer):
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class SpanDifferenceSerializer(serializers.Serializer):
    change = serializers.ChoiceField(choices=_CHANGE)
    before = WrittenSpan(allow_null=True)
    after = WrittenSpan(allow_null=True)


class DifferingArticle(serializers.Serializer):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    title = serializers.CharField()


class ArticleDifferenceSerializer(serializers.Serializer):
    """An article that differs between two releases."""

    article = DifferingArticle()
    change = serializers.ChoiceField(choices=_CHANGE)
    fields_ = serializers.DictField(
        child=FieldDifferenceSerializer(),
        help_text="Changed fields of the article, by name: before and after. `split` is its part.",
    )
    spans = SpanDifferenceSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field]:
        # `fields` is an attribute of serializers.
        return {name.rstrip("_"): field for name, field in super().get_fields().items()}


class ChangedLabel(serializers.Serializer):
    name = serializers.CharField()
    change = serializers.ChoiceField(choices=_CHANGE)


class ReleaseComparisonSerializer(serializers.Serializer):
    """What changed from one release to another."""

    before = serializers.IntegerField(help_text="Number of a release.")
    after = serializers.IntegerField()
    articles = ReleaseChangesSerializer()
    spans = ReleaseChangesSerializer(help_text="Including spans of added or removed articles.")
    links = ReleaseChangesSerializer(help_text="Links of spans to entities, of these spans too.")
    entities = ReleaseChangesSerializer(help_text="By the files of the entities, without their numbers of spans.")
    labels = serializers.DictField(child=ReleaseChangesSerializer(), help_text="Spans by label.")
    moved = serializers.IntegerField(help_text="Articles that moved to another part.")
    label_set = ChangedLabel(many=True)
    guidelines = serializers.BooleanField(help_text="Whether the guidelines changed.")
    examples = ArticleDifferenceSerializer(many=True, help_text="The first 50, by article; `lines` has all.")
    lines = serializers.URLField(help_text="URL of all differences, one JSON object per line.")
