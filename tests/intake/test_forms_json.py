"""JSON in lines, as an object or in a list; common keys; only broken items fail."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusapp.intake.limits import Limits
from corpusapp.intake.readers.json_forms import values_of
from corpusapp.intake.readers.streams import stream_of
from tests.intake.forms import LONG, PAGE, Unseekable, drafts, failures, only_failure, read


def line(**record):
    return json.dumps(record).encode() + b"\n"


def test_common_keys():
    data = line(
        content="Floods feared.",
        headline="Floods",
        link="https://example.org/1",
        publishedAt="2018-09-03T10:00:00Z",
        id=7,
        lang="en",
        source={"id": None, "name": "River Wire"},
        author="A. Writer",
    )
    (draft,) = read(data, "a.jsonl")
    assert (draft.text, draft.title, draft.url) == ("Floods feared.", "Floods", "https://example.org/1")
    assert (draft.published_on, draft.external_id, draft.language) == (date(2018, 9, 3), "7", "en")
    assert draft.source == "River Wire"
    assert draft.metadata == {"publishedAt": "2018-09-03T10:00:00Z", "author": "A. Writer"}
    assert (draft.raw, draft.form, draft.encoding) == (data, "json", "utf-8")


def test_our_keys_win_and_the_rest_is_kept():
    (draft,) = read(line(text="One", body="Two", metadata={"desk": 1}, titel="x"), "a.jsonl")
    assert draft.text == "One"
    assert draft.metadata == {"body": "Two", "titel": "x", "desk": 1}


def test_an_unreadable_date_is_noted_not_guessed():
    (draft,) = read(line(text="One", date="03/09/2018"), "a.jsonl")
    assert draft.published_on is None
    assert draft.metadata == {"date": "03/09/2018"}
    assert "unreadable date" in draft.notes[0]


def test_uncommon_keys_are_mapped():
    (draft,) = read(line(artikel="Eins", text="Zwei"), "a.jsonl", mapping={"artikel": "text", "text": ""})
    assert draft.text == "Eins"
    assert draft.metadata == {"text": "Zwei"}


def test_a_page_in_a_record_goes_through_the_extractor():
    (draft,) = read(line(url="https://example.org/1", html=PAGE, title="Ours"), "a.jsonl")
    assert "embankment" in draft.text and "<p>" not in draft.text
    assert draft.title == "Ours"


def test_spans_stay_exact():
    (draft,) = read(line(text="a\r\nZarif", spans=[[3, 8, "PERSON"]], extra=1), "a.jsonl")
    assert draft.text[draft.spans[0].start : draft.spans[0].end] == "Zarif"


@pytest.mark.parametrize("data", [b'[{"text": "One"},\n {"text": "Two"}]', b'{"text": "One"}\n\n{"text":\n"Two"}'])
def test_a_list_and_objects_in_a_row(data):
    items = read(data, "a.json")
    assert [item.text for item in items] == ["One", "Two"]
    assert items[0].line == 1


def test_only_a_bad_object_of_a_list_fails():
    data = (
        b'[{"text": "One"},\n{"text": NaN},\n{"text" "x"},\n"text",\n5, {"text": "a\\"]b[\\\\"}, ' + b"[" * 9 + b"]" * 9
    )
    items = read(data + b"]", "a.json")
    assert [draft.text for draft in drafts(items)] == ["One", 'a"]b[\\']
    assert [failure.line for failure in failures(items)] == [2, 3, 4, 5, 5]


def test_a_truncated_list():
    items = read(b'[{"text": "One"}, {"text": "Tw', "a.json")
    assert drafts(items)[0].text == "One"
    assert "breaks off" in failures(items)[0].reason


def test_nested_deep():
    data = b'[{"text": "x", "metadata": ' + b"[" * 200_000 + b"]" * 200_000 + b'}, {"text": "Last"}]'
    items = read(data, "a.json")
    assert "nested too deep" in failures(items)[0].reason or "more than 64 deep" in failures(items)[0].reason
    assert drafts(items)[0].text == "Last"
    assert "nested too deep" in only_failure(b"[" * 200_000, "a.jsonl").reason


@pytest.mark.parametrize("name", ["a.jsonl", "a.json"])
def test_items_over_the_limit_fail_and_the_rest_is_read(name):
    data = line(text="One") + line(text="x" * 600_000) + line(text="Last")
    items = read(data, name, limits=Limits(line_bytes=500_000))
    assert [draft.text for draft in drafts(items)] == ["One", "Last"]
    assert [failure.line for failure in failures(items)] == [2]
    assert "more than 500000 bytes" in failures(items)[0].reason


def test_lines_are_read_lazily():
    def endless():
        while True:
            yield line(text=LONG) * 100

    from corpusapp.intake.files import read_file

    items = read_file(Unseekable(endless()), "a.jsonl")
    assert [next(items).line for _ in range(3)] == [1, 2, 3]


VALUES = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(VALUES, max_size=5), st.sampled_from([None, 1]), st.integers(1, 7), st.booleans())
def test_a_list_is_split_into_its_elements_for_any_chunks(values, indent, size, ascii_only):
    data = json.dumps(values, indent=indent, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    stream = stream_of(chunks)
    assert [json.loads(value) for _, value in values_of(stream, 10_000)] == values
