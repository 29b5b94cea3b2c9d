"""What the markup and the form of a block say about it: furniture of the site, or the story."""

import re
from functools import lru_cache

from lxml.html import HtmlElement

from corpusapp.intake.html.blocks import Block

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_FURNITURE_TAGS = frozenset(("nav", "aside", "footer", "form", "menu", "figcaption", "address"))
_FURNITURE_ROLES = frozenset(("navigation", "complementary", "contentinfo", "search"))
# Whole parts of class names and ids, split at hyphens, underscores and capitals: "share-bar" is one, "shared" none.
_FURNITURE_NAMES = frozenset(
    """
    share shares sharing sharebar social socials follow comment comments disqus
    related relateds recirc recirculation recommended recommendation recommendations popular trending mostread readmore
    readnext upnext teaser teasers
    newsletter newsletters signup subscribe subscription subscriptions promo promos promotion promoted cta
    donate donation
    outbrain taboola sponsored sponsor advert advertisement ad ads adslot adunit
    breadcrumb breadcrumbs sidebar rail nav navigation menu toolbar footer tags tag taglist copyright disclaimer
    byline bylines byl bio biography authorbox caption captions credit credits placeholder gallery slideshow carousel
    cookie cookies consent gdpr paywall login signin modal popup overlay
    widget rating ratings jobs poll quiz ticker weather horoscope correction corrections
    """.split()  # noqa: SIM905 - a list of names to read
)
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAME_BORDERS = re.compile(r"[\s_\-:./]+")
_LONGEST_NAMES = 500
_WORD = re.compile(r"\w+")
# With the quotes and brackets that may close after it.
_SENTENCE_END = re.compile(r"[.!?…。！？؟।։።។:;][\"'”’»)\]]*\s*$")
_FEWEST_WORDS, _ENDING, _POINTS_A_WORD = 5, 40, 10


def words(text: str) -> list[str]:
    return _WORD.findall(text)


def size(text: str) -> int:
    """Length in words, and in scripts without spaces in about as many code points as a word would take."""
    return max(len(words(text)), len(text) // _POINTS_A_WORD)


def is_sentence(block: Block) -> bool:
    """Running text by its form: some words, and the mark of a sentence's end."""
    return bool(_SENTENCE_END.search(block.text[-_ENDING:])) and size(block.text) >= _FEWEST_WORDS


def is_furniture(element: HtmlElement) -> bool:
    """Whether the element's own tag, role, class or id names a part of the site and not of the story."""
    if element.tag in _FURNITURE_TAGS or element.get("role") in _FURNITURE_ROLES:
        return True
    return _names_furniture(f"{element.get('class', '')} {element.get('id', '')}"[:_LONGEST_NAMES])


@lru_cache(maxsize=4096)
def _names_furniture(names: str) -> bool:
    parts = {part.lower() for name in _NAME_BORDERS.split(names) for part in (name, *_NAME_PARTS.findall(name))}
    return not parts.isdisjoint(_FURNITURE_NAMES)


def class_names(element: HtmlElement) -> set[str]:
    return set(element.get("class", "").split())


def signature(block: Block, depth: int = 3) -> tuple[str, ...]:
    """The block's tag, and tag and classes of the elements above it: paragraphs of one story share it."""
    names = [str(block.tag)]
    element = block.element.getparent()
    while element is not None and len(names) < depth:
        names.append(f"{element.tag} {element.get('class', '')}")
        element = element.getparent()
    return tuple(names)
