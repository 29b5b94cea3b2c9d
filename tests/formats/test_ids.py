"""Ids have one type in all formats, and `external_id` is wherever a format has a place for it."""

import io
import json
import zipfile

import pytest

from annotations.formats.protocol import EVERYTHING
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats

RECORD = Record("Zarif in Rome", (SpanRecord(0, 5, "PERSON", id=70, revision=2),), id=7, external_id="e-7")


def written(name: str) -> bytes:
    out = io.BytesIO()
    assert formats.get(name).write([RECORD], out).whole
    return out.getvalue()


def member(data: bytes, ending: str) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(data))
    return archive.read(next(name for name in archive.namelist() if name.endswith(ending)))


def line(data: bytes) -> dict:
    return json.loads(data.splitlines()[0])


def parquet_row(data: bytes) -> dict:
    import pyarrow.parquet

    return pyarrow.parquet.read_table(io.BytesIO(member(data, ".parquet"))).to_pylist()[0]


def companion_of_docbin(data: bytes) -> dict:
    from spacy.tokens import DocBin
    from spacy.vocab import Vocab

    (doc,) = DocBin().from_bytes(data).get_docs(Vocab())
    return json.loads(doc.user_data["corpusapp"])


def companion_of_cas(data: bytes) -> dict:
    from lxml import etree

    element = next(etree.fromstring(member(data, ".xmi")).iter("{*}Companion"))
    return json.loads(element.get("held"))


# Where each format has an article's ids, and its spans with theirs.
PLACES = {
    "jsonl": lambda data: (line(data), line(data)["spans"]),
    "jsonl-tokens": lambda data: (line(data), line(data)["spans"]),
    "parquet": lambda data: (parquet_row(data), parquet_row(data)["spans"]),
    "doccano": lambda data: (line(data)["corpusapp"], line(data)["corpusapp"]["shown"]),
    "label-studio": lambda data: (stored := json.loads(data)[0]["data"]["corpusapp"], stored["shown"]),
    "brat": lambda data: (stored := json.loads(member(data, ".json")), stored["shown"]),
    "docbin": lambda data: (stored := companion_of_docbin(data), stored["shown"]),
    "cas-xmi": lambda data: (stored := companion_of_cas(data), stored["shown"]),
    "web-annotation": lambda data: (
        json.loads(data)["items"][0]["corpusapp:article"],
        [{key: json.loads(data)["items"][1][f"corpusapp:{key}"] for key in ("id", "revision")}],
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_ids_are_numbers(name):
    article, spans = PLACES[name](written(name))
    assert (type(article["id"]), article["id"], article["external_id"]) == (int, 7, "e-7")
    assert [(type(span["id"]), span["id"], type(span["revision"]), span["revision"]) for span in spans] == [
        (int, 70, int, 2)
    ]


def test_what_others_number_is_a_number_too():
    assert line(written("doccano"))["id"] == json.loads(written("label-studio"))[0]["id"] == 7


def test_every_format_that_carries_ids_is_looked_at():
    """TEI, whose header has them as text, is looked at in test_publication.py."""
    carrying = {form.name for form in formats.written() if {"id", "external_id"} <= form.carries}
    assert carrying == set(PLACES) | {"tei"}
    assert {form.name for form in formats.written()} - carrying == {"conll"} and "id" in EVERYTHING


def test_a_name_of_another_tool_is_no_number():
    out = io.BytesIO()
    formats.get("parquet").write([Record("Zarif", id="doc-a"), Record("Rome", id="doc-b", external_id="e-8")], out)
    import pyarrow.parquet

    rows = pyarrow.parquet.read_table(io.BytesIO(member(out.getvalue(), ".parquet"))).to_pylist()
    assert [(row["id"], row["external_id"]) for row in rows] == [(None, "doc-a"), (None, "e-8")]
