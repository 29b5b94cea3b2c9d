"""The text layer of a PDF: pdfminer.six tells each sign and its place, `columns` the order in which they are read."""

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

from corpusapp.intake.draft import Unfit
from corpusapp.intake.pdf.columns import Glyph, paragraphs_of

# What pdfminer gives for a sign whose font does not say which letter it is.
_UNKNOWN = re.compile(r"\(cid:\d+\)")
_STANDS_FOR_UNKNOWN = "\ufffd"
_MOST_UNKNOWN = 0.2
# What programs write down where nobody gave a title.
_NO_TITLES = ("about:blank", "untitled", "untitled document", "unbenannt")


def text_layer(data: bytes, most: int) -> dict[str, Any]:
    """Text, notes, title and author of a PDF of at most `most` pages; raises `Unfit`."""
    try:
        return _found(data, most)
    except (Unfit, MemoryError):
        raise
    except Exception as error:  # A damaged PDF breaks pdfminer in any number of ways.
        raise Unfit(_reason(error)) from error


def _reason(error: Exception) -> str:
    name = type(error).__name__
    if name in ("PDFPasswordIncorrect", "PDFEncryptionError"):
        return "the PDF is protected by a password: save it without"
    if name == "PDFTextExtractionNotAllowed":
        return "the PDF does not allow its text to be read"
    return f"the PDF is damaged or of an unknown kind: {name}"


def _found(data: bytes, most: int) -> dict[str, Any]:
    from pdfminer.pdfdocument import PDFDocument
    from pdfminer.pdfpage import PDFPage
    from pdfminer.pdfparser import PDFParser

    document = PDFDocument(PDFParser(BytesIO(data)))
    count = 0
    for count, _ in enumerate(PDFPage.create_pages(document), 1):
        if count > most:
            raise Unfit(f"the PDF has more than {most} pages: split it")
    pages = [
        [paragraph for glyphs in _glyphs(page) for paragraph in paragraphs_of(glyphs)] for page in _pages(document)
    ]
    text, notes = running_text(pages)
    if not text.strip():
        raise Unfit(f"the PDF has no text layer ({count} pages): it seems to be scanned, read it by OCR first")
    notes = [*notes, *_unknown(text)]
    info = document.info[0] if document.info else {}
    return {"text": text, "notes": notes, "title": _string(info.get("Title")), "author": _string(info.get("Author"))}


def _unknown(text: str) -> list[str]:
    """A note on signs that nobody can read; raises `Unfit` where so many are that the others mean little."""
    unknown = text.count(_STANDS_FOR_UNKNOWN)
    if unknown > _MOST_UNKNOWN * len("".join(text.split())):
        raise Unfit("the fonts of the PDF do not say which letters its signs are: read it by OCR")
    told = f"{unknown} signs stand as U+FFFD: the fonts of the PDF do not say which letters they are"
    return [told] if unknown else []


def _pages(document: Any) -> Any:
    from pdfminer.converter import PDFPageAggregator
    from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
    from pdfminer.pdfpage import PDFPage

    manager = PDFResourceManager()
    device = PDFPageAggregator(manager, laparams=None)
    interpreter = PDFPageInterpreter(manager, device)
    for page in PDFPage.create_pages(document):
        interpreter.process_page(page)
        yield device.get_result()


def _glyphs(page: Any) -> list[list[Glyph]]:
    """The signs of a page by how they are turned, upright ones first; those in figures where it has no other."""
    from pdfminer.layout import LTChar, LTFigure

    def within(container: Any) -> Iterator[Any]:
        for thing in container:
            if isinstance(thing, LTFigure):
                yield from within(thing)
            elif isinstance(thing, LTChar):
                yield thing

    found: dict[int, list[Glyph]] = {}
    for sign in [thing for thing in page if isinstance(thing, LTChar)] or list(within(page)):
        turned, glyph = _glyph(sign)
        found.setdefault(turned, []).append(glyph)
    return [found[turned] for turned in sorted(found)]


def _glyph(sign: Any) -> tuple[int, Glyph]:
    """(quarter turns, the sign as it stands once the page is turned so that it is upright)."""
    across, up, _, _, x, y = sign.matrix
    if abs(across) >= abs(up):
        turned, place = (0, (sign.x0, sign.x1, y)) if across >= 0 else (2, (-sign.x1, -sign.x0, -y))
        size = sign.y1 - sign.y0
    else:
        turned, place = (1, (sign.y0, sign.y1, -x)) if up > 0 else (3, (-sign.y1, -sign.y0, x))
        size = sign.x1 - sign.x0
    text = sign.get_text()
    return turned, Glyph(_STANDS_FOR_UNKNOWN if _UNKNOWN.fullmatch(text) else text, *place, size)


def _string(value: Any) -> str:
    from pdfminer.pdftypes import resolve1
    from pdfminer.utils import decode_text

    value = resolve1(value)
    text = decode_text(value) if isinstance(value, bytes) else ""
    return "" if text.strip().lower() in _NO_TITLES else text


# A word, a hyphen at the line's end, a word in small letters below.
_PARTED = re.compile(r"(\w+)[-\u2010][ \t]*\n\s*(?=[^\W\d_])(\w+)")
_SOFT = re.compile("\u00ad[ \\t]*\\n\\s*")
# A paragraph that a column or a page ends before its sentence does.
_OPEN = re.compile(r"[\w,;\-\u2010]$")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile("[ﬀ-ﬆ]")


def running_text(pages: Iterable[Iterable[str]]) -> tuple[str, list[str]]:
    """(text, notes) of the boxes of each page: a box is a paragraph or more, its lines joined by spaces."""
    paragraphs: list[str] = []
    for boxes in pages:
        for box in boxes:
            for paragraph in re.split(r"\n\s*\n", box.replace("\0", "").strip()):
                if paragraph and paragraphs and _OPEN.search(paragraphs[-1]) and paragraph[0].islower():
                    paragraphs[-1] += f"\n{paragraph.strip()}"
                elif paragraph.strip():
                    paragraphs.append(paragraph.strip())
    text, joined = _joined("\n\n".join(paragraphs))
    text = _LIGATURE.sub(lambda match: _LIGATURES[match[0]], text)
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return text, [f"{joined} words that were parted at line ends were joined"] if joined else []


def _joined(text: str) -> tuple[str, int]:
    """Words in one piece; the hyphen stays where the text has the compound elsewhere, or a capital follows."""
    text, joined = _SOFT.subn("", text)

    def whole(match: re.Match[str]) -> str:
        nonlocal joined
        first, second = match.groups()
        if not second[0].islower() or f"{first}-{second}" in text:
            return f"{first}-{second}"
        joined += 1
        return first + second

    return _PARTED.sub(whole, text), joined
