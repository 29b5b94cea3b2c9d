"""The registry of readers, one for each form, and what a reader gets: `Source` and `Reading`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import BinaryIO, Protocol

from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.limits import Limits

Items = Iterator[Draft | Failure]


@dataclass(frozen=True)
class Source:
    """An open file. `item` names it in reports, `name` has its suffix; `file` is set if it can seek.

    `url` and `charset` are external information, such as the address and Content-Type of a WARC record.
    """

    item: str
    name: str
    stream: BufferedReader
    depth: int = 0
    file: BinaryIO | None = None
    url: str = ""
    charset: str = ""


class Reading(Protocol):
    """What a reader gets: limits, the mapping of columns, the encoding for files that declare none, the HTML extractor
    (`page`), and `read` for unpacked files."""

    limits: Limits
    mapping: dict[str, str]
    encoding: str

    def page(self, data: bytes, *, url: str, item: str, charset: str = "", line: int | None = None) -> Draft: ...

    def read(self, source: Source) -> Items: ...

    def unpacked(self, size: int) -> None: ...


@dataclass(frozen=True)
class Head:
    """The first bytes of a file, the same as rough text, and its suffix in lower case."""

    data: bytes
    text: str
    suffix: str


@dataclass(frozen=True)
class Reader:
    """The reader of one form. `signed` forms begin with known bytes: a suffix alone is not enough.

    `max_bytes` returns the maximum bytes for forms whose file is one item; such files are read in a child process.
    """

    form: str
    suffixes: tuple[str, ...]
    recognises: Callable[[Head, bool], bool]
    read: Callable[[Source, Reading], Items]
    signed: bool = False
    max_bytes: Callable[[Limits], int] | None = None
    seconds: Callable[[Limits], int] = lambda limits: limits.seconds


@dataclass
class Registry:
    """Readers in the order in which they are tried."""

    readers: list[Reader] = field(default_factory=list)

    def register(self, reader: Reader) -> None:
        """Add a reader; raises `ValueError` if its form or a suffix is taken."""
        for other in self.readers:
            if other.form == reader.form:
                raise ValueError(f"the form {reader.form!r} is registered twice")
            if shared := set(other.suffixes) & set(reader.suffixes):
                raise ValueError(f"{shared.pop()} belongs to {other.form!r}: {reader.form!r} cannot take it too")
        self.readers.append(reader)

    def form(self, name: str) -> Reader:
        """The reader of a form; raises `KeyError`."""
        return {reader.form: reader for reader in self.readers}[name]

    def suffixes(self) -> tuple[str, ...]:
        return tuple(suffix for reader in self.readers for suffix in reader.suffixes)
