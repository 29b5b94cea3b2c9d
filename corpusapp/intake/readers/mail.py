"""Read a mail (.eml), or a mailbox (.mbox). Attachments are counted, not read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from io import BytesIO

from corpusapp.intake.dates import day_of
from corpusapp.intake.draft import Failure, Unfit
from corpusapp.intake.encoding.names import decode_declared
from corpusapp.intake.lenient_draft import draft_from_found
from corpusapp.intake.readers.encodings import decode
from corpusapp.intake.readers.mail_text import Body, body_of
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import read_limited, stream_of

_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(?:\s|$)")
_MOST_PARTS = 100
# Characters of a header above which encoded words are not decoded: the standard library is slow at it.
_LONGEST_DECODED = 20_000
_MAIL_HEADERS = frozenset(("message-id", "mime-version", "received", "return-path", "delivered-to", "dkim-signature"))
# The line that mail programs write above a mail forwarded in the text.
_FORWARDED = re.compile(
    r"\s*(?:-{2,}\s*(?:Forwarded [Mm]essage|Original Message|Weitergeleitete Nachricht|Ursprüngliche Nachricht"
    r"|Message transféré|Message d'origine|Mensaje reenviado|Messaggio inoltrato|Mensagem encaminhada)\s*-{2,}"
    r"|(?:Begin forwarded message|Anfang der weitergeleiteten (?:Nachricht|E-Mail)"
    r"|Début du message (?:réexpédié|transféré)|Inicio del mensaje reenviado|Inizio messaggio inoltrato)\s*:)"
    r"[ \t]*\n\s*"
)
_FIELD = re.compile(r"[>* \t]*([A-Za-zÀ-ÿ-]{1,20})\s?:\*?[ \t]*(.*)")
_FIELDS = {
    **dict.fromkeys(("from", "von", "de", "da"), "author"),
    **dict.fromkeys(("date", "sent", "datum", "gesendet", "envoyé", "fecha", "data"), "published"),
    **dict.fromkeys(("subject", "betreff", "objet", "sujet", "asunto", "oggetto", "assunto"), "title"),
    **dict.fromkeys(("to", "an", "à", "para", "a", "cc", "reply-to", "kopie"), ""),
}
_FEWEST_FIELDS = 2
# The first line of a mail in a mailbox; a line in a text has no such date.
_BEGINS = re.compile(rb"From \S.*\d\d:\d\d(?::\d\d)? .*\d{4}\b|From - ")
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True)
class _Mail:
    """The text and header fields of a mail, as written."""

    text: str
    encoding: str
    fields: dict[str, str]
    notes: tuple[str, ...]


def _read(source: Source, reading: Reading) -> Items:
    data = read_limited(source.stream, reading.limits.mail_bytes, "the mail")
    # The standard parser compares every line with every open boundary.
    if data.lower().count(b"boundary=") > _MOST_PARTS:
        raise Unfit(f"the mail has more than {_MOST_PARTS} parts within parts: import them one by one")
    try:
        mail = _mail(message_from_bytes(data, policy=default), source.item, reading)
    except (Unfit, RecursionError):
        raise
    except Exception as error:  # The standard parser fails on some malformed headers.
        raise Unfit(f"the mail cannot be read: {type(error).__name__}") from error
    fields = mail.fields
    draft = draft_from_found(
        mail.text,
        item=source.item,
        published=fields["published"],
        title=fields["title"],
        external_id=fields["external_id"],
        author=fields["author"],
        forwarded_by=fields.get("forwarded_by", ""),
    )
    yield replace(draft, notes=(*draft.notes, *mail.notes), encoding=mail.encoding, form="eml", raw=data)


def _mail(message: EmailMessage, item: str, reading: Reading) -> _Mail:
    if message.get_content_type() == "multipart/encrypted":
        raise Unfit("the mail is encrypted: save it decrypted", "text")
    body = body_of(message, item, reading)
    mail = _Mail(body.text, body.encoding, _fields(message), _notes(body))
    if not body.text.strip() and not body.forwarded and body.attachments:
        raise Unfit("the mail has no text, only attachments: import those", "text")
    forwarded = [_mail(inner, item, reading) for inner in body.forwarded]
    return _with_forwarded(_unwrapped(mail), forwarded)


def _with_forwarded(mail: _Mail, forwarded: list[_Mail]) -> _Mail:
    """The mail with the mails that it forwards. A mail that only forwards one other becomes that other."""
    if not forwarded:
        return mail
    notes = (*mail.notes, *(note for inner in forwarded for note in inner.notes))
    if not mail.text.strip() and len(forwarded) == 1:
        (inner,) = forwarded
        return replace(inner, fields=_forwarded_by(mail.fields, inner.fields), notes=notes)
    texts = [mail.text.strip("\r\n"), *(f"{_headed(inner)}{inner.text.strip()}" for inner in forwarded)]
    encoding = mail.encoding or forwarded[0].encoding
    return _Mail("\n\n".join(text for text in texts if text), encoding, mail.fields, notes)


def _forwarded_by(outer: dict[str, str], inner: dict[str, str]) -> dict[str, str]:
    known = {**outer, **{name: value for name, value in inner.items() if value}}
    return {**known, "external_id": outer["external_id"], "forwarded_by": outer["author"]}


def _headed(mail: _Mail) -> str:
    lines = (("From", mail.fields["author"]), ("Date", mail.fields["published"]), ("Subject", mail.fields["title"]))
    return "".join(f"{name}: {value}\n" for name, value in lines if value) + "\n"


def _unwrapped(mail: _Mail) -> _Mail:
    """A mail whose text begins with a forwarded mail becomes that mail."""
    text = mail.text.replace("\r\n", "\n")
    begin = _FORWARDED.match(text)
    if not begin:
        return mail
    found: dict[str, str] = {}
    at = begin.end()
    while (end := text.find("\n", at)) > at and (field := _FIELD.match(text, at, end)):
        name = _FIELDS.get(field[1].lower())
        if name is None:
            break
        found[name] = field[2].strip(" *")
        at = end + 1
    if len(found) < _FEWEST_FIELDS or not text[at:].strip():
        return mail
    name, address = parseaddr(found.get("author", ""))
    inner = {"title": found.get("title", ""), "author": name or address or found.get("author", "")}
    inner["published"] = found.get("published", "") if day_of(found.get("published", "")) else ""
    return replace(mail, text=text[at:].lstrip("\n"), fields=_forwarded_by(mail.fields, inner))


def _fields(message: EmailMessage) -> dict[str, str]:
    # Parsed before encoded words are decoded: these may contain separators of addresses.
    name, address = parseaddr(_raw_header(message, "From"))
    return {
        "published": _one_line(str(message.get("Date", ""))),
        "title": _decoded_words(_raw_header(message, "Subject")),
        "external_id": _one_line(str(message.get("Message-ID", ""))).strip("<>"),
        "author": _decoded_words(name) or address,
    }


def _notes(body: Body) -> tuple[str, ...]:
    return (*body.notes, *((f"{body.attachments} attachments are ignored",) if body.attachments else ()))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _raw_header(message: EmailMessage, name: str) -> str:
    """A header as written, in one line."""
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    # Bytes past ASCII are not allowed in headers, but common.
    return _one_line(raw if raw.isascii() else _text(raw.encode("utf-8", "surrogateescape"), ""))


def _decoded_words(header: str) -> str:
    """A header with its encoded words (RFC 2047) decoded, also where a character is split between two of them."""
    if len(header) > _LONGEST_DECODED:
        return header
    try:
        pieces = decode_header(header)
    except HeaderParseError:
        return header
    return _one_line("".join(piece if isinstance(piece, str) else _text(piece, charset) for piece, charset in pieces))


def _text(data: bytes, charset: str | None) -> str:
    label = (charset or "").partition("*")[0]
    if label and (found := decode_declared(data, label)):
        return found[0]
    try:
        return decode(data).text
    except Unfit:
        return data.decode("latin-1")


def _recognises_mail(head: Head, named: bool) -> bool:
    names: set[str] = set()
    for line in head.text.splitlines():
        if line[:1] in (" ", "\t") and names:
            continue
        match = _HEADER.match(line)
        if not match:
            break
        names.add(match[1].lower())
    return bool(names) if named else bool(names & _MAIL_HEADERS and names & {"from", "subject", "date"})


def _read_box(source: Source, reading: Reading) -> Items:
    for number, data in enumerate(_mails(source, reading.limits.mail_bytes), 1):
        item = f"{source.item}#{number}"
        if data is None:
            reason = f"the mail has more than {reading.limits.mail_bytes} bytes: split it, or raise the limit"
            yield Failure(item, None, reason)
        else:
            yield from reading.read(Source(item, "mail.eml", stream_of([data]), source.depth, BytesIO(data)))


def _mails(source: Source, max_bytes: int) -> Iterator[bytes | None]:
    """The mails of a mailbox; None for a mail that is too large."""
    lines: list[bytes] = []
    size, blank = 0, True
    while line := source.stream.readline(1 << 16):
        if blank and _BEGINS.match(line):
            if size:
                yield _one_mail(lines, size, max_bytes)
            lines, size = [], 0
        else:
            size += len(line)
            if size <= max_bytes:
                lines.append(line)
        blank = not line.strip()
    if size:
        yield _one_mail(lines, size, max_bytes)


def _one_mail(lines: list[bytes], size: int, max_bytes: int) -> bytes | None:
    return _ESCAPED.sub(rb"\1", b"".join(lines)) if size <= max_bytes else None


def _recognises_mailbox(head: Head, named: bool) -> bool:
    first, _, rest = head.data.partition(b"\n")
    return bool(_BEGINS.match(first) and _HEADER.match(rest[:200].decode("latin-1")))


EML = Reader("eml", (".eml",), _recognises_mail, _read, max_bytes=lambda limits: limits.mail_bytes)
MBOX = Reader("mbox", (".mbox",), _recognises_mailbox, _read_box)
