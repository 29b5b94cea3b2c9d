"""The text that a page states in its data (JSON-LD, schema.org) as that of its article, or of its live blog."""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

_TAG = re.compile(r"<[^<>]*>")
# What pages put around JSON so that old browsers pass over it.
_WRAPPED = re.compile(r"^\s*(?:<!--|(?://|/\*)?\s*<!\[CDATA\[\s*(?:\*/)?)|(?:-->|(?://|/\*)?\s*\]\]>\s*(?:\*/)?|;)\s*$")
_TEXT_KEYS = ("articleBody", "text", "description")
_MAX_JSON_DEPTH = 20


@dataclass(frozen=True)
class Declared:
    """Paragraphs apart by empty lines; empty where the page declares no text. `posts` are a live blog's headlines."""

    text: str = ""
    headline: str = ""
    posts: tuple[str, ...] = ()


NOTHING_DECLARED = Declared()


def declared_text(root: HtmlElement) -> Declared:
    """The longest text that the page declares, without markup. That of a live blog is that of all its posts."""
    found = (declared for value in data_of(root) for declared in _texts_within(value))
    return max(found, key=lambda declared: len(declared.text), default=NOTHING_DECLARED)


def data_of(root: HtmlElement) -> Iterator[Any]:
    """The values of the page's JSON-LD; what is no JSON is passed over."""
    for script in root.iter("script"):
        if script.get("type", "").strip().lower().startswith("application/ld+json") and script.text:
            try:
                # strict=False: pages carry raw line ends within JSON strings.
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
    """The blog's own text, unless a post repeats it, then its posts in the page's order, each under its headline."""
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
    """A string, or strings in a list, as paragraphs."""
    lines = (line for text in _listed(value) if isinstance(text, str) for line in _without_markup(text).splitlines())
    return "\n\n".join(line for line in map(str.strip, lines) if line)


def _line(value: Any) -> str:
    return " ".join(_without_markup(value).split()) if isinstance(value, str) else ""


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _without_markup(text: str) -> str:
    return html.unescape(_TAG.sub("\n", html.unescape(text)))
