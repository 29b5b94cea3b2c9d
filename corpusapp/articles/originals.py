"""The bytes that an article was made from."""

import re
import zlib

from corpusapp.articles.models import Article, Original

_UNSAFE = re.compile(r"[^\w.-]+")
_ENDINGS = {"json": ".json", "csv": ".json", "feed": ".xml"}


def original_bytes(article: Article) -> tuple[str, bytes] | None:
    """(file name, bytes) of the article's original; None where none was kept."""
    original = Original.objects.filter(article=article).first()
    if original is None:
        return None
    return file_name(original), zlib.decompress(original.data)


def file_name(original: Original) -> str:
    """A name without folders or odd characters, that ends as its form does."""
    base = _UNSAFE.sub("-", original.name.rsplit("/", 1)[-1]).strip("-.")[-100:] or "original"
    ending = _ENDINGS.get(original.form, f".{original.form}")
    return base if base.lower().endswith(ending) else f"article-{original.article_id}-{base}{ending}"
