"""Features of a block, from its markup and its text, that separate the story from boilerplate."""

import re
from functools import lru_cache
from unicodedata import normalize

from lxml.html import HtmlElement

from corpusapp.intake.html.blocks import Block
from corpusapp.text.folding import INVISIBLE_CLASS
from corpusapp.text.scripts import UNSPACED, is_unspaced

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BOILERPLATE_TAGS = frozenset(("nav", "aside", "footer", "form", "menu", "figcaption", "address"))
_OTHER_TAGS = frozenset(("nav", "form", "menu", "figcaption", "address"))
_BOILERPLATE_ROLES = frozenset(("navigation", "complementary", "contentinfo", "search"))
# Parts of class names and ids, split at hyphens, underscores and capitals: "share-bar" matches, "shared" does not.
_BOILERPLATE_NAMES = frozenset(
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
# Of these, names of elements that may contain a story.
_MAY_HAVE_STORY = frozenset(("sidebar", "rail", "footer"))
_NAME_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAME_BORDERS = re.compile(r"[\s_\-:./]+")
_LONGEST_NAMES = 500
# In scripts without spaces, each character is a word.
_WORD = re.compile(f"[{UNSPACED}]|[^\\W{UNSPACED}]+")
_UNCOMPARED = re.compile(f"[{INVISIBLE_CLASS}\ue000-\uf8ff]+")
# May be followed by closing quotes and brackets.
_SENTENCE_END = re.compile(r"[.!?…。！？؟।։።។:;][\"'”’»)\]]*\s*$")
_FEWEST_WORDS, _ENDING, _POINTS_A_WORD, _CHARACTERS_A_WORD = 5, 40, 10, 2


def words(text: str) -> list[str]:
    """Words of letters and digits, to compare extracted texts; invisible characters are removed, as by extractors."""
    if not text.isascii():
        text = normalize("NFC", _UNCOMPARED.sub("", text))
    return _WORD.findall(text)


def folded_words(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words(text))


def same_words(first: str, second: str) -> bool:
    return folded_words(first) == folded_words(second)


def size(text: str) -> int:
    """Length in words; scripts without spaces count two characters as a word."""
    found = words(text)
    unspaced = 0 if text.isascii() else sum(len(word) == 1 and is_unspaced(word) for word in found)
    return max(len(found) - unspaced + unspaced // _CHARACTERS_A_WORD, len(text) // _POINTS_A_WORD)


def is_sentence(block: Block) -> bool:
    """Whether it has the form of running text: some words and the end of a sentence."""
    return bool(_SENTENCE_END.search(block.text[-_ENDING:])) and size(block.text) >= _FEWEST_WORDS


def is_boilerplate(element: HtmlElement) -> bool:
    """Whether the element's tag, role, class or id names boilerplate."""
    if element.tag in _BOILERPLATE_TAGS or element.get("role") in _BOILERPLATE_ROLES:
        return True
    return bool(_boilerplate_names(_names(element)))


def names_other_parts(element: HtmlElement) -> bool:
    """Whether the element's class, id or tag names something that is never a story. An aside or a footer may be one."""
    if element.tag in _OTHER_TAGS or element.get("role") in ("navigation", "search"):
        return True
    return element.tag not in ("body", "html") and bool(_boilerplate_names(_names(element)) - _MAY_HAVE_STORY)


def _names(element: HtmlElement) -> str:
    return f"{element.get('class', '')} {element.get('id', '')}"[:_LONGEST_NAMES]


@lru_cache(maxsize=4096)
def _boilerplate_names(names: str) -> frozenset[str]:
    parts = {part.lower() for name in _NAME_BORDERS.split(names) for part in (name, *_NAME_PARTS.findall(name))}
    return _BOILERPLATE_NAMES.intersection(parts)


def class_names(element: HtmlElement) -> set[str]:
    return set(element.get("class", "").split())


def signature(block: Block, depth: int = 3) -> tuple[str, ...]:
    """The block's tag, and tag and classes of its ancestors: the same for paragraphs of one story."""
    names = [str(block.tag)]
    element = block.element.getparent()
    while element is not None and len(names) < depth:
        names.append(f"{element.tag} {element.get('class', '')}")
        element = element.getparent()
    return tuple(names)
