"""Exports as tables and documents of other libraries, which are imported only here and only when they are needed."""

import gc
import importlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .downloads import loads

if TYPE_CHECKING:
    import datasets
    import pandas
    import spacy

# Keys of a line that are a column of every table, in this order. Others follow as they come.
_COLUMNS = ("id", "external_id", "title", "language", "stage", "finished_at", "text", "spans", "zones", "meta")
_SPAN_COLUMNS = ("id", "start", "end", "label", "text", "state", "score", "pipeline", "revision")
# Texts that become pandas' at a time.
_TEXTS = 1_000
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
    if rows not in _ROWS:
        raise ValueError(f"rows is {rows!r}: use {' or '.join(_ROWS)}")
    with _without_garbage_collection():
        frame: pandas.DataFrame = library.DataFrame(_ROWS[rows](map(loads(), lines), library))
    return frame


def _columns_of_articles(articles: Iterator[dict[str, Any]], library: Any) -> dict[str, Any]:
    """Each article is taken apart as it comes: later, none would be in the processor's cache.

    So are texts, most of the memory: while the desk goes on sending, they become pandas' own, some at a time.
    """
    names, rows = list(_COLUMNS), list[Sequence[Any]]()
    passed_over = _PASSED_OVER | set(names)
    texts, begun = list[Any](), list[str]()
    for article in articles:
        if not article.keys() <= passed_over:
            names += [name for name in article if name not in passed_over]
            passed_over |= article.keys()
        begun.append(article.pop("text"))
        if len(begun) == _TEXTS:
            texts.append(library.Series(begun))
            begun = []
        rows.append([article.get(name) for name in names])
    columns: dict[str, Any] = dict(zip(names, _transposed(rows, len(names)), strict=True))
    columns["text"] = library.concat([*texts, library.Series(begun, dtype=str)], ignore_index=True)
    return columns


def _columns_of_spans(articles: Iterator[dict[str, Any]], library: Any) -> dict[str, Any]:
    names = ("article", "external_id", *_SPAN_COLUMNS)
    rows = [
        (article["id"], article["external_id"], *map(span.get, _SPAN_COLUMNS))
        for article in articles
        for span in article["spans"]
    ]
    return dict(zip(names, _transposed(rows, len(names)), strict=True))


def _transposed(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Columns of rows, of which early ones may be shorter."""
    if len({*map(len, rows)}) > 1:
        rows = [[*row, *[None] * (width - len(row))] for row in rows]
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]


_ROWS = {"articles": _columns_of_articles, "spans": _columns_of_spans}


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """It would look again and again at millions of new objects, in half of the time, and find nothing."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
