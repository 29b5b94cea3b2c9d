"""Exports as tables and documents of other libraries, which are imported only here and only when they are needed."""

import importlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .downloads import loads

if TYPE_CHECKING:
    import datasets
    import pandas
    import spacy

# Keys of a line that are a column of every table, in this order. Others follow as they come.
_COLUMNS = ("id", "external_id", "title", "language", "stage", "finished_at", "text", "spans", "zones", "meta")
_SPAN_COLUMNS = (
    "article",
    "external_id",
    "id",
    "start",
    "end",
    "label",
    "text",
    "state",
    "score",
    "pipeline",
    "revision",
)
# Of no use in a table: it is always the same, or made for another tool.
_PASSED_OVER = {"offsets", "_input_hash", "_task_hash"}


def require(module: str, extra: str) -> Any:
    """The module. Raises ImportError that says which extra brings it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f'{module} is not installed: pip install "corpusapp-client[{extra}]"') from error


def frame_of(lines: Iterator[bytes], rows: str) -> "pandas.DataFrame":
    """A table with a row for each article, or each span, of these lines of JSON."""
    library = require("pandas", "pandas")
    if rows == "articles":
        found = _columns_of_articles(lines)
    elif rows == "spans":
        found = _columns_of_spans(lines)
    else:
        raise ValueError(f'rows is {rows!r}: use "articles" or "spans"')
    frame: pandas.DataFrame = library.DataFrame(found)
    return frame


def _columns_of_articles(lines: Iterator[bytes]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    for number, line in enumerate(map(loads(), lines), 1):
        for name, value in line.items():
            if name not in _PASSED_OVER:
                column = columns.get(name)
                if column is None:
                    column = columns[name] = [None] * (number - 1)
                column.append(value)
        for column in columns.values():
            if len(column) < number:
                column.append(None)
    return columns


def _columns_of_spans(lines: Iterator[bytes]) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {name: [] for name in _SPAN_COLUMNS}
    for line in map(loads(), lines):
        for span in line["spans"]:
            row = {**span, "article": line["id"], "external_id": line["external_id"]}
            for name, column in columns.items():
                column.append(row.get(name))
    return columns


def docbin_of(data: bytes) -> "spacy.tokens.DocBin":
    tokens = require("spacy.tokens", "spacy")
    return cast("spacy.tokens.DocBin", tokens.DocBin().from_bytes(data))


def dataset_of(path: Path) -> "datasets.Dataset | datasets.DatasetDict":
    """The tables in an archive of Parquet files, one for each part; the table itself if there is only one."""
    library = require("datasets", "datasets")
    parquet = require("pyarrow.parquet", "datasets")
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.endswith(".parquet")]
        tables = {Path(name).name.split("-")[0]: parquet.read_table(io.BytesIO(archive.read(name))) for name in names}
    found = {part.removesuffix(".parquet"): library.Dataset(table) for part, table in tables.items()}
    if len(found) == 1:
        return cast("datasets.Dataset", next(iter(found.values())))
    return cast("datasets.DatasetDict", library.DatasetDict(found))
