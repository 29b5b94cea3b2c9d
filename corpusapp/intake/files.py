"""Read files and folders of any supported form as drafts, one by one, with bounded memory."""

import contextlib
import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from corpusapp.intake.child import Stopped
from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.limits import Limits
from corpusapp.intake.readers import Reading, read_stream
from corpusapp.intake.readers.members import is_ignored
from corpusapp.intake.readers.pages import ExtractHtml

logger = logging.getLogger(__name__)
Open = Callable[[Path], BinaryIO]


def open_file(path: Path) -> BinaryIO:
    return path.open("rb")


def read_paths(
    paths: Iterable[Path],
    *,
    limits: Limits | None = None,
    mapping: dict[str, str] | None = None,
    encoding: str = "",
    extract_html: ExtractHtml | None = None,
    open_file: Open = open_file,
) -> Iterator[Draft | Failure]:
    """The drafts of files and folders, folders in order of names. Names of items do not include the server's folders.

    `encoding` is for files that declare none, empty to detect it. `open_file` opens each file, so that callers can
    track progress. In folders, hidden files and parts of web pages (images, styles, scripts) are skipped.
    """
    options = {"limits": limits, "mapping": mapping, "encoding": encoding, "extract_html": extract_html}
    for path in paths:
        if not path.is_dir():
            yield from _read_path(path, path.name, open_file, options)
            continue
        empty = True
        for file in _files(path):
            empty = False
            if isinstance(file, Unreadable):
                name = file.folder.relative_to(path.parent).as_posix()
                yield Failure(name, None, f"the folder cannot be read: {file.reason}")
                continue
            yield from _read_path(file, file.relative_to(path).as_posix(), open_file, options)
        if empty:
            yield Failure(path.name, None, "the folder contains no files with articles")


def size_of(paths: Iterable[Path]) -> int:
    """Bytes of all files that `read_paths` would read; unreadable files count 0."""
    size = 0
    for path in paths:
        with contextlib.suppress(OSError):
            files = _files(path) if path.is_dir() else [path]
            size += sum(file.stat().st_size for file in files if isinstance(file, Path))
    return size


def digest_of(paths: Iterable[Path], how: object) -> str:
    """A hash of the paths, sizes and modification times of all files, and of the options `how` to read them."""
    seen = hashlib.sha256(repr(how).encode(errors="surrogatepass"))
    for path in paths:
        for file in _files(path) if path.is_dir() else [path]:
            if not isinstance(file, Path):
                continue
            with contextlib.suppress(OSError):
                known = file.stat()
                seen.update(f"{file.absolute()}\0{known.st_size}\0{known.st_mtime_ns}\0".encode(errors="surrogatepass"))
    return seen.hexdigest()


@dataclass(frozen=True)
class Unreadable:
    """A subfolder that cannot be read."""

    folder: Path
    reason: str


def _files(folder: Path) -> Iterator[Path | Unreadable]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield Unreadable(folder, error.strerror or str(error))
        return
    for path in entries:
        if is_ignored(path.name):
            continue
        if path.is_file():
            yield path
        elif path.is_dir() and not path.is_symlink():
            yield from _files(path)


def _read_path(path: Path, item: str, open_file: Open, options: dict[str, Any]) -> Iterator[Draft | Failure]:
    try:
        with open_file(path) as file:
            yield from read_file(file, item, **options)
    except OSError as error:
        yield Failure(item, None, f"the file cannot be read: {error.strerror}")


def read_file(
    file: BinaryIO,
    item: str,
    *,
    limits: Limits | None = None,
    mapping: dict[str, str] | None = None,
    encoding: str = "",
    extract_html: ExtractHtml | None = None,
) -> Iterator[Draft | Failure]:
    """The drafts of one open file. Its form is detected from its content, then from its name.

    `mapping` ({column: key}) is for uncommon columns and JSON keys; `encoding` for files that declare none, empty to
    detect it.
    """
    yield from report_breaks(read_stream(file, item, Reading(limits, mapping, extract_html, encoding)), item)


def report_breaks(found: Iterator[Draft | Failure], item: str) -> Iterator[Draft | Failure]:
    """The items of a file; if its reader raises an unexpected error, a failure replaces the rest."""
    number = 0
    try:
        for one in found:
            number += 1
            yield one
    except OSError:
        raise
    except Stopped as error:
        yield Failure(item, None, f"reading it {error}, after {number} items: these came in; send the rest in parts")
    except Exception as error:
        logger.exception("the reader of %s broke after %d items", item, number)
        reason = f"its reader broke after {number} items ({type(error).__name__}: {str(error)[:300]})"
        yield Failure(item, None, f"{reason}: what came before came in; the log says more")
