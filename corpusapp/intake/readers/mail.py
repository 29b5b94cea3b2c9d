"""One mail (.eml): its text part, or its HTML part through the seam; attachments are counted, not read."""

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

from corpusapp.intake.draft import Draft, Unfit
from corpusapp.intake.found import draft_from_found
from corpusapp.intake.readers.encodings import decode
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import taken

_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]*):(?:\s|$)")
_MOST_PARTS = 100
_TELLING = frozenset(("message-id", "mime-version", "received", "return-path", "delivered-to", "dkim-signature"))


def _read(source: Source, reading: Reading) -> Items:
    data = taken(source.stream, reading.limits.mail_bytes, "the mail")
    # The standard parser holds every line against every boundary that is open.
    if data.lower().count(b"boundary=") > _MOST_PARTS:
        raise Unfit(f"the mail has more than {_MOST_PARTS} parts within parts: import them one by one")
    try:
        message = message_from_bytes(data, policy=default)
        draft = _draft(message, source.item, reading)
    except (Unfit, RecursionError):
        raise
    except Exception as error:  # The standard parser trips over some hostile headers.
        raise Unfit(f"the mail cannot be read: {type(error).__name__}") from error
    yield replace(draft, form="eml", raw=data)


def _draft(message: EmailMessage, item: str, reading: Reading) -> Draft:
    body = message.get_body(("plain", "html"))
    if body is None:
        raise Unfit("the mail has no text of its own, only attachments: import those", "text")
    text, encoding = _body_text(body, item, reading)
    name, address = parseaddr(_header(message, "From"))
    draft = draft_from_found(
        text,
        item=item,
        published=_header(message, "Date"),
        title=_header(message, "Subject"),
        external_id=_header(message, "Message-ID").strip("<>"),
        author=name or address,
    )
    attached = sum(1 for _ in message.iter_attachments()) if message.is_multipart() else 0
    notes = (*draft.notes, *((f"{attached} attachments are not read",) if attached else ()))
    return replace(draft, notes=notes, encoding=encoding)


def _body_text(body: EmailMessage, item: str, reading: Reading) -> tuple[str, str]:
    """(text, encoding) of a part: by its declared charset where that fits, else as a file without one."""
    data = body.get_payload(decode=True) or b""
    charset = (body.get_content_charset() or "").lower()
    if body.get_content_subtype() == "html":
        page = reading.page(data, url="", item=item, charset=charset)
        return page.text, page.encoding
    try:
        if charset not in ("", "us-ascii"):
            return data.decode(charset), charset
    except (LookupError, ValueError):
        pass
    decoded = decode(data)
    return decoded.text, decoded.encoding


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _sees(head: Head, named: bool) -> bool:
    names = set()
    for line in head.text.splitlines():
        if line[:1] in (" ", "\t") and names:
            continue
        match = _HEADER.match(line)
        if not match:
            break
        names.add(match[1].lower())
    return bool(names) if named else bool(names & _TELLING and names & {"from", "subject", "date"})


EML = Reader("eml", (".eml",), _sees, _read, most=lambda limits: limits.mail_bytes)
