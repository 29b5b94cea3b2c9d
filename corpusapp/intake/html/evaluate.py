"""Measure the main text of pages against lists of true texts."""

import gzip
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpusapp.intake.draft import Unfit
from corpusapp.intake.html.extract import MAX_BYTES, extract
from corpusapp.intake.scoring import Match, Score, average, match

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class MeasuredPage:
    """One page of a list: its file's name, what was found of it, and why nothing was."""

    file: str
    match: Match
    seconds: float
    refusal: str = ""


def measure_pages(source: Path) -> Iterator[MeasuredPage]:
    """The pages of a JSONL list of {"file", "url", "text"}; `file` is absolute or beside the list, gzip or plain.

    A page that is refused counts as one without text. Raises ValueError for a line that is none of the list, and
    OSError for a file that cannot be read.
    """
    with source.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _measure(_entry(line, number), source.parent)


def total(pages: Sequence[MeasuredPage]) -> Score:
    return average(page.match for page in pages)


def _entry(line: str, number: int) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise ValueError(f"line {number} is no JSON: {error}") from error
    if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in ("file", "text")):
        raise ValueError(f'line {number} must be an object with the strings "file" and "text", and may have "url"')
    return entry


def _measure(entry: dict[str, Any], folder: Path) -> MeasuredPage:
    data = _read(folder / entry["file"])
    started, refusal = time.perf_counter(), ""
    try:
        text = extract(data, entry.get("url") or "").text
    except Unfit as unfit:
        text, refusal = "", unfit.reason
    return MeasuredPage(entry["file"], match(entry["text"], text), time.perf_counter() - started, refusal)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        packed = file.read(len(_GZIP)) == _GZIP
    # One byte more than is taken, so that a larger page is refused and not cut.
    with gzip.open(path) if packed else path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
