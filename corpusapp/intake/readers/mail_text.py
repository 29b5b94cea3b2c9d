"""The text of a mail: which parts are read, which of two alternatives is used, and flowed lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart

from corpusapp.intake.draft import Unfit
from corpusapp.intake.encoding.names import decode_declared
from corpusapp.intake.markup import words_of
from corpusapp.intake.readers.encodings import Decoded, decode
from corpusapp.intake.readers.registry import Reading

# A plain text with a smaller share of the HTML's letters is only a notice or a teaser.
_PLAIN_SHARE = 0.45
# An HTML part with at most so many letters, and without elements of a page, was written as a mail.
_MAX_TYPED = 2_000
_OF_PAGES = re.compile(r"<(?:nav|header|footer|form|table)\b", re.IGNORECASE)
# A main text with a smaller share of the part's letters may lack more than boilerplate.
_MAIN_SHARE = 0.75
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|<[^<>\s]*>")
_QUOTED = re.compile(r"(>+) ?")
_SIGNATURE = "-- "
_READ, _MAIL = ("text/plain", "text/html"), "message/rfc822"
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")


@dataclass(frozen=True)
class Body:
    """A mail's own text, the mails that it forwards, and the number of ignored attachments."""

    text: str
    encoding: str
    notes: tuple[str, ...]
    forwarded: tuple[EmailMessage, ...]
    attachments: int


def body_of(message: EmailMessage, item: str, reading: Reading) -> Body:
    """The texts of all displayed parts in order; of alternatives, the better one."""
    parts = list(_displayed(message))
    read = [_read(part, item, reading) for part in parts if isinstance(part, list) or part.get_content_type() in _READ]
    texts = [decoded for decoded in read if decoded.text.strip()]
    forwarded = [part for part in parts if isinstance(part, MIMEPart) and part.get_content_type() == _MAIL]
    others = [part for part in parts if isinstance(part, MIMEPart) and part.get_content_type() not in (*_READ, _MAIL)]
    return Body(
        "\n\n".join(decoded.text.strip("\r\n") for decoded in texts) if len(texts) > 1 else _only(texts),
        next((decoded.encoding for decoded in texts), ""),
        tuple(dict.fromkeys(note for decoded in texts for note in decoded.notes)),
        tuple(part.get_content() for part in forwarded),
        sum(part.get_content_type() not in _SIGNATURES for part in others),
    )


def _only(texts: list[Decoded]) -> str:
    return texts[0].text if texts else ""


def _displayed(part: MIMEPart) -> Iterator[MIMEPart | list[MIMEPart]]:
    """All parts in order, with attachments; the alternatives of one text as a list."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        versions = [version for version in part.walk() if not version.is_multipart()]
        shown = [version for version in versions if version.get_content_type() in _READ and not _attached(version)]
        yield shown
        yield from (_as_file(version) for version in versions if version not in shown)
    elif part.get_content_maintype() == "multipart":
        for inner in part.iter_parts():
            yield from _displayed(inner)
    elif _attached(part) and kind in _READ:
        yield _as_file(part)
    else:
        yield part


def _attached(part: MIMEPart) -> bool:
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _as_file(part: MIMEPart) -> MIMEPart:
    part.set_type("application/octet-stream")
    return part


def _read(part: MIMEPart | list[MIMEPart], item: str, reading: Reading) -> Decoded:
    if isinstance(part, list):
        return _better(part, item, reading)
    return _page(part, item, reading) if part.get_content_subtype() == "html" else _plain(part, reading)


def _better(versions: list[MIMEPart], item: str, reading: Reading) -> Decoded:
    """The plain text if it is as complete as the HTML, else the HTML."""
    plain = _joined([_plain(version, reading) for version in versions if version.get_content_subtype() == "plain"])
    pages = [version for version in versions if version.get_content_subtype() == "html"]
    if not pages:
        return plain
    shown = sum(_letters(words_of(_decoded(page, reading).text)) for page in pages)
    if _letters(plain.text) >= _PLAIN_SHARE * shown and plain.text.strip():
        return plain
    page = _joined([_page(page, item, reading) for page in pages])
    return plain if _letters(plain.text) >= _PLAIN_SHARE * _letters(page.text) and plain.text.strip() else page


def _joined(found: list[Decoded]) -> Decoded:
    texts = [decoded for decoded in found if decoded.text.strip()]
    if len(texts) <= 1:
        return texts[0] if texts else Decoded("", "utf-8")
    notes = tuple(note for decoded in texts for note in decoded.notes)
    return Decoded("\n\n".join(decoded.text.strip("\r\n") for decoded in texts), texts[0].encoding, notes)


def _letters(text: str) -> int:
    return sum(map(str.isalpha, _ADDRESS.sub("", text)))


def _page(part: MIMEPart, item: str, reading: Reading) -> Decoded:
    """All words of an HTML part that was written as a mail, or is too short for a page; else the main text."""
    decoded = _decoded(part, reading)
    words = words_of(decoded.text)
    letters = _letters(words)
    # A page saved by a browser has this header.
    if letters <= _MAX_TYPED and not _OF_PAGES.search(decoded.text) and not part["Content-Location"]:
        return Decoded(words, decoded.encoding, decoded.notes)
    try:
        page = reading.page(decoded.text.encode("utf-8", "replace"), url="", item=item, charset="utf-8")
    except Unfit:
        return Decoded(words, decoded.encoding, decoded.notes)
    main = _letters(page.text)
    note = f"of {letters} letters in its HTML {main} were read as its main text"
    notes = (*decoded.notes, *page.notes, *([note] if main < _MAIN_SHARE * letters else []))
    return Decoded(page.text, decoded.encoding, notes)


def _plain(part: MIMEPart, reading: Reading) -> Decoded:
    decoded = _decoded(part, reading)
    if str(part.get_param("format", "")).lower() != "flowed":
        return decoded
    delete = str(part.get_param("delsp", "")).lower() == "yes"
    return Decoded(unflowed(decoded.text, delete_spaces=delete), decoded.encoding, decoded.notes)


def _decoded(part: MIMEPart, reading: Reading) -> Decoded:
    """A part decoded by its declared charset if that fits, else like a file without one."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = (part.get_content_charset() or "").lower()
    if charset in ("", "us-ascii"):
        return decode(data, named=reading.encoding)
    if found := decode_declared(data, charset):
        text, codec, note = found
        return Decoded(text, codec, (note,) if note else ())
    decoded = decode(data, named=reading.encoding)
    note = f"the mail declares {charset[:40]} but has another encoding: it was read as {decoded.encoding}"
    return Decoded(decoded.text, decoded.encoding, (note, *decoded.notes))


def unflowed(text: str, *, delete_spaces: bool = False) -> str:
    """The text of `format=flowed` (RFC 3676) with one line per paragraph: a line that ends in a space continues."""
    lines: list[str] = []
    open_depth = None
    for line in text.replace("\r\n", "\n").split("\n"):
        quotes = _QUOTED.match(line)
        depth = len(quotes[1]) if quotes else 0
        words = line[depth:].removeprefix(" ") if depth or line.startswith(" ") else line
        if open_depth == depth and words != _SIGNATURE:
            lines[-1] = (lines[-1][:-1] if delete_spaces else lines[-1]) + words
        else:
            lines.append(("> " * depth + words) if depth else words)
        open_depth = depth if words.endswith(" ") and words != _SIGNATURE else None
    return "\n".join(line if line == _SIGNATURE else line.rstrip(" ") for line in lines)
