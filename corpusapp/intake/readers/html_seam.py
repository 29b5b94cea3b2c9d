"""Between the readers and the kernel that takes the main text out of a page."""

from corpusapp.intake.readers.pages import Article, ExtractHtml


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
