"""The manifest of a release, for the schema."""

from rest_framework import serializers

from annotations.releases.split import PARTS
from annotations.review.models import Label
from corpusapp.core.api.fields import CountsByName


class ManifestCorpus(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    licence = serializers.CharField(required=False)
    version = serializers.CharField(required=False)
    citation = serializers.CharField(required=False)
    contact = serializers.CharField(required=False)


class ManifestFilter(serializers.Serializer):
    """The complete filter of the release, with the names of requests."""

    state = serializers.ListField(child=serializers.CharField())
    stage = serializers.ListField(child=serializers.CharField())
    label = serializers.ListField(child=serializers.CharField(), help_text="Empty: all labels.")  # type: ignore[assignment]
    source = serializers.CharField()  # type: ignore[assignment]  # not `Field.source`
    published_from = serializers.DateField(allow_null=True)
    published_to = serializers.DateField(allow_null=True)
    updated_since = serializers.DateTimeField(allow_null=True)
    chrome = serializers.BooleanField()
    finished_by = serializers.BooleanField()


class ManifestSplit(serializers.Serializer):
    rule = serializers.CharField(help_text="How the part of an article follows from its text, in words.")
    seed = serializers.CharField()
    shares = CountsByName(help_text="Percent by part.")


class ManifestPart(serializers.Serializer):
    articles = serializers.IntegerField()
    spans = serializers.IntegerField()
    characters = serializers.IntegerField()


class ManifestSource(serializers.Serializer):
    articles = serializers.IntegerField()
    spans = serializers.IntegerField()


class ManifestCounts(serializers.Serializer):
    articles = serializers.IntegerField()
    characters = serializers.IntegerField(help_text="Code points.")
    spans = serializers.IntegerField()
    parts = serializers.DictField(child=ManifestPart(), help_text=f"By part: {', '.join(PARTS)}.")
    states = CountsByName(help_text="Spans by state.")
    labels = serializers.DictField(child=CountsByName(), help_text="By label: `spans`, and those by state and by part.")
    sources = serializers.DictField(child=ManifestSource(), help_text="By source; empty for articles of none.")
    stages = CountsByName(help_text="Articles by stage.")
    years = CountsByName(help_text="Articles by year of publication; empty if it is unknown.")
    languages = CountsByName(help_text="Articles by language.")


class ManifestOmissions(serializers.Serializer):
    articles = CountsByName(help_text="By reason. `stage`: left out only because of their stage.")


class ManifestColours(serializers.Serializer):
    light = serializers.CharField()
    dark = serializers.CharField()


class ManifestLabel(serializers.Serializer):
    name = serializers.CharField()
    definition = serializers.CharField()
    family = serializers.ChoiceField(choices=Label.Family.choices)
    colour = ManifestColours()


class ManifestPipeline(serializers.Serializer):
    pipeline = serializers.CharField(help_text="Name and version.")
    digests = serializers.ListField(child=serializers.CharField())
    spans = serializers.IntegerField(help_text="Its spans in the release.")


class ManifestFile(serializers.Serializer):
    media_type = serializers.CharField()
    encoding = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    content_size = serializers.IntegerField(required=False, help_text="Of the lines, not compressed.")
    content_sha256 = serializers.CharField(required=False, help_text="Of the lines, not compressed.")


class ManifestEntities(serializers.Serializer):
    file = serializers.CharField(help_text="Name of the file of the entities in `files`.")
    sha256 = serializers.CharField(help_text="Of that file.")
    entities = serializers.IntegerField(help_text="Lines of the file.")
    linked = serializers.IntegerField(help_text="Entities that spans of the release are linked to.")
    spans = serializers.IntegerField(help_text="Linked spans.")


class ManifestSerializer(serializers.Serializer):
    """What a release contains, how it was made, and the SHA-256 of its file."""

    form = serializers.CharField(help_text="Kind and version of the manifest.")
    corpus = ManifestCorpus()
    number = serializers.IntegerField()
    name = serializers.CharField()
    notes = serializers.CharField()
    made_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    snapshot_at = serializers.DateTimeField(help_text="The moment that the release shows.")
    filter = ManifestFilter()
    offsets = serializers.CharField(help_text="Unit of the offsets.")
    split = ManifestSplit()
    counts = ManifestCounts()
    left_out = ManifestOmissions(required=False)
    labels = ManifestLabel(many=True)
    guidelines = serializers.CharField()
    pipelines = ManifestPipeline(many=True)
    agreement = serializers.JSONField(allow_null=True, help_text="Null: no article is annotated twice.")
    versions = serializers.DictField(child=serializers.CharField(), help_text="Installed versions, by name.")
    entities = ManifestEntities(required=False, help_text="Not in releases of corpora without entities.")
    files = serializers.DictField(child=ManifestFile(), help_text="By name.")
