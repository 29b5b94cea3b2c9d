"""JSON of other tools: strict when written, and read value by value, with errors by place."""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any, TypeVar

from annotations.formats.report import Report
from corpusapp.text import wellformed
from corpusapp.text.wellformed import fault_within

Value = TypeVar("Value")
# Bytes of one line or array element.
MAX_ITEM = 256 * 1024 * 1024
_READ = 256 * 1024
# The longest literal, escape or number that may be cut at the end of the buffer.
_LONGEST_TOKEN = 64
_SPACE = " \t\n\r"
# Line ends for some programs, but not for JSON. json.dumps does not escape them.
_LINE_ENDS = {"\u2028": "\\u2028", "\u2029": "\\u2029", "\x85": "\\u0085"}
_ENCODED_LINE_ENDS = {character.encode(): escape.encode() for character, escape in _LINE_ENDS.items()}


class Malformed(ValueError):
    """Invalid JSON: the reason and, if known, the field."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field


def dumps(value: Any) -> str:
    """JSON on one line, whatever its strings contain. Raises ValueError for NaN and infinity."""
    return on_one_line(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))


def on_one_line(line: str) -> str:
    """JSON with all characters escaped that some program treats as the end of a line."""
    for character, escape in _LINE_ENDS.items():
        line = line.replace(character, escape)
    return line


def encoded_on_one_line(line: bytes) -> bytes:
    """As `on_one_line`, for UTF-8."""
    if not line.isascii():
        for character, escape in _ENCODED_LINE_ENDS.items():
            line = line.replace(character, escape)
    return line


def loads(data: bytes | str) -> Any:
    """The value. Raises `Malformed` if it is not JSON, is nested too deep, or has text that cannot be stored."""
    try:
        value = wellformed.load_json(data)
    except UnicodeDecodeError as error:
        raise Malformed(f"byte {error.start} is not UTF-8: save the file as UTF-8") from error
    except json.JSONDecodeError as error:
        raise Malformed(f"no JSON: {error.msg} at character {error.pos}") from error
    except RecursionError as error:
        raise Malformed("is nested too deep") from error
    except ValueError as error:
        raise Malformed(f"no JSON: {error}") from error
    return _check_text(value)


def _check_text(value: Value) -> Value:
    if found := fault_within(value):
        raise Malformed(found[1], found[0])
    return value


def objects(source: IO[bytes], report: Report, within: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """(place, object) of a seekable file, from its lines or its array. Other values are reported."""
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
    """(place, object) of every line. Other values are reported, and empty lines skipped."""
    number = 0
    while line := source.readline(MAX_ITEM):
        number += 1
        place = f"{within}line {number}"
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if len(line) == MAX_ITEM and not line.endswith(b"\n"):
            report.refuse("line", f"longer than {MAX_ITEM} bytes", place)
            _skip_line(source)
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


def _skip_line(source: IO[bytes]) -> None:
    while (rest := source.readline(_READ)) and not rest.endswith(b"\n"):
        pass


class Stream:
    """Reads a JSON document value by value, with one value in memory."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._buffer, self._position, self._ended = source, "", 0, False
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._value = wellformed.json_decoder().raw_decode

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            while self._position < len(self._buffer) and self._buffer[self._position] in _SPACE:
                self._position += 1
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._more(_READ):
                return ""

    def take(self, expected: str) -> str:
        """Consume one of these characters. Raises `Malformed`."""
        if not (found := self.peek()) or found not in expected:
            actual = f"{found!r} stands" if found else "the file ends"
            raise Malformed(f"no JSON: {actual} where {' or '.join(expected)} should")
        self._position += 1
        return found

    def value(self) -> Any:
        """The next value. Raises `Malformed`."""
        self.peek()
        size = _READ
        while True:
            try:
                value, end = self._value(self._buffer, self._position)
            except RecursionError as error:
                raise Malformed("is nested too deep") from error
            except ValueError as error:
                if self._is_final(error) or not self._grow(size):
                    reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
                    raise Malformed(f"no JSON: {reason}") from error
                size *= 2
                continue
            # A number may continue after the buffer.
            if end < len(self._buffer) or not self._more(_READ):
                self._position = end
                return value

    def items(self) -> Iterator[Any]:
        """The elements of the array at this position."""
        self.take("[")
        if self.peek() == "]":
            self._position += 1
            return
        while True:
            yield self.value()
            if self.take(",]") == "]":
                return

    def members(self) -> Iterator[str]:
        """The keys of the object at this position. The caller reads each value before the next key."""
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

    def _is_final(self, error: ValueError) -> bool:
        """Whether the error does not come from a cut buffer."""
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
    """The value, if it is an object that can be stored. Raises `Malformed`."""
    if not isinstance(value, dict):
        raise Malformed("must be an object")
    return _check_text(value)
