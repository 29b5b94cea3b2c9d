"""Choose between three extractions of a page: the extractor's text, the densest text, and the declared text.

The extractor is right for most pages. Another text is used only if the extractor's text has little of it and is
doubtful: a cookie notice while the story is in an `<aside>`, or a text that is only in the page's data.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from corpusapp.intake.html.features import names_other_parts, same_words, size
from corpusapp.intake.html.metadata import NOTHING_DECLARED, Declared
from corpusapp.intake.html.phrases import is_notice
from corpusapp.intake.html.story import LIST_TAGS, LONG, TEXT_TAGS, Choice, with_ancestors

# With a smaller share of the fuller text's words, the precise text lacks the story.
_MISSED_SHARE = 0.3
# A text is not contained below the first share of its words, and present from the second on.
_HELD_SHARE, _THERE_SHARE = 0.3, 0.5
# An extraction with a smaller share of the densest text is doubtful.
_SMALL_SHARE = 0.25
# A text with fewer words is not a missed story.
_LEAST = 30
_MOSTLY_LINKS = 0.5


@dataclass(frozen=True)
class Evidence:
    """Information besides the blocks: two extracted texts, possible headlines, the declared text."""

    precise: str
    fuller: str = ""
    titles: Sequence[str] = ()
    declared: Declared = NOTHING_DECLARED


def vote(choice: Choice, evidence: Evidence) -> tuple[frozenset[int], tuple[str, ...]]:
    """(blocks of the best extraction, a note if it is not the extractor's)."""
    read = _read(choice, evidence)
    stated = _long(choice, choice.found_in(evidence.declared.text))
    if choice.weight(stated) >= max(_LEAST, _THERE_SHARE * size(evidence.declared.text)):
        if not _holds(choice, read, stated):
            return stated, (_note(choice, read, stated, "the text that the page declares"),)
        return read, ()
    densest = _densest(choice)
    if choice.weight(densest) >= _LEAST and not _holds(choice, read, densest) and _is_doubtful(choice, read, densest):
        return densest, (_note(choice, read, densest, "its densest text"),)
    return read, ()


def is_in_data_alone(choice: Choice, evidence: Evidence) -> bool:
    """Whether the declared text is not in the page's blocks, and the kept text is less credible."""
    declared = evidence.declared
    stated, kept, found = size(declared.text), choice.kept_long(), choice.found_in(declared.text)
    # Also a short text, if nothing else was extracted.
    if stated < (_LEAST if kept else LONG) or choice.weight(_long(choice, found)) >= _THERE_SHARE * stated:
        return False
    weight = choice.weight(kept)
    if choice.weight(found.intersection(kept)) >= _THERE_SHARE * weight:
        return weight < _THERE_SHARE * stated
    headlined = any(same_words(declared.headline, title) for title in evidence.titles)
    return weight < _HELD_SHARE * stated and headlined


def disagreement(choice: Choice, evidence: Evidence) -> tuple[str, ...]:
    """A note if the declared text differs from the kept one."""
    stated, kept = size(evidence.declared.text), choice.kept_long()
    agreed = choice.weight(choice.found_in(evidence.declared.text).intersection(kept))
    if stated < _LEAST or agreed >= _HELD_SHARE * choice.weight(kept):
        return ()
    return (f"the page declares another text ({stated} words) than the one that was read in it",)


def _read(choice: Choice, evidence: Evidence) -> frozenset[int]:
    precise, fuller = choice.found_in(evidence.precise), choice.found_in(evidence.fuller)
    words = [choice.weight(_long(choice, reading)) for reading in (precise, fuller)]
    return fuller if words[0] < _MISSED_SHARE * words[1] else precise


def _densest(choice: Choice) -> frozenset[int]:
    """The paragraphs of the element with most running text, directly or one level below."""
    weights: defaultdict[HtmlElement, float] = defaultdict(float)
    members: defaultdict[HtmlElement, set[int]] = defaultdict(set)
    for i, block in enumerate(choice.blocks):
        if not choice.is_paragraph(i) or block.link_share >= _MOSTLY_LINKS or is_notice(block):
            continue
        if any(names_other_parts(element) for element in with_ancestors(block.element)):
            continue
        holders = (element for element in with_ancestors(block.element) if element.tag not in TEXT_TAGS | LIST_TAGS)
        # The deeper of two with the same text wins.
        for share, element in zip((1.0, 0.9), islice(holders, 2), strict=False):
            weights[element] += share * choice.sizes[i]
            members[element].add(i)
    return frozenset(members[max(weights, key=weights.__getitem__)]) if weights else frozenset()


def _holds(choice: Choice, read: Iterable[int], text: frozenset[int]) -> bool:
    return choice.weight(text.intersection(read)) >= _HELD_SHARE * choice.weight(text)


def _is_doubtful(choice: Choice, read: frozenset[int], densest: frozenset[int]) -> bool:
    """Whether an extraction is mostly notices, very short, or lacks the headline above the densest text."""
    long = _long(choice, read)
    notices = choice.weight(i for i in long if is_notice(choice.blocks[i]))
    if notices >= _THERE_SHARE * choice.weight(long) or choice.weight(long) < _SMALL_SHARE * choice.weight(densest):
        return True
    return _has_headline(choice, densest) and not _has_headline(choice, long)


def _has_headline(choice: Choice, text: Iterable[int]) -> bool:
    """Whether one of the three blocks above the first of these is an <h1>."""
    first = min(text, default=0)
    above = choice.blocks[max(0, first - 3) : first + 1]
    return any(block.tag == "h1" for block in above)


def _long(choice: Choice, positions: Iterable[int]) -> frozenset[int]:
    return frozenset(i for i in positions if choice.is_long(i))


def _note(choice: Choice, read: Iterable[int], taken: frozenset[int], what: str) -> str:
    held = choice.weight(taken.intersection(read))
    return (
        f"the readings of the page disagree: {what} was taken, of whose {choice.weight(taken)} words another reading "
        f"holds {held}"
    )
