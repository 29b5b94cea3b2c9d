"""What stands behind the HTML seam: corpusapp.intake.html where it is there, plain trafilatura until then."""

from corpusapp.intake.readers.encodings import decode
from corpusapp.intake.readers.pages import Article, ExtractHtml


def html_extractor() -> ExtractHtml:
    """The function that makes an article of a page."""
    try:
        from corpusapp.intake.html import extract
    except ImportError:
        return _plain

    def by_kernel(data: bytes, url: str) -> Article:
        page = extract(data, url)
        said = page.metadata
        names = (said.title, said.author, said.date, said.site, said.language, said.url)
        return Article(page.text, *names, page.encoding, tuple(page.notes))

    return by_kernel


def _plain(data: bytes, url: str) -> Article | None:
    from trafilatura import bare_extraction

    decoded = decode(data)
    found = bare_extraction(decoded.text.removeprefix("\ufeff"), url=url or None, with_metadata=True)
    if found is None:
        return None
    names = (found.title, found.author, found.date, found.sitename or found.hostname, found.language, found.url)
    return Article((found.text or "").strip(), *(name or "" for name in names), decoded.encoding)
