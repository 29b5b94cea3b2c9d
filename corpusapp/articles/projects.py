"""Project files of other annotation tools. They are not detected: a JSON file of another tool looks like any other.

`articles` does not know spans. Apps that know such formats register their readers in `AppConfig.ready`.
"""

from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

from corpusapp.articles.limits import limits
from corpusapp.core.errors import Invalid
from corpusapp.intake.child import stream
from corpusapp.intake.draft import Draft, Failure

# (path, name) -> (article, bytes read so far), in a stable order. It runs in a child process, so it must be picklable
# and not use Django. Readers of files in any encoding also get `encoding`.
Reader = Callable[..., Iterator[tuple[Draft | Failure, int]]]
# Some formats are read whole before their first article: a multiple of the memory of an ordinary item.
_MORE_MEMORY = 4
_readers: dict[str, tuple[str, Reader]] = {}
_in_any_encoding: set[str] = set()


def register(name: str, title: str, reader: Reader, *, any_encoding: bool = False) -> None:
    """Add a reader; raises `ValueError` for a second one of the same name."""
    if name in _readers:
        raise ValueError(f"there is a reader {name!r} already")
    _readers[name] = title, reader
    if any_encoding:
        _in_any_encoding.add(name)


def project_kinds() -> list[tuple[str, str]]:
    """(name, title) of each format."""
    return [(name, title) for name, (title, _) in _readers.items()]


def require_project_reader(name: str) -> None:
    """Refuse an unknown format, with a list of the known ones."""
    if name not in _readers:
        raise Invalid(f"unknown format {name[:60]!r}: use one of {', '.join(_readers)}", field="format")


def require_any_encoding(name: str) -> None:
    """Refuse an encoding for a format that declares its own."""
    if name not in _in_any_encoding:
        others = ", ".join(kind for kind in _readers if kind in _in_any_encoding)
        reason = f"{_readers[name][0]} is UTF-8, or says what it is: name no encoding for it, only for {others}"
        raise Invalid(reason, field="encoding")


def project_items(
    kind: str, path: Path, name: str, encoding: str = ""
) -> Generator[tuple[Draft | Failure, int], None, None]:
    """(article, bytes read so far) for each article of a file, with a time limit for each. Raises `Stopped`."""
    maximum = limits()
    _, reader = _readers[kind]
    reader = partial(reader, encoding=encoding) if encoding else reader
    return stream(reader, path, name, seconds=maximum.seconds, memory=_MORE_MEMORY * maximum.memory)
