"""Originals of articles: download and dropped blocks."""

import hashlib
import re
import zlib
from dataclasses import dataclass
from io import BytesIO

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from corpusapp.articles.models import Article, Original
from corpusapp.core.downloads import file_response
from corpusapp.core.errors import NotFound
from corpusapp.intake.draft import Unfit

_UNSAFE = re.compile(r"[^\w.-]+")
_ENDINGS = {"json": ".json", "csv": ".json", "feed": ".xml"}


def original_response(request: HttpRequest | Request, article: Article) -> HttpResponseBase:
    """The original as a download. Raises `NotFound` if there is none."""
    found = original_bytes(article)
    if found is None:
        raise NotFound(f"article {article.pk} has no original: none was kept at import")
    name, data = found
    # Untrusted content: browsers must not show it as a page of this site.
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
    sha256 = hashlib.sha256(data).hexdigest()
    return file_response(
        request, BytesIO(data), name=name, content_type="application/octet-stream", sha256=sha256, headers=headers
    )


def original_bytes(article: Article) -> tuple[str, bytes] | None:
    """(file name, bytes) of the article's original; None if there is none."""
    original = Original.objects.filter(article=article).first()
    if original is None:
        return None
    return file_name(original), zlib.decompress(original.data)


@dataclass(frozen=True)
class LeftOut:
    """A block of a page that is not main text, with the reason."""

    text: str
    reason: str


def left_out(article: Article) -> list[LeftOut]:
    """The blocks that the reader of a page drops, in page order; empty for other forms."""
    original = Original.objects.filter(article=article, form="html").first()
    if original is None:
        return []
    # Imported on use: lxml and trafilatura take a second to load.
    from corpusapp.intake.html import extract

    try:
        page = extract(zlib.decompress(original.data), article.url)
    except Unfit:
        return []
    return [LeftOut(block.text, block.reason) for block in page.dropped]


def file_name(original: Original) -> str:
    """A safe file name with the suffix of the form."""
    base = _UNSAFE.sub("-", original.name.rsplit("/", 1)[-1]).strip("-.")[-100:] or "original"
    ending = _ENDINGS.get(original.form, f".{original.form}")
    return base if base.lower().endswith(ending) else f"article-{original.article_id}-{base}{ending}"
