"""JSON Lines of other tools, and invalid ones."""

import io
import json
import math

import pytest
from hypothesis import HealthCheck, given, settings

from annotations.formats.jsonl import encode_record, line_of, lines
from annotations.formats.protocol import Context
from annotations.formats.records import STATES, Record, SpanRecord, ZoneRecord, record_from_line
from annotations.formats.registry import formats
from annotations.formats.report import EXAMPLES, Report, Strict
from annotations.formats.utf16 import UTF16, line_in_utf16
from tests.formats.strategies import records

GOOD = '{"text": "Zarif came.", "spans": [{"start": 0, "end": 5, "label": "PERSON"}]}'


def read(*sent, strict=False):
    report = Report(strict=strict)
    data = b"\n".join(line if isinstance(line, bytes) else line.encode("utf-8", "surrogatepass") for line in sent)
    return list(formats.get("jsonl").read(io.BytesIO(data), report)), report


def test_a_line_that_was_written_is_read_as_the_same_record():
    record = Record(
        text="Zarif",
        spans=(SpanRecord(0, 5, "PERSON", id=7, revision=2),),
        id=1,
        external_id="a",
        title="T",
        zones=(ZoneRecord(0, 5, "title"),),
    )
    line = line_of(record)
    assert line["spans"] == [record.spans[0].as_json("Zarif")]
    assert record_from_line(line) == record and read(b"".join(lines([line])))[0] == [record]


def test_a_line_stays_one_line():
    record = Record(text="a\u2028b\u2029c\x85d\r\ne", title="\u2028")
    out = io.BytesIO()
    formats.get("jsonl").write([record], out)
    assert len(out.getvalue().decode().splitlines()) == 1
    assert read(out.getvalue())[0] == [record]


def test_what_prodigy_exports():
    task = {
        "text": "Zarif came.",
        "_input_hash": 1,
        "_task_hash": 2,
        "_view_id": "ner_manual",
        "tokens": [{"text": "Zarif", "start": 0, "end": 5, "id": 0, "ws": True}],
        "spans": [{"start": 0, "end": 5, "token_start": 0, "token_end": 0, "label": "PERSON"}],
        "meta": {"source": "news"},
        "answer": "accept",
    }
    found, report = read(*(json.dumps(task | {"answer": answer}) for answer in ("accept", "reject", "ignore")))
    assert [[span.state for span in record.spans] for record in found] == [["confirmed"], ["rejected"], []]
    assert found[0].meta == {"source": "news"}
    assert report.losses == {"ignored": 1} and not report.faults


@pytest.mark.parametrize(
    ("line", "kind", "field"),
    [
        ("{", "line", ""),
        ('"text"', "line", ""),
        ("[1, 2]", "line", ""),
        ("{}", "text", "text"),
        ('{"text": 5}', "text", "text"),
        ('{"text": "a\\ud800"}', "line", "text"),
        ('{"text": "a\\u0000"}', "line", "text"),
        ('{"text": "a", "meta": {"b": "\\udfff"}}', "line", "meta.b"),
        (b'{"text": "\xff"}', "line", ""),
        ('{"text": "a", "score": NaN}', "line", ""),
        ("[" * 100_000, "line", ""),
        ('{"text": "a", "meta": ' + '{"a":' * 100_000, "line", ""),
        ('{"text": "a", "n": 1' + "0" * 5000 + "}", "line", ""),
    ],
)
def test_a_broken_line_among_good_ones(line, kind, field):
    found, report = read(GOOD, line, GOOD)
    assert [record.text for record in found] == ["Zarif came."] * 2
    assert report.faults == {kind: 1}
    assert [(entry.where, entry.field) for entry in report.examples] == [("line 2", field)]
    assert read(GOOD)[1].whole


@pytest.mark.parametrize(
    ("span", "kind", "field"),
    [
        ('{"start": 5, "end": 0, "label": "A"}', "offsets", "spans[0].end"),
        ('{"start": 2, "end": 2, "label": "A"}', "offsets", "spans[0].end"),
        ('{"start": -1, "end": 2, "label": "A"}', "offsets", "spans[0].start"),
        ('{"start": 0, "end": 99, "label": "A"}', "offsets", "spans[0].end"),
        ('{"start": 0, "end": 1.0, "label": "A"}', "offsets", "spans[0].end"),
        ('{"start": "0", "end": 1, "label": "A"}', "offsets", "spans[0].start"),
        ('{"start": null, "end": 1, "label": "A"}', "offsets", "spans[0].start"),
        ('{"start": true, "end": 2, "label": "A"}', "offsets", "spans[0].start"),
        ('{"start": 0, "end": 100000000000000000000, "label": "A"}', "offsets", "spans[0].end"),
        ('{"token_start": 0, "token_end": 1, "label": "A"}', "offsets", "spans[0].start"),
        ('{"start": 0, "end": 1}', "label", "spans[0].label"),
        ('{"start": 0, "end": 1, "label": ["A"]}', "label", "spans[0].label"),
        ('{"start": 0, "end": 1, "label": " "}', "label", "spans[0].label"),
        ('{"start": 0, "end": 1, "label": "A", "state": "sure"}', "state", "spans[0].state"),
        ("5", "spans", "spans[0]"),
    ],
)
def test_a_broken_span_among_good_ones(span, kind, field):
    good = '{"start": 6, "end": 10, "label": "VERB"}'
    (record,), report = read(f'{{"text": "Zarif came.", "spans": [{span}, {good}]}}')
    assert [one.triple for one in record.spans] == [(6, 10, "VERB")]
    assert report.faults == {kind: 1}
    assert [(entry.where, entry.field) for entry in report.examples] == [("line 1", field)]
    with pytest.raises(Strict, match="line 1"):
        read(f'{{"text": "Zarif came.", "spans": [{span}]}}', strict=True)


def test_the_more_decided_of_two_equal_spans_counts():
    span = '{"start": 0, "end": 5, "label": "PERSON", "state": "%s"}'
    (record,), report = read(f'{{"text": "Zarif", "spans": [{span % "suggested"}, {span % "rejected"}]}}')
    assert [one.state for one in record.spans] == ["rejected"]
    assert report.notes == {"duplicate": 1}


def test_what_differs_is_told_and_words_count():
    spans = [
        '{"start": 0, "end": 5, "label": "PERSON", "text": "Zarah"}',
        '{"start": 0, "end": 5, "label": "PERSON", "text": "Zarif", "score": 7}',
        '{"start": 0, "end": 4, "label": "VERB", "text": "came"}',
        '{"start": 0, "end": 1, "label": "VERB", "text": "left", "state": "rejected"}',
    ]
    (record,), report = read(f'{{"text": "Zarif came, left.", "colour": 1, "spans": [{", ".join(spans)}]}}')
    assert record.spans == (SpanRecord(0, 5, "PERSON"), SpanRecord(6, 10, "VERB", "suggested", pipeline="import"))
    assert report.losses == {"words": 2}
    assert report.notes == {"moved": 1, "score": 1, "key colour": 1}


def test_marks_and_empty_lines_are_no_matter():
    assert len(read("\ufeff" + GOOD, "", "  ", GOOD)[0]) == 2
    assert len(read("[", GOOD + ",", GOOD, "]")[0]) == 2


def test_many_faults_are_counted_and_the_first_told():
    _, report = read(*["{"] * 500)
    assert report.faults == {"line": 500}
    assert len(report.examples) == EXAMPLES
    assert report.as_dict()["examples"][0]["message"].startswith("line 1: no JSON")


@pytest.mark.parametrize("name", [each.name for each in formats.written()])
@pytest.mark.parametrize(
    "record",
    [
        Record(text="a\ud800", external_id="bad"),
        Record(text="a\0", external_id="bad"),
        Record(text="a", external_id="bad", meta={"b": "\ud800"}),
    ],
)
def test_no_format_writes_what_cannot_be_stored(name, record):
    out = io.BytesIO()
    report = formats.get(name).write([Record(text="good"), record, Record(text="good")], out)
    assert (report.articles, report.losses) == (2, {"text": 1})
    assert report.examples[0].where == "bad"
    with pytest.raises(Strict, match="bad: the article"):
        formats.get(name).write([record], io.BytesIO(), strict=True)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(records())
def test_a_line_is_the_line_by_the_encoder_of_python(record):
    assert encode_record(record) == b"".join(lines([line_of(record)]))
    utf16 = lines([line_in_utf16(line_of(record)) | {"offsets": UTF16}])
    assert [*formats.get("jsonl").chunks([record], Report(), Context(offsets=UTF16))] == [*utf16]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("pipeline", [None, 'names "2" \\ \x01\u2028😀'])
@pytest.mark.parametrize(
    "score",
    [None, 0, 1, 0.0, -0.0, 1.0, 0.1, 1e-4, math.nextafter(1e-4, 0), 1e-5, 5e-324, math.nextafter(1, 0), 7.5e20],
)
def test_each_number_is_written_as_python_writes_it(state, pipeline, score):
    span = SpanRecord(0, 4, "PERSON", state, score, pipeline, 2**63, 1)
    record = Record(text='"\\\x7f\n😀', spans=(span, span), meta={"a": 1e16, "b": [1e-5, 2**70, "\x85"]})
    assert encode_record(record) == b"".join(lines([line_of(record)]))
    assert repr(score).replace("None", "null").encode() in encode_record(record)


def test_a_number_of_more_than_64_bits_is_written():
    record = Record(text="Zarif", spans=(SpanRecord(0, 5, "PERSON", id=2**70),), meta={"a": 1.5})
    assert json.loads(encode_record(record))["spans"][0]["id"] == 2**70
    assert encode_record(record) == b"".join(lines([line_of(record)]))


def test_numbers_that_json_does_not_have_are_refused():
    for score in (math.nan, math.inf):
        with pytest.raises(ValueError, match="JSON"):
            encode_record(Record(text="Zarif", spans=(SpanRecord(0, 5, "PERSON", score=score),)))
