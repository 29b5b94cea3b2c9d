"""Responses about exports, for the schema."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers

from annotations.exports.api.filters import FilterBody
from annotations.exports.format_choices import streamed
from annotations.exports.models import Export
from annotations.formats import jsonl
from corpusapp.core.api.deprecation import former
from corpusapp.core.api.jobs import JobSerializer
from corpusapp.core.api.pagination import ListPage
from corpusapp.core.api.schema import READ, problems

# Former names in the responses about exports and releases.
FORMER = {"state": "job_state", "filters": "filter"}
FORMER_STATES = [choice for choice in Export.State.choices if choice[0] != Export.State.CANCELLED]
LINE = OpenApiExample(
    "Line",
    {
        "id": 1,
        "external_id": "seed-1",
        "title": "Zarif in Damascus",
        "language": "en",
        "stage": "done",
        "finished_at": "2018-09-04T08:15:30Z",
        "text": "Zarif arrived.",
        "offsets": "code points",
        "spans": [
            {
                "id": 7,
                "start": 0,
                "end": 5,
                "label": "PERSON",
                "text": "Zarif",
                "state": "confirmed",
                "score": None,
                "pipeline": None,
                "revision": 2,
            }
        ],
        "zones": [],
        "meta": {"source": "SANA", "published_on": "2018-09-03"},
        "_input_hash": 1486120511,
        "_task_hash": -912206741,
    },
    response_only=True,
    media_type=jsonl.MEDIA_TYPE,
)


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
    part = serializers.CharField(help_text="Part of the release: train, dev or test; empty for all.")
    format = serializers.CharField()
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
    (200, jsonl.MEDIA_TYPE): OpenApiResponse(
        OpenApiTypes.STR, "One loss per line, as in `examples`; the last line has the counts."
    ),
    **problems(*READ, 409),
}


def streamed_answers() -> dict[tuple[int, str], Any]:
    """The responses of an endpoint that streams any format: JSON as a value, all else as bytes."""
    kinds = [form.media_type.split(";")[0] for form in streamed()]
    return {(200, kind): OpenApiTypes.ANY if kind.endswith("json") else OpenApiTypes.BINARY for kind in kinds}
