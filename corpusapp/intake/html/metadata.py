"""What a page declares about itself: metadata, and the text of its article in JSON-LD (schema.org)."""

import html
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from unicodedata import normalize

from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata

from corpusapp.text.folding import INVISIBLE, INVISIBLE_CLASS

_TAG = re.compile(r"<[^<>]*>")
# Comment and CDATA markers around JSON, for old browsers.
_WRAPPED = re.compile(r"^\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?)|(?:-->|(?://|/\*)?\s*\]\]>\s*(?:\*/)?|;)\s*$")
_TEXT_KEYS = ("articleBody", "text", "description")
_MAX_JSON_DEPTH = 20


@dataclass(frozen=True)
class Declared:
    """The declared text, paragraphs separated by empty lines, or empty; `posts` are the headlines of a live blog."""

    text: str = ""
    headline: str = ""
    posts: tuple[str, ...] = ()


NOTHING_DECLARED = Declared()


def declared_text(root: HtmlElement) -> Declared:
    """The longest text that the page declares, without markup. A live blog has the text of all its posts."""
    found = (declared for value in data_of(root) for declared in _texts_within(value))
    return max(found, key=lambda declared: len(declared.text), default=NOTHING_DECLARED)


def data_of(root: HtmlElement) -> Iterator[Any]:
    """The values of the page's JSON-LD; invalid JSON is skipped."""
    for script in root.iter("script"):
        if script.get("type", "").strip().lower().startswith("application/ld+json") and script.text:
            try:
                # strict=False: JSON strings in pages have raw line ends.
                yield json.loads(_WRAPPED.sub("", script.text), strict=False)
            except (ValueError, RecursionError):
                continue


def _texts_within(value: Any, depth: int = 0) -> Iterator[Declared]:
    if depth > _MAX_JSON_DEPTH or not isinstance(value, (dict, list)):
        return
    if isinstance(value, dict):
        headline = _line(value.get("headline"))
        if posts := [post for post in _listed(value.get("liveBlogUpdate")) if isinstance(post, dict)]:
            yield Declared(_blog(value, posts), headline, tuple(_line(post.get("headline")) for post in posts))
        elif body := _body(value.get("articleBody")):
            yield Declared(body, headline)
    for inner in value.values() if isinstance(value, dict) else value:
        yield from _texts_within(inner, depth + 1)


def _blog(blog: dict[str, Any], posts: list[dict[str, Any]]) -> str:
    """The posts of a live blog in page order, with headlines, after the blog's own text if no post repeats it."""
    parts = []
    for post in posts:
        body = next((body for key in _TEXT_KEYS if (body := _body(post.get(key)))), "")
        headline = _line(post.get("headline"))
        parts += [headline] if headline and not body.startswith(headline) else []
        parts += [body] if body else []
    own = _body(blog.get("articleBody"))
    if own and not any(own in part or part in own for part in parts):
        parts.insert(0, own)
    return "\n\n".join(parts)


def _body(value: Any) -> str:
    """The paragraphs of a string, or of a list of strings."""
    lines = (line for text in _listed(value) if isinstance(text, str) for line in _without_markup(text).splitlines())
    return "\n\n".join(line for line in map(str.strip, lines) if line)


def _line(value: Any) -> str:
    return " ".join(_without_markup(value).split()) if isinstance(value, str) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _without_markup(text: str) -> str:
    return html.unescape(_TAG.sub("\n", html.unescape(text)))


_LANGUAGE = re.compile(r"[a-zA-Z]{2,3}(?![a-zA-Z])")
_TITLE_BORDER = re.compile(r" [|\-–—:»·] |: ")
_MOST_TITLES, _LONGEST_TITLE = 50, 2000
# Code points of a text in which titles and authors are looked up.
_SEARCHED = 2000


@dataclass(frozen=True)
class Metadata:
    """Fields are empty if the page does not state them. `date` is an ISO day, `language` a code of 2 or 3 letters."""

    title: str = ""
    author: str = ""
    date: str = ""
    site: str = ""
    language: str = ""
    url: str = ""
    description: str = ""


def metadata_of(root: HtmlElement, url: str = "") -> Metadata:
    """Metadata by trafilatura and htmldate; the language from attributes or meta tags."""
    # extensive=False: a date in the running text is not the publication date.
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
    """All headlines that the page states, and the parts of its title."""
    titles = root.xpath("//meta[@property='og:title' or @name='twitter:title' or @name='title']/@content")
    titles += [element.text_content() for element in root.iter("title", "h1")]
    titles = [" ".join(title.split()) for title in titles[:_MOST_TITLES] if len(title) <= _LONGEST_TITLE]
    parts = [part for title in titles for part in _TITLE_BORDER.split(title) if len(part.split()) > 3]
    return [title for title in (*titles, *parts) if title]


def as_written(metadata: Metadata, root: HtmlElement, shown: Iterable[str]) -> Metadata:
    """The metadata with the page's own spelling: trafilatura removes invisible characters.

    `shown` are the visible texts of the page.
    """
    written = (*_metadata_texts(root), *shown)
    texts = [normalize("NFC", text) for text in written if INVISIBLE.search(text[:_SEARCHED])]
    if not texts:
        return metadata
    names = {name: _as_written(getattr(metadata, name), texts) for name in ("title", "author", "site", "description")}
    return replace(metadata, **names)


def _as_written(value: str, texts: list[str]) -> str:
    """The spelling of `value` in one of the texts, part by part: authors are separated by semicolons."""
    found = []
    for part in value.split("; "):
        pattern = re.compile(f"[{INVISIBLE_CLASS}]*".join(r"\s+" if c.isspace() else re.escape(c) for c in part))
        match = next(filter(None, map(pattern.search, texts)), None) if part else None
        found.append(" ".join(match[0].split()) if match else part)
    return "; ".join(found)


def _metadata_texts(root: HtmlElement) -> Iterator[str]:
    """Texts with metadata: meta tags, title, JSON-LD."""
    yield from root.xpath("//meta/@content")
    yield from (element.text or "" for element in root.iter("title"))
    yield from (text for value in data_of(root) for text in _strings(value))


def _strings(value: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth < _MAX_JSON_DEPTH and isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner, depth + 1)


def _language(root: HtmlElement) -> str:
    stated = [root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang")]
    stated += root.xpath("//meta[@property='og:locale' or @http-equiv='content-language' or @name='language']/@content")
    for value in stated:
        if match := _LANGUAGE.match((value or "").strip()):
            return match[0].lower()
    return ""
