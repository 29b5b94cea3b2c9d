"""All formats: names, lazy imports, streaming, reproducible bytes."""

import io
import subprocess
import sys
import tracemalloc

import pytest

from annotations.formats.jsonl import JsonLines
from annotations.formats.protocol import Context
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import Registry, UnknownFormat, formats
from annotations.formats.report import Report

STREAMED = ["jsonl", "jsonl-tokens", "conll", "doccano", "label-studio", "brat", "web-annotation", "cas-xmi", "tei"]


def article(number, length=40):
    text = "Zarif came to Rome. " * length
    return Record(text=text, spans=(SpanRecord(0, 5, "PERSON"), SpanRecord(14, 18, "GPE")), id=number)


def test_a_name_is_given_once():
    registry = Registry()
    registry.add(JsonLines())
    with pytest.raises(ValueError, match="already a format 'jsonl'"):
        registry.add(JsonLines())
    assert registry.get("jsonl").name == "jsonl"
    with pytest.raises(UnknownFormat, match="no format 'xls': use one of jsonl"):
        registry.get("xls")


def test_what_each_format_can_do():
    assert {each.name for each in formats if not each.reads} == {"parquet", "tei"}
    assert {each.name for each in formats if each.needs_tokens} == {"jsonl-tokens", "docbin", "conll"}
    assert len(formats.written()) == 11
    assert {each.name for each in formats if not each.writes} == {"cas-json", "webanno-tsv"}
    with pytest.raises(NotImplementedError, match="written only"):
        list(formats.get("tei").read(io.BytesIO(), Report()))
    with pytest.raises(NotImplementedError, match="read only"):
        formats.get("cas-json").write([article(1)], io.BytesIO())


def test_nothing_heavy_is_loaded_with_the_registry():
    code = (
        "import sys, io; from annotations.formats.registry import formats\n"
        "from annotations.formats.records import Record\n"
        "[each.write([Record(text='a')], io.BytesIO()) for each in formats.written()"
        " if not each.needs_tokens and each.name != 'parquet']\n"
        "print([name for name in ('spacy', 'pyarrow', 'numpy', 'django') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", [each.name for each in formats.written()])
def test_the_same_records_are_the_same_bytes(name):
    outs = io.BytesIO(), io.BytesIO()
    for out in outs:
        formats.get(name).write([article(1), article(2)], out, context=Context(labels={"GPE": "", "ORG": ""}))
    assert outs[0].getvalue() == outs[1].getvalue()


@pytest.mark.parametrize("name", ["conll", "docbin", "doccano", "brat", "cas-xmi"])
def test_states_are_written_as_spans_where_asked_for(name):
    """And are read with their states, if the format has any."""
    record = Record(text="Zarif in Rome", spans=(SpanRecord(0, 5, "PERSON", "suggested", 0.5, "names 1"),), id=1)
    out = io.BytesIO()
    report = formats.get(name).write([record], out, context=Context(plain_states=frozenset({"confirmed", "suggested"})))
    assert report.whole and "beside" not in report.notes
    out.seek(0)
    (found,) = formats.get(name).read(out, Report())
    assert [span.triple for span in found.spans] == [(0, 5, "PERSON")]
    assert found == record or name == "conll"


def test_writing_tells_what_was_left_out():
    record = Record(text="Zarif", spans=(SpanRecord(0, 3, "PERSON"),), title="T", external_id="a 1")
    report = formats.get("conll").write([record], io.BytesIO())
    assert report.losses == {"misaligned": 1}
    assert report.notes == {"field title": 1, "field external_id": 1}
    assert not report.whole
    # Losses first.
    assert str(report.examples[0]) == "a 1 [0, 3) PERSON: begins or ends within a word, or with white space"


@pytest.mark.parametrize("name", STREAMED)
def test_pieces_come_before_the_last_record_is_asked_for(name):
    asked = []

    def records():
        for number in range(1, 60):
            asked.append(number)
            yield article(number)

    chunks = formats.get(name).chunks(records(), Report())
    for _ in range(4):
        next(chunks)
    assert len(asked) < 10


@pytest.mark.parametrize("name", ["jsonl", "doccano", "label-studio", "brat", "cas-xmi", "web-annotation"])
def test_memory_does_not_grow_with_the_corpus(name, tmp_path):
    """Writing and reading 3 MB need much less memory."""
    path = tmp_path / "file"
    tracemalloc.start()
    with path.open("wb") as out:
        formats.get(name).write((article(number, 1_000) for number in range(150)), out)
    with path.open("rb") as source:
        count = sum(1 for _ in formats.get(name).read(source, Report()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 150 and peak < 2_500_000
