"""The bytes that an article was made from."""

import re
import zlib
from dataclasses import dataclass

from corpusapp.articles.models import Article, Original
from corpusapp.intake.draft import Unfit

_UNSAFE = re.compile(r"[^\w.-]+")
_ENDINGS = {"json": ".json", "csv": ".json", "feed": ".xml"}


def original_bytes(article: Article) -> tuple[str, bytes] | None:
    """(file name, bytes) of the article's original; None where none was kept."""
    original = Original.objects.filter(article=article).first()
    if original is None:
        return None
    return file_name(original), zlib.decompress(original.data)


@dataclass(frozen=True)
class LeftOut:
    """A block of a page that is no main text, and why."""

    text: str
    reason: str


def left_out(article: Article) -> list[LeftOut]:
    """What the reading of a page drops, in the order of the page; empty for other forms, whose texts stay whole."""
    original = Original.objects.filter(article=article, form="html").first()
    if original is None:
        return []
    # lxml and trafilatura take a second to load, and few requests need them.
    from corpusapp.intake.html import extract

    try:
        page = extract(zlib.decompress(original.data), article.url)
    except Unfit:
        return []
    return [LeftOut(block.text, block.reason) for block in page.dropped]


def file_name(original: Original) -> str:
    """A name without folders or odd characters, that ends as its form does."""
    base = _UNSAFE.sub("-", original.name.rsplit("/", 1)[-1]).strip("-.")[-100:] or "original"
    ending = _ENDINGS.get(original.form, f".{original.form}")
    return base if base.lower().endswith(ending) else f"article-{original.article_id}-{base}{ending}"
