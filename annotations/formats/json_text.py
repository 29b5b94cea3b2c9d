"""JSON as other tools write and read it: strict on the way out, told place by place on the way in."""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any

from annotations.formats.report import Report
from corpusapp.text import strict_json
from corpusapp.text.wellformed import fault_within

# One line or one array element, in bytes: more is no article.
MAX_ITEM = 256 * 1024 * 1024
_READ = 256 * 1024
# Of JSON's words, escapes and numbers that may end with what was read so far.
_LONGEST_TOKEN = 64
_SPACE = " \t\n\r"
# Line ends to some readers of lines, though not to JSON; json.dumps leaves them as they are.
_LINE_ENDS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}


class Malformed(ValueError):
    """What is wrong and, where it is known, in which field."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


def dumps(value: Any) -> str:
    """One line, whatever its strings hold. Raises ValueError for numbers that JSON does not have."""
    return on_one_line(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def on_one_line(line: str) -> str:
    """JSON without what some readers of lines take for their end."""
    for character, escape in _LINE_ENDS.items():
        line = line.replace(character, escape)
    return line


def loads(data: bytes | str) -> Any:
    """The value. Raises Malformed for what is no JSON, or holds text that cannot be stored or is nested too deep."""
    try:
        value = strict_json.loads(data)
    except UnicodeDecodeError as error:
        raise Malformed(f"byte {error.start} is not UTF-8: save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise Malformed(f"no JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise Malformed("is nested too deep") from error
    except ValueError as error:
        raise Malformed(f"no JSON: {error}") from error
    return _stored(value)


def _stored(value: Any) -> Any:
    if found := fault_within(value):
        raise Malformed(found[1], found[0])
    return value


def objects(source: IO[bytes], report: Report, within: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, object) of a file that can be sought: of its lines, or of the array that it is. The others are told."""
    start = source.tell()
    head = source.read(_READ).removeprefix(codecs.BOM_UTF8).lstrip()
    source.seek(start)
    return _elements(source, report, within) if head.startswith(b"[") else lines(source, report, within)


def _elements(source: IO[bytes], report: Report, within: str) -> Iterator[tuple[str, dict[str, Any]]]:
    stream, number = Stream(source), 0
    try:
        for number, item in enumerate(stream.items(), 1):
            place = f"{within}item {number}"
            try:
                yield place, checked(item)
            except Malformed as problem:
                report.refuse("item", problem.reason, place, problem.field)
        if stream.peek():
            raise Malformed("not JSON: there is data after the array")
    except Malformed as problem:
        report.refuse("file", f"{problem.reason}: what follows could not be read", f"{within}item {number + 1}")


def lines(source: IO[bytes], report: Report, within: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, object) of every line that holds one; the others are told, empty ones passed over."""
    number = 0
    while line := source.readline(MAX_ITEM):
        number += 1
        place = f"{within}line {number}"
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) == MAX_ITEM and not line.endswith(b"\n"):
            report.refuse("line", f"longer than {MAX_ITEM} bytes", place)
            _pass_over_line(source)
        elif line.strip() and (value := _object(line, place, report)) is not None:
            yield place, value


def _object(line: bytes, place: str, report: Report) -> dict[str, Any] | None:
    try:
        value = loads(line)
    except Malformed as problem:
        report.refuse("line", problem.reason, place, problem.field)
        return None
    if isinstance(value, dict):
        return value
    report.refuse("line", "each line must be an object, an article with its text", place)
    return None


def _pass_over_line(source: IO[bytes]) -> None:
    while (rest := source.readline(_READ)) and not rest.endswith(b"\n"):
        pass


class Stream:
    """A JSON document read value by value: what is held at a time is one value."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._buffer, self._position, self._ended = source, "", 0, False
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._value = strict_json.decoder().raw_decode

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        while True:
            while self._position < len(self._buffer) and self._buffer[self._position] in _SPACE:
                self._position += 1
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._more(_READ):
                return ""

    def take(self, expected: str) -> str:
        """Pass over one of these characters."""
        if not (found := self.peek()) or found not in expected:
            told = f"{found!r} stands" if found else "the file ends"
            raise Malformed(f"no JSON: {told} where {' or '.join(expected)} should")
        self._position += 1
        return found

    def value(self) -> Any:
        """The next value, whole. Raises Malformed."""
        self.peek()
        size = _READ
        while True:
            try:
                value, end = self._value(self._buffer, self._position)
            except RecursionError as error:
                raise Malformed("is nested too deep") from error
            except ValueError as error:
                if self._is_whole(error) or not self._grow(size):
                    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                    raise Malformed(f"no JSON: {reason}") from error
                size *= 2
                continue
            # A number may go on behind the buffer's end.
            if end < len(self._buffer) or not self._more(_READ):
                self._position = end
                return value

    def items(self) -> Iterator[Any]:
        """The elements of the array that begins here."""
        self.take("[")
        if self.peek() == "]":
            self._position += 1
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def members(self) -> Iterator[str]:
        """The keys of the object that begins here; the caller takes each value before the next key."""
        self.take("{")
        if self.peek() == "}":
            self._position += 1
            return
        while True:
            key = self.value()
            if not isinstance(key, str):
                raise Malformed("no JSON: a key must be text")
            self.take(":")
            yield key
            if self.take(",}") == "}":
                return

    def _is_whole(self, error: ValueError) -> bool:
        """Whether more of the file could not mend this."""
        if not isinstance(error, json.JSONDecodeError):
            return True
        return error.pos < len(self._buffer) - _LONGEST_TOKEN and not error.msg.startswith("Unterminated")

    def _grow(self, size: int) -> bool:
        if len(self._buffer) - self._position > MAX_ITEM:
            raise Malformed(f"one value is longer than {MAX_ITEM} characters")
        return self._more(size)

    def _more(self, size: int) -> bool:
        if self._ended:
            return False
        data = self._source.read(size)
        self._ended = not data
        try:
            fresh = self._decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise Malformed("the file is not UTF-8: save it as UTF-8") from error
        self._buffer = self._buffer[self._position :] + fresh
        self._position = 0
        return bool(fresh) or not self._ended


def checked(value: Any) -> dict[str, Any]:
    """The value as an object that can be stored. Raises Malformed."""
    if not isinstance(value, dict):
        raise Malformed("must be an object")
    return _stored(value)
