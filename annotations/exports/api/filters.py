"""The filters of a request, in its query or in its body, with the same names and errors."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from annotations.exports.selection import ANY, FILTER_NAMES, Selection
from annotations.formats.records import DONE
from annotations.formats.registry import formats
from annotations.formats.utf16 import CODE_POINTS, UTF16
from annotations.review.models import Stage, State
from corpusapp.core.api.fields import Flag, OneOf, StrictSerializer, Text
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import choices, header, query
from corpusapp.core.errors import Invalid

OFFSETS = (CODE_POINTS, UTF16)
FILTERS = (
    "state", "stage", "label", "source", "published_from", "published_to", "updated_since", "chrome", "offsets",
    "finished_by",
)  # fmt: skip
_SINCE = "Articles imported or decided at this time or later: 2018-09-03T12:00:00Z."
STAGES = (*Stage.values, ANY)
_STAGES = (
    "Stages of articles. Default: `done`, because text that nobody reviewed is not an example of having no entity. "
    "`any`: all articles, each with its stage and its decided ranges."
)
_FINISHED_BY = "Include who finished each article."
LEFT_OUT_HEADER = "X-Left-Out-Articles"
LEFT_OUT = header(LEFT_OUT_HEADER, "Number of articles left out only because of their stage.", int, statuses=[200, 202])
FILE_OFFSETS = header("X-Offsets", "Unit of the offsets in the file; `none` if the format has only tokens.")
REPORT_LINK = header("Link", 'Address of the report of the stream, with `rel="describedby"`.')
_OFFSETS = "Unit of offsets. `utf16`, for JavaScript, only in the formats jsonl and jsonl-tokens."


def filter_parameters() -> list[OpenApiParameter]:
    return [
        choices("state", "States of spans. Default: `confirmed`.", State.values),
        choices("stage", _STAGES, STAGES),
        query(
            "label",
            "Labels of spans, separated by commas. Default: all. Articles without such a span are still included.",
        ),
        query("source", "Only articles of this source."),
        query("published_from", "First day.", OpenApiTypes.DATE),
        query("published_to", "Last day.", OpenApiTypes.DATE),
        query("updated_since", _SINCE, OpenApiTypes.DATETIME),
        query("chrome", "1: include spans in boilerplate (zones of the kind `chrome`).", OpenApiTypes.BOOL),
        query("offsets", _OFFSETS, enum=list(OFFSETS)),
        query("finished_by", f"1: {_FINISHED_BY.lower()}", OpenApiTypes.BOOL),
    ]


def left_out_header(number: int | None) -> dict[str, str]:
    """The header; none if the number is unknown."""
    return {} if number is None else {LEFT_OUT_HEADER: str(number)}


def selection_of(parameters: Parameters) -> Selection:
    """The filters in a query."""
    return Selection(
        states=tuple(parameters.choices("state", State.values, [State.CONFIRMED.value])),
        stages=tuple(parameters.choices("stage", STAGES, [DONE])),
        labels=tuple(parameters.words("label")),
        source=parameters.text("source"),
        published_from=parameters.date("published_from"),
        published_to=parameters.date("published_to"),
        updated_since=parameters.moment("updated_since"),
        chrome=parameters.flag("chrome", False),
        offsets=parameters.choice("offsets", OFFSETS, CODE_POINTS),
        finished_by=parameters.flag("finished_by", False),
    )


@extend_schema_field({"type": "array", "items": {"type": "string"}})
class Words(serializers.Field):
    """A list of strings, each one of `allowed` if there are any."""

    default_error_messages = {"null": "must not be null"}

    def __init__(self, allowed: tuple[str, ...] = (), **options: Any) -> None:
        super().__init__(**options)
        self._word = OneOf(allowed) if allowed else Text()

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        if not isinstance(data, list):
            raise serializers.ValidationError("must be a list of strings")
        return tuple(dict.fromkeys(self._word.to_internal_value(word) for word in data))

    def to_representation(self, value: Any) -> list[str]:
        return list(value)


class Day(Text):
    """2018-09-03."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        try:
            return datetime.strptime(value, "%Y-%m-%d").date()
        except ValueError:
            raise serializers.ValidationError("must be a date such as 2018-09-03") from None


class Moment(Text):
    """A date or a time, in UTC unless it has a time zone."""

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        try:
            found = datetime.fromisoformat(value)
            # Year 1 in an eastern time zone has no UTC, and raises OverflowError.
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except (ValueError, OverflowError):
            raise serializers.ValidationError("must be a time such as 2018-09-03T12:00:00Z") from None


class FilterBody(StrictSerializer):
    """Omitted filters include everything, but `state` defaults to confirmed spans and `stage` to done articles."""

    state = Words(tuple(State.values), required=False, help_text="States of spans.")
    stage = Words(STAGES, required=False, help_text=_STAGES)
    # DRF replaces the attributes of these names.
    label = Words(  # type: ignore[assignment]
        required=False, help_text="Labels of spans. Articles without such a span are still included."
    )
    source = Text(  # type: ignore[assignment]
        required=False, allow_blank=True, max_length=200, help_text="Name of a source."
    )
    published_from = Day(required=False)
    published_to = Day(required=False)
    updated_since = Moment(required=False, help_text=_SINCE)
    chrome = Flag(required=False, help_text="Include spans in boilerplate (zones of the kind `chrome`).")
    finished_by = Flag(required=False, help_text=_FINISHED_BY)


# Filters next to `format`, as requests had them before `filter`.
FLAT = tuple(FilterBody().fields)


@extend_schema_serializer(deprecate_fields=list(FLAT))
class ExportBody(FilterBody):
    """Contents of an export file."""

    filter = FilterBody(required=False)
    format = OneOf([form.name for form in formats.written()])
    offsets = OneOf(OFFSETS, required=False, help_text=_OFFSETS)
    strict = Flag(required=False, help_text="Refuse if anything would be left out.")


def filter_of_body(values: dict[str, Any]) -> dict[str, Any]:
    """The filter of an `ExportBody`, by `filter` or by the former names."""
    flat = {name: values[name] for name in FLAT if name in values}
    if flat and "filter" in values:
        name = next(iter(flat))
        raise Invalid(f"{name} is given next to filter: put it into filter", field=name)
    return values.get("filter", flat)


def filter_json(stored: Mapping[str, Any]) -> dict[str, Any]:
    """A stored selection as the `filter` of a request that selects the same."""
    values = Selection.from_json(stored).as_json()
    return {FILTER_NAMES.get(name, name): value for name, value in values.items() if name != "offsets"}


def former_filters_json(stored: Mapping[str, Any]) -> dict[str, Any]:
    return {FILTER_NAMES.get(name, name): value for name, value in stored.items()}


def selection_of_body(values: dict[str, Any], offsets: str = CODE_POINTS) -> Selection:
    """The selection of a `FilterBody`."""
    return Selection(
        states=values.get("state") or Selection().states,
        stages=values.get("stage") or Selection().stages,
        labels=values.get("label", ()),
        source=values.get("source", ""),
        published_from=values.get("published_from"),
        published_to=values.get("published_to"),
        updated_since=values.get("updated_since"),
        chrome=values.get("chrome", False),
        offsets=offsets,
        finished_by=values.get("finished_by", False),
    )
