"""Bytes to text: a byte-order mark first, strict UTF-8 second, charset-normalizer's judgement last."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BufferedReader

from charset_normalizer import CharsetMatches, from_bytes

from corpusapp.intake.draft import Unfit
from corpusapp.intake.readers.streams import HEAD, Broken, chunks_of, stream_of

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]")
_MULTIBYTE = re.compile(rb"[\xc2-\xf4][\x80-\xbf]+")
# What cp1250 (Central Europe) reads as letters and cp1252 (the West) as signs within a word, or as š and ž.
_CENTRAL = re.compile(rb"[A-Za-z\xc0-\xff][\xa5\xb3\xb9\xba\xbc\xbe\xbf\x9c\x9d\x9f]|[\x8a\x8e\x9a\x9e]")
# ő and ű, which cp1252 reads as õ and û: those never come without one of à ã ç è ê.
_HUNGARIAN = re.compile(rb"[\xf5\xfb]")
_ROMANCE = re.compile(rb"[\xe0\xe3\xe7\xe8\xea]")
# Fewer bytes than this, or fewer different ones past ASCII, say little about an encoding.
_FEW_BYTES = 8
_FEW_KINDS = 4


@dataclass(frozen=True)
class Decoded:
    """A text, the encoding it was read in (Python's name), and what was doubtful. A leading mark stays in the text."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes) -> Decoded:
    """The text of a whole file; raises `Unfit` where the bytes are no text, or nobody can tell in which encoding."""
    marked = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    for encoding in filter(None, (marked, "utf-8", _unmarked_wide(data))):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        lie = (f"its byte-order mark says {marked}, but it is {encoding}",) if marked and encoding != marked else ()
        return Decoded(text, encoding, lie)
    if looks_binary(data[:HEAD]):
        raise Unfit("this is a binary file of no known kind, not text")
    return _damaged_utf8(data) or _detected(data)


def _unmarked_wide(data: bytes) -> str:
    """UTF-16 without a mark: every second byte of Latin text is zero. Empty where it is not."""
    head = data[:HEAD]
    half = len(head) // 2
    if half < _FEW_BYTES or len(data) % 2:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else ""


def looks_binary(head: bytes) -> bool:
    """Whether the first bytes of a file hold more control characters than any text does."""
    if any(head.startswith(mark) for mark, _ in _MARKS[1:]) or _unmarked_wide(head[: len(head) // 2 * 2]):
        return False
    controls = len(_CONTROL.findall(head))
    return controls > (0.3 if _is_utf8(head) else 0.02) * len(head)


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _damaged_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few foreign bytes among many good ones; those stand as U+FFFD."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    if bad * 10 > len(_MULTIBYTE.findall(data)):
        return None
    return Decoded(text, "utf-8", (f"{bad} bytes or so are no UTF-8 and stand as U+FFFD; the original has them",))


def _detected(data: bytes) -> Decoded:
    encoding = detected_encoding(data)
    try:
        text = data.decode(encoding) if encoding else ""
    except (UnicodeDecodeError, LookupError):
        text = ""
    if not text:
        raise Unfit(f"{not_utf8(data)}; no other encoding fits well enough to be told")
    return Decoded(text, encoding, (f"the encoding was detected: {encoding}",))


def detected_encoding(data: bytes) -> str:
    """The likeliest legacy encoding of `data`, judged by the part where it leaves ASCII; empty where none is."""
    first = _HIGH.search(data)
    if len(data) < _FEW_BYTES or not first:
        return ""
    start = data.rfind(b"\n", 0, max(0, first.start() - 1000)) + 1
    sample = data[start : start + HEAD]
    matches = from_bytes(sample)
    best = matches.best()
    if best is None:
        return ""
    few = len(set(_HIGH.findall(sample))) < _FEW_KINDS
    if not few and _looks_central(sample) and _fits(matches, "cp1250", 0.15):
        return "cp1250"
    # By far the commonest, where it fits nearly as well as the best.
    return "cp1252" if _fits(matches, "cp1252", 1 if few else 0.06) else best.encoding


def _fits(matches: CharsetMatches, encoding: str, margin: float) -> bool:
    best = matches.best()
    found = (match for match in matches if match.encoding == encoding)
    return any(m.chaos <= best.chaos + 0.02 and m.coherence >= best.coherence - margin for m in found)


def _looks_central(sample: bytes) -> bool:
    return bool(_CENTRAL.search(sample) or (_HUNGARIAN.search(sample) and not _ROMANCE.search(sample)))


def not_utf8(data: bytes) -> str:
    """Where `data` leaves UTF-8, in bytes from its start."""
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return f"not UTF-8: byte 0x{data[error.start]:02X} at position {error.start}"
    return "UTF-8"


def rough_text(head: bytes) -> str:
    """The first bytes as text to look at, never to keep."""
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    return head.decode(marked or _unmarked_wide(head[: len(head) // 2 * 2]) or "utf-8", "replace").removeprefix(
        "\ufeff"
    )


class LineDecoder:
    """Lines of one file: each strictly UTF-8, else in an encoding found once and kept while it fits."""

    def __init__(self) -> None:
        self._other = ""

    def decode(self, line: bytes) -> Decoded:
        """Raises `Unfit` where no encoding fits the line."""
        try:
            return Decoded(line.decode(), "utf-8")
        except UnicodeDecodeError:
            pass
        for encoding in filter(None, (self._other, detected_encoding(line))):
            try:
                text = line.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
            self._other = encoding
            return Decoded(text, encoding, (f"the encoding was detected: {encoding}",))
        raise Unfit(f"{not_utf8(line)}; save it as UTF-8 and import it again")


def utf8_stream(stream: BufferedReader) -> tuple[BufferedReader, str]:
    """`stream` as UTF-8 where it is marked, or plainly is, UTF-16 or UTF-32, with that encoding's name; else itself."""
    head = stream.peek()
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), "")
    encoding = marked or _unmarked_wide(head[: min(len(head), HEAD) // 2 * 2])
    if encoding in ("", "utf-8"):
        return stream, ""
    return stream_of(_recoded(stream, encoding)), encoding


def _recoded(stream: BufferedReader, encoding: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    for data in chunks_of(stream):
        try:
            text = decoder.decode(data)
        except UnicodeDecodeError as error:
            raise Broken(f"it begins as {encoding} but does not stay so: {error.reason}") from error
        if text:
            yield text.encode("utf-8", "surrogatepass")
    if decoder.getstate()[0]:
        raise Broken(f"it breaks off within a character of {encoding}")
