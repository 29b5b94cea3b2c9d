"""The shapes of answers, for the schema."""

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from annotations.formats import jsonl

LINE = OpenApiExample(
    "A line",
    {
        "id": 1,
        "external_id": "seed-1",
        "title": "Zarif in Damascus",
        "language": "en",
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


class LossShape(serializers.Serializer):
    """One thing that was left out, altered, or carried in another way."""

    kind = serializers.CharField()
    reason = serializers.CharField()
    where = serializers.CharField(help_text="The article's external id or id; in a file that is read, the place.")
    field = serializers.CharField()
    start = serializers.IntegerField(allow_null=True, help_text="Of a span, in code points.")
    end = serializers.IntegerField(allow_null=True)
    label = serializers.CharField()
    message = serializers.CharField(help_text="All of it as one sentence.")


class ExportReportShape(serializers.Serializer):
    """What an export holds and what it does not. Counts are whole; of each kind the first twenty are told."""

    articles = serializers.IntegerField()
    spans = serializers.IntegerField(help_text="Those that were to be written.")
    losses = serializers.DictField(child=serializers.IntegerField(), help_text="Left out or altered, by kind.")
    faults = serializers.DictField(child=serializers.IntegerField())
    notes = serializers.DictField(child=serializers.IntegerField(), help_text="Carried in another way, by kind.")
    examples = LossShape(many=True)
