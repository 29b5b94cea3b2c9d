"""What stands behind the HTML seam: corpusapp.intake.html where it is there, plain trafilatura until then."""

from dataclasses import dataclass

from corpusapp.intake.readers.encodings import decode
from corpusapp.intake.readers.pages import ExtractHtml


def html_extractor() -> ExtractHtml:
    """The function that makes an article of a page."""
    try:
        from corpusapp.intake.html import extract
    except ImportError:
        return _plain
    return lambda data, url: extract(data, url)


@dataclass(frozen=True)
class _Article:
    text: str
    title: str
    author: str
    date: str
    site: str
    language: str
    encoding: str


def _plain(data: bytes, url: str) -> _Article | None:
    from trafilatura import bare_extraction

    decoded = decode(data)
    found = bare_extraction(decoded.text.removeprefix("\ufeff"), url=url or None, with_metadata=True)
    if found is None:
        return None
    names = (found.title, found.author, found.date, found.sitename or found.hostname, found.language)
    return _Article((found.text or "").strip(), *(name or "" for name in names), decoded.encoding)
