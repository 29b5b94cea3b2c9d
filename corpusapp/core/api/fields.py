"""Strict fields of request bodies: no value is converted or trimmed, and no key ignored. Actions check the rules."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.settings import api_settings

from corpusapp.text.wellformed import fault

_MESSAGES: dict[str, Any] = {"required": "is missing", "null": "must not be null"}


def kind(value: Any) -> str:
    """The type of a JSON value, in words."""
    names = {
        bool: "true or false",
        str: "text",
        dict: "an object",
        list: "a list",
        float: "a fraction",
        int: "a number",
    }
    return "null" if value is None else names.get(type(value), "something else")


@extend_schema_field(OpenApiTypes.INT64)
class Whole(serializers.Field):
    """A JSON integer, not true, 3.0 or "3"."""

    default_error_messages = _MESSAGES

    def __init__(self, *, low: int | None = None, high: int | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.low, self.high = low, high

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            raise serializers.ValidationError(f"must be a whole number, not {kind(data)}")
        if (self.low is not None and data < self.low) or (self.high is not None and data > self.high):
            raise serializers.ValidationError(f"must be between {self.low} and {self.high}")
        return data

    def to_representation(self, value: int) -> int:
        return value


class Offset(Whole):
    """An offset in code points. Actions check whether it is within the text."""

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            raise serializers.ValidationError(f"must be a whole number of code points, not {kind(data)}")
        return data


class Text(serializers.CharField):
    """A JSON string, unchanged. Refuses characters that cannot be stored."""

    default_error_messages = {**_MESSAGES, "blank": "must not be empty"}

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(f"must be text, not {kind(data)}")
        if reason := fault(data):
            raise serializers.ValidationError(reason)
        return data


@extend_schema_field(OpenApiTypes.BOOL)
class Flag(serializers.Field):
    """true or false, not 1 or "true"."""

    default_error_messages = _MESSAGES

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise serializers.ValidationError(f"must be true or false, not {kind(data)}")
        return data

    def to_representation(self, value: bool) -> bool:
        return value


class OneOf(serializers.ChoiceField):
    """One of a few words."""

    default_error_messages = _MESSAGES

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or data not in self.choices:
            raise serializers.ValidationError(f"must be one of {', '.join(map(str, self.choices))}")
        return data


class CountsByName(serializers.DictField):
    """Whole numbers by name, in a response."""

    child = serializers.IntegerField()


class StrictSerializer(serializers.Serializer):
    """An object with these keys and no others."""

    default_error_messages = _MESSAGES

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            self._refuse(f"must be a JSON object, not {kind(data)}")
        for key in data:
            if key not in self.fields:
                self._refuse(f"has an unknown key {str(key)[:60]!r}: the keys are {', '.join(self.fields)}")
        return super().to_internal_value(data)

    def _refuse(self, reason: str) -> None:
        raise serializers.ValidationError({api_settings.NON_FIELD_ERRORS_KEY: [reason]})


class NothingBody(StrictSerializer):
    """An empty object."""


def read(serializer: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """The validated values of a body. Raises DRF's ValidationError, which names each field."""
    bound = serializer(data=data)
    bound.is_valid(raise_exception=True)
    return bound.validated_data
