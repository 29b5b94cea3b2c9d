"""Files of other tools, read only where that is asked for: a JSON file of one is a JSON file like any other.

`articles` knows nothing of spans. Whoever knows such files registers their readers in `AppConfig.ready`.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from corpusapp.articles.limits import limits
from corpusapp.intake.child import stream
from corpusapp.intake.draft import Draft, Failure
from corpusapp.refusals import Invalid

# A file's path and name -> its articles, in an order that is always the same, and how many bytes were read for each. It
# runs in a child process, so it can be pickled, and knows no Django.
Reader = Callable[[Path, str], Iterator[tuple[Draft | Failure, int]]]
# Some formats are read whole before their first article: this many times the memory of an ordinary item.
_MORE_MEMORY = 4
_readers: dict[str, tuple[str, Reader]] = {}


def register(name: str, title: str, reader: Reader) -> None:
    """Add a reader; a second one of the same name is refused."""
    if name in _readers:
        raise ValueError(f"there is a reader {name!r} already")
    _readers[name] = title, reader


def project_kinds() -> list[tuple[str, str]]:
    """(name, title) of what can be read."""
    return [(name, title) for name, (title, _) in _readers.items()]


def require_project_reader(name: str) -> None:
    """Refuse a name that no reader has, naming those there are."""
    if name not in _readers:
        raise Invalid(f"there is no {name[:60]!r} to read files as: use one of {', '.join(_readers)}", field="as")


def project_items(kind: str, path: Path, name: str) -> Iterator[tuple[Draft | Failure, int]]:
    """The articles of a file, each within the limit of time, and the bytes read so far. Raises `Stopped`."""
    most = limits()
    _, reader = _readers[kind]
    return stream(reader, path, name, seconds=most.seconds, memory=_MORE_MEMORY * most.memory)
