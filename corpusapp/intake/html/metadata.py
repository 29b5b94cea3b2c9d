"""What a page says of itself: title, author, date, site, language, and the text that it declares as its own."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata

_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?![a-zA-Z])")
_TITLE_BORDER = re.compile(r" [|\-–—:»·] |: ")
_TAG = re.compile(r"<[^<>]*>")
_MOST_TITLES, _LONGEST_TITLE = 50, 2000
_MAX_JSON_DEPTH = 20


@dataclass(frozen=True)
class Metadata:
    """Empty where the page does not say. `date` is an ISO day, `language` a code of two or three letters."""

    title: str = ""
    author: str = ""
    date: str = ""
    site: str = ""
    language: str = ""
    url: str = ""
    description: str = ""


def metadata_of(root: HtmlElement, url: str = "") -> Metadata:
    """Metadata by trafilatura and htmldate, the language by the page's own attribute or meta tags."""
    # No look into the running text for a date: a day that the story mentions is not the day it came out.
    found = extract_metadata(root, url or None, extensive=False)
    return Metadata(
        title=found.title or "",
        author=found.author or "",
        date=found.date or "",
        site=found.sitename or "",
        language=_language(root),
        url=url or found.url or "",
        description=found.description or "",
    )


def titles_of(root: HtmlElement) -> list[str]:
    """Every form in which the page states its headline, the parts of its window title included."""
    titles = root.xpath("//meta[@property='og:title' or @name='twitter:title' or @name='title']/@content")
    titles += [element.text_content() for element in root.iter("title", "h1")]
    titles = [" ".join(title.split()) for title in titles[:_MOST_TITLES] if len(title) <= _LONGEST_TITLE]
    parts = [part for title in titles for part in _TITLE_BORDER.split(title) if len(part.split()) > 3]
    return [title for title in (*titles, *parts) if title]


def declared_text(root: HtmlElement) -> str:
    """The longest schema.org articleBody in the page's JSON-LD, without markup; empty where there is none."""
    texts = []
    for script in root.iterfind(".//script[@type='application/ld+json']"):
        if "articleBody" in (script.text or ""):
            texts += _article_bodies(script.text or "")
    return max((html.unescape(_TAG.sub("\n", html.unescape(text))) for text in texts), key=len, default="")


def _article_bodies(source: str) -> list[str]:
    try:
        # strict=False: pages carry raw line ends within JSON strings.
        return list(_bodies_within(json.loads(source, strict=False)))
    except (ValueError, RecursionError):
        return []


def _bodies_within(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > _MAX_JSON_DEPTH:
        return
    if isinstance(value, dict):
        body = value.get("articleBody")
        if isinstance(body, str):
            yield body
        for inner in value.values():
            yield from _bodies_within(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _bodies_within(inner, depth + 1)


def _language(root: HtmlElement) -> str:
    stated = [root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang")]
    stated += root.xpath("//meta[@property='og:locale' or @http-equiv='content-language' or @name='language']/@content")
    for value in stated:
        if match := _LANGUAGE.match((value or "").strip()):
            return match[0].lower()
    return ""
