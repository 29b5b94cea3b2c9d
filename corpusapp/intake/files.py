"""Files and folders of .txt and .jsonl -> drafts, one by one, so that memory stays flat."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.records import MAX_TEXT, draft_from_record, draft_from_text

SUFFIXES = (".txt", ".jsonl")
# A text of MAX_TEXT code points takes at most four bytes each; a JSONL line may carry spans beside it.
MAX_FILE_BYTES = 4 * MAX_TEXT
MAX_LINE_BYTES = 8 * MAX_TEXT
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_paths(paths: Iterable[Path]) -> Iterator[Draft | Failure]:
    """The drafts of files and folders, folders in the order of names. Items are named without the server's folders."""
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            if not files:
                yield Failure(path.name, None, f"the folder holds no {' or '.join(SUFFIXES)} file")
            for file in files:
                yield from _read_path(file, file.relative_to(path).as_posix())
        else:
            yield from _read_path(path, path.name)


def _read_path(path: Path, item: str) -> Iterator[Draft | Failure]:
    try:
        with path.open("rb") as file:
            yield from read_file(file, item)
    except OSError as error:
        yield Failure(item, None, f"the file cannot be read: {error.strerror}")


def read_file(file: BinaryIO, item: str) -> Iterator[Draft | Failure]:
    """The drafts of one open file, by its name's ending."""
    suffix = Path(item).suffix.lower()
    if suffix == ".jsonl":
        yield from _read_lines(file, item)
    elif suffix == ".txt":
        yield _read_text(file, item)
    else:
        yield Failure(item, None, f"a file of this kind is not taken: use {' or '.join(SUFFIXES)}")


def _read_text(file: BinaryIO, item: str) -> Draft | Failure:
    data = file.read(MAX_FILE_BYTES + 1)
    if len(data) > MAX_FILE_BYTES:
        return Failure(item, None, f"the file has more than {MAX_FILE_BYTES} bytes")
    try:
        return draft_from_text(data.decode(), item=item)
    except UnicodeDecodeError as error:
        return Failure(item, None, _not_utf8(data, error))
    except Unfit as unfit:
        return Failure(item, None, unfit.reason, unfit.field)


def _read_lines(file: BinaryIO, item: str) -> Iterator[Draft | Failure]:
    number = 0
    while data := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        if len(data) > MAX_LINE_BYTES:
            yield Failure(item, number, f"the line has more than {MAX_LINE_BYTES} bytes")
            while data and not data.endswith(b"\n"):
                data = file.readline(MAX_LINE_BYTES)
            continue
        if number == 1:
            data = data.removeprefix(_BYTE_ORDER_MARK)
        if data.strip():
            yield _read_line(data, item, number)


def _read_line(data: bytes, item: str, number: int) -> Draft | Failure:
    try:
        return draft_from_record(json.loads(data.decode(), parse_constant=_no_constant), item=item, line=number)
    except UnicodeDecodeError as error:
        return Failure(item, number, _not_utf8(data, error))
    except json.JSONDecodeError as error:
        return Failure(item, number, f"not valid JSON: {error.msg} at character {error.pos + 1}")
    except RecursionError:
        return Failure(item, number, "the JSON is nested too deep")
    except Unfit as unfit:
        return Failure(item, number, f"{unfit.field}: {unfit.reason}" if unfit.field else unfit.reason, unfit.field)
    except ValueError as error:
        return Failure(item, number, f"not valid JSON: {error}")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    return f"not UTF-8: byte 0x{data[error.start]:02X} at position {error.start}; save it as UTF-8 and import it again"
