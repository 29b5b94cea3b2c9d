"""Records survive writing and reading, except for the reported losses."""

import io
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from annotations.formats.registry import formats
from annotations.formats.report import Report
from tests.formats.strategies import corpora

LEFT_OUT_OF_CONLL = ["misaligned", "overlap", "state", "undecided"]
WHOLE = ["jsonl", "jsonl-tokens", "doccano", "label-studio", "web-annotation"]
quick = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


def round_trip(name, records):
    """(report of writing, report of reading, records read)."""
    out = io.BytesIO()
    written = formats.get(name).write(records, out)
    out.seek(0)
    reading = Report()
    return written, reading, list(formats.get(name).read(out, reading))


@pytest.mark.parametrize("name", WHOLE)
@given(records=corpora())
@quick
def test_formats_that_hold_everything(name, records):
    written, reading, found = round_trip(name, records)
    assert found == records
    assert written.whole and reading.whole
    assert held(written) == (reading.articles, reading.labels)


def held(report):
    """The contents of a file by its report: articles, and spans by label."""
    reported = report.of_writing()
    labels = Counter(reported["written"]["labels"]) + Counter(reported["beside"])
    assert reported["written"]["spans"] == sum(reported["written"]["labels"].values())
    return reported["written"]["articles"], labels


def lost(report, records, kinds):
    """The records without the spans that are reported as lost."""
    assert set(report.losses) <= set(kinds)
    gone = {(entry.where, entry.start, entry.end, entry.label) for entry in report.lost if entry.kind in kinds}
    return [
        replace(record, spans=tuple(span for span in record.spans if (record.name, *span.triple) not in gone))
        for record in records
    ]


def named(records):
    """The records with distinct names for reports."""
    return [replace(record, external_id=f"article {number}") for number, record in enumerate(records)]


@given(records=corpora())
@quick
def test_brat_holds_all_but_spans_of_line_breaks_alone(records):
    written, reading, found = round_trip("brat", named(records))
    assert found == lost(written, named(records), ["line breaks"])
    assert reading.whole and held(written) == (reading.articles, reading.labels)


@given(records=corpora())
@quick
def test_xmi_holds_everything(records):
    written, reading, found = round_trip("cas-xmi", records)
    assert found == records
    assert set(written.losses) <= {"character"} and reading.whole
    assert held(written) == (reading.articles, reading.labels)


@given(records=corpora())
@quick
def test_docbin_holds_all_spans_on_tokens(records):
    written, reading, found = round_trip("docbin", named(records))
    assert found == lost(written, named(records), ["misaligned"])
    assert reading.whole and held(written) == (reading.articles, reading.labels)


@given(records=corpora())
@quick
def test_conll_holds_texts_and_one_layer_of_spans_on_words(records):
    written, reading, found = round_trip("conll", named(records))
    expected = lost(written, [record for record in named(records) if record.decided is None], LEFT_OUT_OF_CONLL)
    assert [record.text for record in found] == [record.text for record in expected]
    assert [triples(record) for record in found] == [triples(record) for record in expected]
    assert reading.whole and held(written) == (reading.articles, reading.labels)


def triples(record):
    return [span.triple for span in record.spans]
