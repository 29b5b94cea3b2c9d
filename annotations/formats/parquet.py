"""Parquet for the Hugging Face Hub, written only: an archive of one file per split, a card and Croissant metadata.

Every field of records and spans has a column; metadata is one column of JSON. Rows are written in groups, so that
memory does not grow with the corpus. The files are in a temporary folder until all are complete.
"""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from annotations.formats import json_text
from annotations.formats.archive import zip_stream
from annotations.formats.dataset_card import SplitFile, card, croissant
from annotations.formats.protocol import Context, Format
from annotations.formats.records import EntityRecord, Record, entities_of, progress_fields
from annotations.formats.report import Report

# Limits of a row group: rows, and code points of text.
GROUP_ROWS, GROUP_LENGTH = 1_000, 8_000_000
DEFAULT_SPLIT = "train"


class Parquet(Format):
    name, title, media_type, extension = "parquet", "Parquet (Hugging Face)", "application/zip", "zip"
    reads = False

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        with tempfile.TemporaryDirectory(dir=context.scratch) as folder:
            files = _write_splits(records, Path(folder))
            labels = dict(context.labels)
            described = [
                ("README.md", card(context, labels, files).encode()),
                ("croissant.json", croissant(context, files).encode()),
            ]
            opened = [(file.path, (Path(folder) / file.split).open("rb")) for file in files]
            try:
                yield from zip_stream([*described, *opened])
            finally:
                for _, file in opened:
                    file.close()


def _write_splits(records: Iterator[Record], folder: Path) -> list[SplitFile]:
    """Writes the files of the splits to the folder."""
    splits: dict[str, _SplitWriter] = {}
    for record in records:
        name = re.sub(r"\W+", "_", record.split) or DEFAULT_SPLIT
        if name not in splits:
            splits[name] = _SplitWriter(name, folder)
        splits[name].add(record)
    if not splits:
        splits[DEFAULT_SPLIT] = _SplitWriter(DEFAULT_SPLIT, folder)
    return [splits[name].close() for name in sorted(splits, key=_train_first)]


def _train_first(name: str) -> tuple[int, str]:
    order = ("train", "dev", "validation", "test")
    return (order.index(name) if name in order else len(order)), name


class _SplitWriter:
    def __init__(self, name: str, folder: Path) -> None:
        self._arrow, self._name = import_module("pyarrow"), name
        self._path, self._schema = folder / name, _schema(self._arrow)
        writer = import_module("pyarrow.parquet").ParquetWriter
        self._writer = writer(self._path, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._length = self._articles = self._spans = self._links = 0

    def add(self, record: Record) -> None:
        self._rows.append(_row(record))
        self._length += len(record.text)
        self._articles += 1
        self._spans += len(record.spans)
        self._links += sum(1 for _ in entities_of(record.spans))
        if len(self._rows) >= GROUP_ROWS or self._length >= GROUP_LENGTH:
            self._flush()

    def close(self) -> SplitFile:
        self._flush()
        self._writer.close()
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        path = f"data/{self._name}-00000-of-00001.parquet"
        return SplitFile(self._name, path, digest, self._path.stat().st_size, self._articles, self._spans, self._links)

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
            self._rows, self._length = [], 0


def _schema(arrow: Any) -> Any:
    text, number = arrow.string(), arrow.int64()
    entity = arrow.struct(
        [
            ("id", number),
            ("name", text),
            ("identifiers", arrow.list_(arrow.struct([("scheme", text), ("value", text)]))),
            ("state", text),
            ("score", arrow.float64()),
            ("revision", number),
        ]
    )
    span = arrow.struct(
        [
            ("id", number),
            ("start", number),
            ("end", number),
            ("label", text),
            ("text", text),
            ("state", text),
            ("score", arrow.float64()),
            ("pipeline", text),
            ("revision", number),
            ("entity", entity),
        ]
    )
    zone = arrow.struct([("start", number), ("end", number), ("kind", text)])
    return arrow.schema(
        [
            ("id", number),
            ("external_id", text),
            ("title", text),
            ("language", text),
            ("stage", text),
            ("finished_at", text),
            ("finished_by", text),
            ("decided", arrow.list_(arrow.struct([("start", number), ("end", number)]))),
            ("text", text),
            ("spans", arrow.list_(span)),
            ("zones", arrow.list_(zone)),
            ("meta", text),
        ]
    )


def _entity(entity: EntityRecord) -> dict[str, Any]:
    known = isinstance(entity.id, int)
    identifiers = [{"scheme": scheme, "value": value} for scheme, value in entity.identifiers]
    return entity._asdict() | {"id": entity.id if known else None, "identifiers": identifiers}


def _row(record: Record) -> dict[str, Any]:
    return {
        "id": record.id if isinstance(record.id, int) else None,
        "external_id": record.external_id or (record.id if isinstance(record.id, str) else ""),
        "title": record.title,
        "language": record.language,
        **progress_fields(record),
        "text": record.text,
        "spans": [
            {
                "id": span.id,
                "start": span.start,
                "end": span.end,
                "label": span.label,
                "text": record.text[span.start : span.end],
                "state": span.state,
                "score": span.score,
                "pipeline": span.pipeline,
                "revision": span.revision,
                "entity": _entity(span.entity) if span.entity is not None else None,
            }
            for span in record.spans
        ],
        "zones": [{"start": zone.start, "end": zone.end, "kind": zone.kind} for zone in record.zones],
        "meta": json_text.dumps(dict(record.meta)),
    }
