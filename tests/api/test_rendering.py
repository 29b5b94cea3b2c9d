"""Responses are rendered by orjson to the JSON that REST framework's own renderer writes."""

import json
import uuid
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest
from django.utils.functional import lazystr
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.renderers import JSONRenderer

from annotations.review.models import State
from corpusapp.core.api.wire import FastJSONRenderer

texts = st.text(st.characters(exclude_categories=["Cs"]))
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
plain = st.none() | st.booleans() | numbers | texts
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=20)


def both(data):
    return json.loads(FastJSONRenderer().render(data)), json.loads(JSONRenderer().render(data))


@given(values)
def test_any_json_value_is_the_same(data):
    if data is not None:
        fast, usual = both(data)
        assert fast == usual == data


class Pair(NamedTuple):
    start: int
    end: int


@pytest.mark.parametrize(
    "value",
    [
        datetime(2018, 9, 3, 12, 30, tzinfo=UTC), datetime(2018, 9, 3, 12, 30, 1, 5, tzinfo=UTC), date(2018, 9, 3),
        uuid.UUID(int=7), State.CONFIRMED, lazystr("Zarif"), Pair(0, 5), 2**70, {1: "one"}, {"many"}, ("a", 1),
        {"a"}, "Zarif\u2028Assad\u2029", "\x00\x1f\x7f", 1e-05, 1e16, 0.1,
    ],
    ids=repr,
)  # fmt: skip
def test_values_of_python_and_django_are_the_same(value):
    fast, usual = both({"value": value})
    assert fast == usual


def test_what_has_no_json_is_refused_and_not_written_as_null():
    with pytest.raises(TypeError):
        FastJSONRenderer().render({"value": object()})


def test_no_data_is_an_empty_body():
    assert FastJSONRenderer().render(None) == JSONRenderer().render(None) == b""
