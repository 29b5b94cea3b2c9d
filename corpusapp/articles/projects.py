"""Files of other tools, read only where that is asked for: a JSON file of one is a JSON file like any other.

`articles` knows nothing of spans. Whoever knows such files registers their readers in `AppConfig.ready`.
"""

from collections.abc import Callable, Iterator
from typing import BinaryIO

from corpusapp.intake.draft import Draft, Failure
from corpusapp.refusals import Invalid

# An open file and its name -> its articles, in an order that is always the same.
Reader = Callable[[BinaryIO, str], Iterator[Draft | Failure]]
_readers: dict[str, tuple[str, Reader]] = {}


def register(name: str, title: str, reader: Reader) -> None:
    """Add a reader; a second one of the same name is refused."""
    if name in _readers:
        raise ValueError(f"there is a reader {name!r} already")
    _readers[name] = title, reader


def project_kinds() -> list[tuple[str, str]]:
    """(name, title) of what can be read."""
    return [(name, title) for name, (title, _) in _readers.items()]


def project_reader(name: str) -> Reader:
    """The reader of this name. Refuses another, naming those there are."""
    if name not in _readers:
        raise Invalid(f"there is no {name[:60]!r} to read files as: use one of {', '.join(_readers)}", field="as")
    return _readers[name][1]
