"""Decode files, one decision per file: byte-order mark, declared or chosen encoding, UTF-8, detection."""

import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from itertools import chain

from corpusapp.intake.draft import Unfit
from corpusapp.intake.encoding.detect import REACH, ranked, sample_of
from corpusapp.intake.encoding.names import (
    BYTE_ORDER_MARKS,
    LINE_END,
    also_utf8,
    bom_encoding,
    decode_declared,
    decode_iso2022_jp,
    detected_note,
    misfit_reason,
)
from corpusapp.intake.readers.registry import Source
from corpusapp.intake.readers.streams import CHUNK, HEAD, BlockReader, Broken, chunks_of, stream_of

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
# ISO-2022-JP, as in old Japanese mail: only ASCII bytes, with escape sequences.
_ESCAPES = re.compile(rb"\x1b\$[@B]")
_FEW_BYTES = 8
_TRIED = 5
_MOST_LINES_NOTED = 20
_NOT_DETECTED = "the encoding was not detected: choose it, or save the file as UTF-8"


@dataclass(frozen=True)
class Decoded:
    """A text, the Python name of its encoding, and notes on doubts. A leading byte-order mark stays in the text."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, *, declared: str = "", named: str = "") -> Decoded:
    """The text of a whole file; raises `Unfit` if the bytes are not text, or no encoding is detected.

    `declared` is the encoding that the file declares; it is used if it fits. `named` is the one that a person chose; if
    it does not fit, the file is refused.
    """
    mark = bom_encoding(data)
    if mark and (text := _strict(data, mark)) is not None:
        return Decoded(text, mark)
    if declared and not mark and (found := decode_declared(data, declared)):
        text, encoding, note = found
        return Decoded(text, encoding, (note,) if note else ())
    if named:
        return _as_named(data, named)
    for encoding in filter(None, ("utf-8", _unmarked_wide(data))):
        text = _strict(data, encoding)
        if text is None:
            continue
        lie = (f"its byte-order mark says {mark}, but it is {encoding}",) if mark and encoding != mark else ()
        return _japanese(data) or Decoded(text, encoding, lie)
    if looks_binary(data[:HEAD]):
        raise Unfit("this is a binary file of no known kind, not text")
    return _damaged_utf8(data) or _detected(data)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _as_named(data: bytes, named: str) -> Decoded:
    try:
        text = data.decode(named)
    except UnicodeDecodeError as error:
        raise Unfit(misfit_reason(data, error, named)) from error
    return Decoded(text, named, also_utf8(data, named))


def _japanese(data: bytes) -> Decoded | None:
    if not (data.isascii() and _ESCAPES.search(data[: 2 * REACH])):
        return None
    try:
        return Decoded(decode_iso2022_jp(data), "iso2022_jp", (detected_note("iso2022_jp"),))
    except UnicodeError:
        return None


def _unmarked_wide(data: bytes) -> str:
    """The codec for UTF-16 without a byte-order mark: every second byte of Latin text is zero. Else empty."""
    head = data[:HEAD]
    half = len(head) // 2
    if half < _FEW_BYTES or len(data) % 2:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def looks_binary(head: bytes) -> bool:
    """Whether the first bytes of a file have more control characters than any text."""
    if any(head.startswith(mark) for mark, _ in BYTE_ORDER_MARKS[1:]) or _unmarked_wide(head[: len(head) // 2 * 2]):
        return False
    controls = len(_CONTROL.findall(head))
    return controls > (0.3 if _is_utf8(head) else 0.02) * len(head)


def _is_utf8(data: bytes, *, final: bool = False) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data, final)
    except UnicodeDecodeError:
        return False
    return True


def _damaged_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few invalid bytes, which are replaced by U+FFFD."""
    if not _mostly_utf8(data, 10):
        return None
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return Decoded(
        text, "utf-8", (f"{bad} bytes or so are not valid UTF-8 and are replaced by U+FFFD; the original has them",)
    )


def _mostly_utf8(data: bytes, times: int) -> bool:
    """Whether at least `times` as many characters past ASCII are valid UTF-8 as are not."""
    return data.decode("utf-8", "replace").count("\ufffd") * times <= len(_MULTIBYTE.findall(data))


def _in_utf8_by_lines(sample: bytes) -> bool:
    """Whether at least half of the lines with characters past ASCII are valid UTF-8."""
    good = [_is_utf8(line, final=True) for line in sample.splitlines() if not line.isascii()]
    return 2 * sum(good) >= len(good)


def _detected(data: bytes) -> Decoded:
    for encoding in ranked(sample_of(data), mac=_ends_as_mac(data[:REACH]))[:_TRIED]:
        try:
            return Decoded(data.decode(encoding), encoding, (detected_note(encoding),))
        except UnicodeDecodeError:
            continue
    raise Unfit(f"{_not_utf8(data)}; {_NOT_DETECTED}")


def _ends_as_mac(head: bytes) -> bool:
    """Whether the first line ends in a carriage return alone."""
    found = LINE_END.search(head)
    return found is not None and found[0] == b"\r" and found.end() < len(head)


def _not_utf8(data: bytes) -> str:
    """Where `data` is not valid UTF-8, in bytes from its start."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8: byte 0x{data[error.start]:02X} at position {error.start}"
    return "UTF-8"


def rough_text(head: bytes) -> str:
    """The first bytes as text, to recognise the form only. Line ends are line feeds."""
    encoding = bom_encoding(head) or _unmarked_wide(head[: len(head) // 2 * 2]) or "utf-8"
    text = head.decode(encoding, "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


class LineFile:
    """A file that is read by lines or values; `stream` is its content as UTF-8 with line feeds.

    The encoding is decided once, from the first megabyte and, if the file can seek, the last. A `declared` encoding
    takes precedence over the one `named` by a person for files that declare none. Bytes that are invalid in the
    encoding are not valid UTF-8 in `stream` either, so that `text_of` refuses the line.
    """

    def __init__(self, source: Source, named: str = "", declared: str = "") -> None:
        head = _first_megabyte(source.stream)
        self._mac = _ends_as_mac(head)
        self._notes: list[str] = []
        self._noted_lines = 0
        self._other = ""
        self._named = bool(named)
        self.encoding = bom_encoding(head) or self._declared_codec(declared, source, head) or named or _wide(head)
        self.encoding = self.encoding or self._detected_codec(self._sample(source, head))
        if named and self.encoding == named:
            self._notes += also_utf8(head.rpartition(b"\n")[0] or head, named)
        blocks = chain((head,) if head else (), chunks_of(source.stream))
        chunks = self._utf8(blocks) if self.encoding == "utf-8" else self._recoded(blocks)
        self.stream: BufferedReader = stream_of(_line_feeds(chunks) if self._mac else chunks)

    def notes(self) -> tuple[str, ...]:
        """The notes since the last call, for the next article of the file."""
        found, self._notes = tuple(self._notes), []
        return found

    def text_of(self, line: bytes) -> str:
        """A line or value of the stream as text; raises `Unfit` for invalid bytes."""
        try:
            return line.decode()
        except UnicodeDecodeError as error:
            raise Unfit(self._misfit_reason(line, error.start)) from error

    def _declared_codec(self, label: str, source: Source, head: bytes) -> str:
        """The codec of the declared encoding, if the file is valid in it; else empty."""
        sample = self._sample(source, head) if label else b""
        if not label or (found := decode_declared(sample.rpartition(b">")[0] or sample, label)) is None:
            self._notes += [f"it declares {label[:40]} but has another encoding"] if label else []
            return ""
        self._notes += [found[2]] if found[2] else []
        return found[1]

    def _misfit_reason(self, line: bytes, at: int) -> str:
        byte = ord(line[at : at + 3].decode("utf-8", "surrogatepass")) & 0xFF
        said = ", the encoding you chose" if self._named else ""
        if self.encoding == "utf-8":
            return f"not UTF-8{said}: byte 0x{byte:02X} at position {at}; {_NOT_DETECTED}"
        place = f"byte 0x{byte:02X} at character {len(line[:at].decode()) + 1}"
        if self._named:
            return f"{place} is not valid {self.encoding}{said}: choose another, or none to detect it"
        return f"{place} is not valid {self.encoding}, the encoding of the file: choose it, or save the file as UTF-8"

    def _sample(self, source: Source, head: bytes) -> bytes:
        """Whole lines of the file's first and last megabyte; only of the first if it cannot seek."""
        end = b"\r" if self._mac else b"\n"
        if source.file is None or len(head) < REACH or end not in head:
            return head
        at = source.file.tell()
        source.file.seek(max(len(head), source.file.seek(0, 2) - REACH))
        tail = source.file.read(REACH)
        source.file.seek(at)
        return head.rpartition(end)[0] + end + tail.partition(end)[2]

    def _detected_codec(self, sample: bytes) -> str:
        if sample.isascii() and _ESCAPES.search(sample):
            found = ["iso2022_jp_ext"]
        elif _is_utf8(sample) or _mostly_utf8(sample, 10) or _in_utf8_by_lines(sample):
            return "utf-8"
        else:
            found = ranked(sample, mac=self._mac)
        if not found:
            return "utf-8"
        self._notes.append(detected_note(found[0]))
        return found[0]

    def _recoded(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        wide = self.encoding.startswith(("utf-16", "utf-32"))
        decoder = codecs.getincrementaldecoder(self.encoding)("strict" if wide else _SURROGATE_BYTES)
        for block in blocks:
            try:
                text = decoder.decode(block)
            except UnicodeDecodeError as error:
                raise Broken(f"it begins as {self.encoding} but does not stay so: {error.reason}") from error
            if text:
                yield text.encode("utf-8", "surrogatepass")
        if decoder.getstate()[0] and wide:
            raise Broken(f"it breaks off within a character of {self.encoding}")
        if rest := decoder.decode(b"", final=True):
            yield rest.encode("utf-8", "surrogatepass")

    def _utf8(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The file unchanged, except for lines that are not UTF-8: these are decoded in one other encoding."""
        before = 0
        for block in _whole_lines(blocks):
            if _is_utf8(block, final=True):
                yield block
            else:
                yield from self._repaired(block, before)
            before += block.count(b"\r" if self._mac else b"\n")

    def _repaired(self, block: bytes, before: int) -> Iterator[bytes]:
        lines = block.splitlines(keepends=True) if self._mac else block.split(b"\n")
        end = b"" if self._mac else b"\n"
        bad = [line for line in lines if not (_is_utf8(line, final=True) or _mostly_utf8(line, 1))]
        for number, line in enumerate(lines, before + 1):
            text = line if _is_utf8(line, final=True) else self._repaired_line(line, number, bad)
            yield text + (end if number < before + len(lines) else b"")

    def _repaired_line(self, line: bytes, number: int, bad: list[bytes]) -> bytes:
        if self._named:
            return line.decode("utf-8", _SURROGATE_BYTES).encode("utf-8", "surrogatepass")
        if _mostly_utf8(line, 1):
            self._note_line(number, "bytes that are not valid UTF-8 are replaced by U+FFFD")
            return line.decode("utf-8", "replace").encode()
        self._other = self._other or next(iter(ranked(b"\n".join(bad[:1000]), mac=self._mac)), "")
        try:
            text = line.decode(self._other or "utf-8")
        except UnicodeDecodeError:
            return line.decode("utf-8", _SURROGATE_BYTES).encode("utf-8", "surrogatepass")
        self._note_line(number, f"it is not UTF-8; the encoding was detected: {self._other}")
        return text.encode()

    def _note_line(self, number: int, note: str) -> None:
        self._noted_lines += 1
        if self._noted_lines <= _MOST_LINES_NOTED:
            more = "; more of this kind is not listed" if self._noted_lines == _MOST_LINES_NOTED else ""
            self._notes.append(f"line {number}: {note}{more}")


def _surrogate_bytes(error: UnicodeError) -> tuple[str, int]:
    """Error handler that replaces invalid bytes by lone surrogates, which no text may contain."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


_SURROGATE_BYTES = "corpusapp.kept_bytes"
codecs.register_error(_SURROGATE_BYTES, _surrogate_bytes)


def _first_megabyte(stream: BufferedReader) -> bytes:
    """The first megabyte of `stream`; an error is raised again by the next read."""
    read: Callable[[int], bytes] = BlockReader(stream).read
    pieces: list[bytes] = []
    try:
        while sum(map(len, pieces)) < REACH and (piece := read(CHUNK)):
            pieces.append(piece)
    except (Broken, Unfit, OSError):
        pass
    return b"".join(pieces)


def _wide(head: bytes) -> str:
    return _unmarked_wide(head[: min(len(head), HEAD) // 2 * 2])


def _line_feeds(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return (chunk.replace(b"\r", b"\n") for chunk in chunks)


def _whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks that end with a line, so that no character is split; a very long line is split between characters."""
    rest = b""
    for block in blocks:
        data = rest + block
        cut = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if not cut and len(data) > 64 * CHUNK:
            cut = len(data)
            while cut > len(data) - 4 and data[cut - 1] & 0xC0 == 0x80:
                cut -= 1
            cut -= data[cut - 1] >= 0xC0
        if cut:
            yield data[:cut]
        rest = data[cut:]
    if rest:
        yield rest
