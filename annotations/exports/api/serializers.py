"""Responses about exports, for the schema."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from annotations.entities.models import Alias, EntityState
from annotations.exports.api.filters import FilterBody
from annotations.exports.models import Export
from annotations.formats import jsonl
from annotations.formats.protocol import Format
from annotations.formats.registry import formats
from annotations.review.api.serializers import WrittenSpan
from annotations.review.models import Stage
from corpusapp.articles.api.zones import ZoneRangeSerializer
from corpusapp.core.api.deprecation import former
from corpusapp.core.api.jobs import JobSerializer
from corpusapp.core.api.pagination import ListPage
from corpusapp.core.api.schema import READ, problems

# Former names in the responses about exports and releases.
FORMER = {"state": "job_state", "filters": "filter"}
FORMATS = [form.name for form in formats.written()]
FORMER_STATES = [choice for choice in Export.State.choices if choice[0] != Export.State.CANCELLED]


class LineSpan(WrittenSpan):
    """A span of a line."""

    token_start = serializers.IntegerField(required=False, help_text="Its first token; only on token boundaries.")
    token_end = serializers.IntegerField(required=False, help_text="Its last token.")


class LineAlias(serializers.Serializer):
    name = serializers.CharField()
    language = serializers.CharField(help_text="ISO 639-1 code; empty if unknown.")
    script = serializers.CharField(help_text="ISO 15924 code; empty if unknown.")
    origin = serializers.ChoiceField(choices=Alias.Origin.choices)


class EntityLineSerializer(serializers.Serializer):
    """An entity, as one line of a list of entities."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # not `Field.label`
    description = serializers.CharField()
    identifiers = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Identifiers by scheme."
    )
    aliases = LineAlias(many=True)
    mentions = serializers.IntegerField(help_text="Linked spans; in the file of a release, those of the release.")
    state = serializers.ChoiceField(choices=EntityState.choices)
    merged_into = serializers.IntegerField(allow_null=True)


class LineToken(serializers.Serializer):
    id = serializers.IntegerField()
    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    ws = serializers.BooleanField(help_text="Whether a space follows.")


class LineRange(serializers.Serializer):
    start = serializers.IntegerField()
    end = serializers.IntegerField()


class ExportLineSerializer(serializers.Serializer):
    """An article, as one line of the formats `jsonl` and `jsonl-tokens` and of the file of a release."""

    id = serializers.IntegerField()
    external_id = serializers.CharField()
    title = serializers.CharField()
    language = serializers.CharField()
    stage = serializers.ChoiceField(choices=Stage.choices)
    finished_at = serializers.DateTimeField(allow_null=True, help_text="When it was marked done.")
    finished_by = serializers.CharField(required=False, help_text="With `finished_by=1`, if it is done.")
    decided = LineRange(
        many=True, required=False, help_text="If it is not done: the ranges in which every span was decided."
    )
    text = serializers.CharField()
    offsets = serializers.ChoiceField(choices=["code points", "utf16"], help_text="Unit of all offsets of the line.")
    tokens = LineToken(many=True, required=False, help_text="Only with tokens: those of spaCy.")
    spans = LineSpan(many=True)
    zones = ZoneRangeSerializer(many=True)
    meta = serializers.DictField(
        help_text="`source`, `url`, `published_on`, `published_precision` where known, and what else was imported."
    )
    split = serializers.ChoiceField(
        choices=["train", "dev", "test"], required=False, help_text="Of a release: the part of the article."
    )
    _input_hash = serializers.IntegerField(help_text="Prodigy's hash of the text.")
    _task_hash = serializers.IntegerField(help_text="Prodigy's hash of the text and its spans.")


class ExportLossSerializer(serializers.Serializer):
    """Something left out, changed, or stored in another way."""

    kind = serializers.CharField()
    reason = serializers.CharField()
    where = serializers.CharField(
        help_text="The article's external id or id; for a file that is read, the place in it."
    )
    field = serializers.CharField()
    start = serializers.IntegerField(allow_null=True, help_text="Start of the span, in code points.")
    end = serializers.IntegerField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # DRF replaces the attribute of this name
    message = serializers.CharField(help_text="Everything as one sentence.")


class ExportContentsSerializer(serializers.Serializer):
    articles = serializers.IntegerField()
    spans = serializers.IntegerField()
    labels = serializers.DictField(child=serializers.IntegerField(), help_text="Spans by label.")


class ExportOmissionsSerializer(serializers.Serializer):
    articles = serializers.DictField(
        child=serializers.IntegerField(), help_text="By reason. `stage`: left out only because of their stage."
    )
    spans = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()), help_text="By reason, then by label."
    )


class ExportReportSerializer(serializers.Serializer):
    """What an export contains and leaves out. Counts are complete; the first 20 losses of each kind are listed."""

    written = ExportContentsSerializer(required=False, help_text="What the file contains.")
    beside = serializers.DictField(
        child=serializers.IntegerField(),
        required=False,
        help_text="Spans by label, stored in a part of the file that only corpusapp reads.",
    )
    left_out = ExportOmissionsSerializer(required=False)
    articles = serializers.IntegerField()
    spans = serializers.IntegerField(help_text="Spans selected for the file.")
    losses = serializers.DictField(child=serializers.IntegerField(), help_text="Left out or changed, by kind.")
    faults = serializers.DictField(child=serializers.IntegerField())
    notes = serializers.DictField(child=serializers.IntegerField(), help_text="Stored in another way, by kind.")
    examples = ExportLossSerializer(many=True)
    versions = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        help_text="For a release: versions that differ from its manifest, so that bytes may differ.",
    )


@extend_schema_serializer(deprecate_fields=["filters", "state"])
class ExportSerializer(JobSerializer):
    """An export file, waiting, in progress or finished."""

    id = serializers.IntegerField()
    corpus = serializers.CharField()
    user = serializers.CharField(help_text="Who requested it.")
    release = serializers.IntegerField(allow_null=True, help_text="Number of the release that it exports.")
    part = serializers.ChoiceField(
        choices=["", "train", "dev", "test"], help_text="Part of the release; empty for all of it."
    )
    format = serializers.ChoiceField(choices=FORMATS)
    filter = FilterBody(help_text="Its filter, in the form that a request takes.")
    filters = serializers.DictField(help_text=former("filter"))
    strict = serializers.BooleanField()
    offsets = serializers.ChoiceField(
        choices=["code points", "utf16", "none"], help_text="Unit of offsets in the file; `none` if it has only tokens."
    )
    state = serializers.ChoiceField(choices=FORMER_STATES, help_text=former("job_state"))
    reason = serializers.CharField(help_text="Why there is no file.")
    percent = serializers.IntegerField()
    articles = serializers.IntegerField(help_text="Written so far.")
    total = serializers.IntegerField(allow_null=True)
    name = serializers.CharField(help_text="Name of the file.")
    size = serializers.IntegerField(allow_null=True, help_text="In bytes.")
    sha256 = serializers.CharField()
    media_type = serializers.CharField()
    report = ExportReportSerializer(allow_null=True)
    url = serializers.URLField(help_text="URL of this export.")
    file = serializers.URLField(allow_null=True, help_text="URL of the file, once it is finished.")
    losses = serializers.URLField(allow_null=True, help_text="URL of all of its losses, once it is finished.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)


class ExportPage(ListPage):
    results = ExportSerializer(many=True)


LOSSES = {
    (200, jsonl.MEDIA_TYPE): OpenApiResponse(ExportLossSerializer, "One loss per line; the last line has the counts."),
    (206, jsonl.MEDIA_TYPE): OpenApiTypes.BINARY,
    **problems(*READ, 409, 412, 416),
}


def file_answers(forms: Iterable[Format], *, parts: bool = False) -> dict[tuple[int, str], Any]:
    """The responses of an endpoint that answers files of these formats, or parts of them too."""
    kinds = dict.fromkeys(form.media_type.partition(";")[0] for form in forms)
    lines = OpenApiResponse(ExportLineSerializer, "The bytes of the format, with its media type.")
    whole = {(200, kind): lines if kind == jsonl.MEDIA_TYPE else OpenApiTypes.BINARY for kind in kinds}
    return whole | ({(206, kind): OpenApiTypes.BINARY for kind in kinds} if parts else {})
