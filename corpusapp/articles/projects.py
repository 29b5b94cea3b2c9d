"""Files of other tools, read only where that is asked for: a JSON file of one is a JSON file like any other.

`articles` knows nothing of spans. Whoever knows such files registers their readers in `AppConfig.ready`.
"""

from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

from corpusapp.articles.limits import limits
from corpusapp.core.errors import Invalid
from corpusapp.intake.child import stream
from corpusapp.intake.draft import Draft, Failure

# A file's path and name -> its articles, in an order that is always the same, and how many bytes were read for each. It
# runs in a child process, so it can be pickled, and knows no Django. Of files in any encoding it takes the `encoding`.
Reader = Callable[..., Iterator[tuple[Draft | Failure, int]]]
# Some formats are read whole before their first article: this many times the memory of an ordinary item.
_MORE_MEMORY = 4
_readers: dict[str, tuple[str, Reader]] = {}
_in_any_encoding: set[str] = set()


def register(name: str, title: str, reader: Reader, *, any_encoding: bool = False) -> None:
    """Add a reader; a second one of the same name is refused."""
    if name in _readers:
        raise ValueError(f"there is a reader {name!r} already")
    _readers[name] = title, reader
    if any_encoding:
        _in_any_encoding.add(name)


def project_kinds() -> list[tuple[str, str]]:
    """(name, title) of what can be read."""
    return [(name, title) for name, (title, _) in _readers.items()]


def require_project_reader(name: str) -> None:
    """Refuse a name that no reader has, naming those there are."""
    if name not in _readers:
        raise Invalid(f"unknown format {name[:60]!r}: use one of {', '.join(_readers)}", field="as")


def require_any_encoding(name: str) -> None:
    """Refuse an encoding for files that say theirs, naming the kinds that do not."""
    if name not in _in_any_encoding:
        others = ", ".join(kind for kind in _readers if kind in _in_any_encoding)
        reason = f"{_readers[name][0]} is UTF-8, or says what it is: name no encoding for it, only for {others}"
        raise Invalid(reason, field="encoding")


def project_items(
    kind: str, path: Path, name: str, encoding: str = ""
) -> Generator[tuple[Draft | Failure, int], None, None]:
    """The articles of a file, each within the limit of time, and the bytes read so far. Raises `Stopped`."""
    most = limits()
    _, reader = _readers[kind]
    reader = partial(reader, encoding=encoding) if encoding else reader
    return stream(reader, path, name, seconds=most.seconds, memory=_MORE_MEMORY * most.memory)
