"""Read HTML pages with an extractor, which decodes the bytes and finds the main text."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from corpusapp.intake.draft import Draft, Unfit
from corpusapp.intake.lenient_draft import draft_from_found
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import read_limited

if TYPE_CHECKING:
    from corpusapp.intake.html.decode import Decoded


@dataclass(frozen=True)
class Article:
    """The result of an extractor; fields that the page does not state are empty. `date` is in a form for `day_of`."""

    text: str
    title: str = ""
    author: str = ""
    date: str = ""
    site: str = ""
    language: str = ""
    url: str = ""
    encoding: str = ""
    notes: tuple[str, ...] = ()


# (raw bytes, URL or "") -> article; may raise `Unfit`.
ExtractHtml = Callable[[bytes, str], Article | None]

# Possessive quantifiers (`*+`): a thousand comments before the tag must not cause backtracking.
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
    """The draft of one page; raises `Unfit`.

    If the page declares no encoding, the external `charset` is used, then `named`, which a person chose.
    """
    decoded = _decoded(data, charset, named) if charset or named else None
    try:
        article = extract(codecs.BOM_UTF8 + decoded.text.encode() if decoded else data, url)
    except Unfit:
        raise
    except Exception as error:  # Parsers may raise anything on a malformed page: only this page fails.
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
    # Imported on use: the package imports lxml and trafilatura.
    from corpusapp.intake.html.decode import decode

    return decode(data, charset=charset, named=named)


def _read(source: Source, reading: Reading) -> Items:
    data = read_limited(source.stream, reading.limits.page_bytes, "the page")
    yield reading.page(data, url=source.url, item=source.item, charset=source.charset)


def _recognises(head: Head, named: bool) -> bool:
    return bool(_PAGE.match(head.text) or (named and "<" in head.text) or _FRAGMENT.match(head.text))


HTML = Reader(
    "html", (".html", ".htm", ".xhtml", ".shtml"), _recognises, _read, max_bytes=lambda limits: limits.page_bytes
)


def html_extractor() -> ExtractHtml:
    """The extractor of `corpusapp.intake.html`."""
    # Imported on use: lxml and trafilatura take a second to load.
    from corpusapp.intake.html import extract

    def extract_page(data: bytes, url: str) -> Article:
        page = extract(data, url)
        metadata = page.metadata
        names = (metadata.title, metadata.author, metadata.date, metadata.site, metadata.language, metadata.url)
        return Article(page.text, *names, page.encoding, tuple(page.notes))

    return extract_page
