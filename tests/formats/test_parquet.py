"""Parquet in `datasets`, its card, and its Croissant metadata in the reference implementation."""

import hashlib
import io
import json
import os
import zipfile

import pytest

from annotations.formats import parquet
from annotations.formats.protocol import Context
from annotations.formats.records import Record, SpanRecord, ZoneRecord
from annotations.formats.registry import formats

CONTEXT = Context(
    name="desk-news",
    title='News: "the desk"\n# all',
    description="Articles with entities.",
    licence="https://creativecommons.org/licenses/by/4.0/",
    version="3.0.0",
    labels={"PERSON": "People | beings", "GPE": "Places"},
)


def records(count=5):
    for number in range(count):
        text = f"😀 Zarif {number}\r\nin\u2028Rome"
        spans = (
            SpanRecord(2, 7, "PERSON", id=number, revision=1),
            SpanRecord(len(text) - 4, len(text), "GPE", "suggested", 0.5, "names 1"),
        )
        yield Record(
            text=text,
            spans=spans,
            id=number,
            external_id=f"seed-{number}",
            meta={"page": number},
            zones=(ZoneRecord(0, 2, "title"),),
            split=("train", "test", "dev")[number % 3],
        )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out, folder = io.BytesIO(), tmp_path_factory.mktemp("dataset")
    assert formats.get("parquet").write(records(), out, context=CONTEXT).whole
    zipfile.ZipFile(out).extractall(folder)
    return folder


def test_datasets_loads_it(folder, tmp_path, monkeypatch):
    monkeypatch.setitem(os.environ, "HF_HUB_OFFLINE", "1")
    import datasets

    loaded = datasets.load_dataset(str(folder), cache_dir=str(tmp_path))
    assert {split: len(rows) for split, rows in loaded.items()} == {"train": 2, "test": 2, "dev": 1}
    row = loaded["test"][0]
    assert row["text"] == "😀 Zarif 1\r\nin\u2028Rome" and json.loads(row["meta"]) == {"page": 1}
    for span in row["spans"]:
        assert row["text"][span["start"] : span["end"]] == span["text"]
    assert [(span["label"], span["state"], span["score"]) for span in row["spans"]] == [
        ("PERSON", "confirmed", None),
        ("GPE", "suggested", 0.5),
    ]
    assert row["zones"] == [{"start": 0, "end": 2, "kind": "title"}]


def test_croissant_is_valid_and_gives_the_rows(folder):
    import mlcroissant

    dataset = mlcroissant.Dataset(jsonld=str(folder / "croissant.json"))
    assert not dataset.metadata.ctx.issues.errors
    rows = list(dataset.records("test"))
    assert [row["test/external_id"].decode() for row in rows] == ["seed-1", "seed-4"]
    assert json.loads((folder / "croissant.json").read_text())["version"] == "3.0.0"


def test_hashes_are_those_of_the_files(folder):
    for file in json.loads((folder / "croissant.json").read_text())["distribution"]:
        assert hashlib.sha256((folder / file["contentUrl"]).read_bytes()).hexdigest() == file["sha256"]


def test_the_card_tells_labels_and_counts(folder):
    card = (folder / "README.md").read_text()
    assert "| PERSON | People \\| beings |" in card
    assert "| train | 2 | 4 |" in card


def test_rows_go_out_in_groups(monkeypatch):
    import pyarrow.parquet

    monkeypatch.setattr(parquet, "GROUP_ROWS", 10)
    out = io.BytesIO()
    formats.get("parquet").write((Record(text="a") for _ in range(35)), out)
    with zipfile.ZipFile(out).open("data/train-00000-of-00001.parquet") as file:
        assert pyarrow.parquet.ParquetFile(io.BytesIO(file.read())).num_row_groups == 4


def test_an_empty_corpus_is_a_data_set():
    out = io.BytesIO()
    formats.get("parquet").write([], out)
    assert "data/train-00000-of-00001.parquet" in zipfile.ZipFile(out).namelist()
