"""The forms that are read, each known once by its name and its endings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BufferedReader
from typing import BinaryIO, Protocol

from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.limits import Limits

Items = Iterator[Draft | Failure]


@dataclass(frozen=True)
class Source:
    """An open file. `item` names it in reports, `name` is what its ending is told by; `file` is there if it can seek.

    `url` and `charset` are what came beside the bytes, as a WARC record's address and its Content-Type.
    """

    item: str
    name: str
    stream: BufferedReader
    depth: int = 0
    file: BinaryIO | None = None
    url: str = ""
    charset: str = ""


class Reading(Protocol):
    """What a reader is given: limits, the columns' mapping, the encoding of what declares none, the HTML seam, and the
    way back for what it unpacks."""

    limits: Limits
    mapping: dict[str, str]
    encoding: str

    def page(self, data: bytes, *, url: str, item: str, charset: str = "", line: int | None = None) -> Draft: ...

    def read(self, source: Source) -> Items: ...

    def unpacked(self, size: int) -> None: ...


@dataclass(frozen=True)
class Head:
    """The first bytes of a file, roughly as text too, and its name's ending in lower case."""

    data: bytes
    text: str
    suffix: str


@dataclass(frozen=True)
class Reader:
    """One form. `signed` forms begin with known bytes, so that a name's ending alone never makes one.

    `most` tells how many bytes of a form are taken whose file is one item: such files are read in a child process.
    """

    form: str
    suffixes: tuple[str, ...]
    sees: Callable[[Head, bool], bool]
    read: Callable[[Source, Reading], Items]
    signed: bool = False
    most: Callable[[Limits], int] | None = None
    seconds: Callable[[Limits], int] = lambda limits: limits.seconds


@dataclass
class Registry:
    """Readers in the order in which they are asked."""

    readers: list[Reader] = field(default_factory=list)

    def register(self, reader: Reader) -> None:
        """Raises `ValueError` where the form or an ending is taken."""
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
