"""HTML pages: raw bytes go through the HTML seam, which knows encodings and what is an article's text."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpusapp.intake.draft import Draft, Unfit
from corpusapp.intake.lenient_draft import draft_from_found
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import taken

if TYPE_CHECKING:
    from corpusapp.intake.html.decode import Decoded


@dataclass(frozen=True)
class Article:
    """What the seam makes of a page; empty where the page does not say. `date` is as `day_of` reads it."""

    text: str
    title: str = ""
    author: str = ""
    date: str = ""
    site: str = ""
    language: str = ""
    url: str = ""
    encoding: str = ""
    notes: tuple[str, ...] = ()


# (raw bytes, address or "") -> article; may raise `Unfit`.
ExtractHtml = Callable[[bytes, str], Article | None]

# What stands before is matched once (`*+`), so that a thousand comments cost no thousand ways to part them.
_PAGE = re.compile(r"(?:<\?xml[^>]*>|<!--.*?-->|\s++)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_FRAGMENT = re.compile(r"\s*<(?:article|div|main|section|p|h1)\b[^>]*>", re.I)


def page_draft(
    extract: ExtractHtml,
    data: bytes,
    *,
    url: str,
    item: str,
    charset: str = "",
    named: str = "",
    line: int | None = None,
) -> Draft:
    """The draft of one page; raises `Unfit`. Where the page says no encoding, `charset`, which came beside it, counts,
    then `named`, which a person said."""
    decoded = _decoded(data, charset, named) if charset or named else None
    try:
        article = extract(codecs.BOM_UTF8 + decoded.text.encode() if decoded else data, url)
    except Unfit:
        raise
    except Exception as error:  # A hostile page may break any parser: it fails alone.
        raise Unfit(f"the page cannot be read: {type(error).__name__}") from error
    if not (article and article.text and article.text.strip()):
        raise Unfit("no article text was found in the page", "text")
    draft = draft_from_found(
        article.text,
        item=item,
        line=line,
        published=article.date,
        title=article.title,
        url=url or article.url,
        source=article.site,
        language=article.language,
        author=article.author,
    )
    encoding, doubts = (decoded.encoding, decoded.notes) if decoded else (article.encoding, ())
    return replace(draft, notes=(*draft.notes, *doubts, *article.notes), encoding=encoding, form="html", raw=data)


def _decoded(data: bytes, charset: str, named: str) -> "Decoded":
    # With its package come lxml and trafilatura: who reads no page does without.
    from corpusapp.intake.html.decode import decode

    return decode(data, beside=charset, named=named)


def _read(source: Source, reading: Reading) -> Items:
    data = taken(source.stream, reading.limits.page_bytes, "the page")
    yield reading.page(data, url=source.url, item=source.item, charset=source.charset)


def _sees(head: Head, named: bool) -> bool:
    return bool(_PAGE.match(head.text) or (named and "<" in head.text) or _FRAGMENT.match(head.text))


HTML = Reader("html", (".html", ".htm", ".xhtml", ".shtml"), _sees, _read, most=lambda limits: limits.page_bytes)


def html_extractor() -> ExtractHtml:
    """The function that makes an article of a page."""
    # lxml and trafilatura take a second to load: who reads no page does without.
    from corpusapp.intake.html import extract

    def by_kernel(data: bytes, url: str) -> Article:
        page = extract(data, url)
        said = page.metadata
        names = (said.title, said.author, said.date, said.site, said.language, said.url)
        return Article(page.text, *names, page.encoding, tuple(page.notes))

    return by_kernel
