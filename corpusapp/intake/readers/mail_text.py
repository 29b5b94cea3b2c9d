"""The text of a mail's parts: which are read, which of two versions is the better, and lines that were flowed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, MIMEPart

from corpusapp.intake.draft import Unfit
from corpusapp.intake.encoding.names import as_declared
from corpusapp.intake.markup import words_of
from corpusapp.intake.readers.encodings import Decoded, decode
from corpusapp.intake.readers.registry import Reading

# Below this share of the letters of the other version, a plain text is a note that the mail is HTML, or a teaser.
_PLAIN_SHARE = 0.45
# A part of HTML of no more letters than that, without a page's elements, was typed as a mail.
_TYPED = 2_000
_OF_PAGES = re.compile(r"<(?:nav|header|footer|form|table)\b", re.IGNORECASE)
# Below this share of a part's letters its main text has left out more than furniture.
_MAIN_SHARE = 0.75
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|<[^<>\s]*>")
_QUOTED = re.compile(r"(>+) ?")
_SIGNATURE = "-- "
_READ, _MAIL = ("text/plain", "text/html"), "message/rfc822"
_SIGNATURES = ("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature")


@dataclass(frozen=True)
class Body:
    """What a mail says: its own text, the mails that it forwards, and how many attachments are ignored."""

    text: str
    encoding: str
    notes: tuple[str, ...]
    forwarded: tuple[EmailMessage, ...]
    attachments: int


def body_of(message: EmailMessage, item: str, reading: Reading) -> Body:
    """The texts of all parts that are shown, in their order; a part in several versions by the better of them."""
    parts = list(_shown(message))
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


def _shown(part: MIMEPart) -> Iterator[MIMEPart | list[MIMEPart]]:
    """The parts in their order, each attachment too; the versions of one text together, as a list."""
    kind = part.get_content_type()
    if kind == "multipart/alternative":
        versions = [version for version in part.walk() if not version.is_multipart()]
        shown = [version for version in versions if version.get_content_type() in _READ and not _attached(version)]
        yield shown
        yield from (_as_file(version) for version in versions if version not in shown)
    elif part.get_content_maintype() == "multipart":
        for inner in part.iter_parts():
            yield from _shown(inner)
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
    """The plain text, where it holds what the HTML does."""
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
    """All words of a part of HTML that was typed as a mail, or is too little for a page; of others the main text."""
    decoded = _decoded(part, reading)
    words = words_of(decoded.text)
    letters = _letters(words)
    # What a browser has saved says where it stood.
    if letters <= _TYPED and not _OF_PAGES.search(decoded.text) and not part["Content-Location"]:
        return Decoded(words, decoded.encoding, decoded.notes)
    try:
        page = reading.page(decoded.text.encode("utf-8", "replace"), url="", item=item, charset="utf-8")
    except Unfit:
        return Decoded(words, decoded.encoding, decoded.notes)
    main = _letters(page.text)
    told = f"of {letters} letters in its HTML {main} were read as its main text"
    notes = (*decoded.notes, *page.notes, *([told] if main < _MAIN_SHARE * letters else []))
    return Decoded(page.text, decoded.encoding, notes)


def _plain(part: MIMEPart, reading: Reading) -> Decoded:
    decoded = _decoded(part, reading)
    if str(part.get_param("format", "")).lower() != "flowed":
        return decoded
    delete = str(part.get_param("delsp", "")).lower() == "yes"
    return Decoded(unflowed(decoded.text, delete_spaces=delete), decoded.encoding, decoded.notes)


def _decoded(part: MIMEPart, reading: Reading) -> Decoded:
    """A part by its declared charset where that fits, else as a file without one."""
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = (part.get_content_charset() or "").lower()
    if charset in ("", "us-ascii"):
        return decode(data, named=reading.encoding)
    if found := as_declared(data, charset):
        text, codec, note = found
        return Decoded(text, codec, (note,) if note else ())
    decoded = decode(data, named=reading.encoding)
    note = f"the mail declares {charset[:40]} but has another encoding: it was read as {decoded.encoding}"
    return Decoded(decoded.text, decoded.encoding, (note, *decoded.notes))


def unflowed(text: str, *, delete_spaces: bool = False) -> str:
    """Paragraphs in one line each, of a text in `format=flowed` (RFC 3676): a line that ends in a space goes on."""
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
