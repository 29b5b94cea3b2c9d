"""Select the blocks of a page that are its main text.

Extracted texts vote for blocks. Position and wording correct the result: paragraphs with the markup of the story are
added; headline, pointers, appeals, notices and credits are dropped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from corpusapp.intake.html.blocks import Block
from corpusapp.intake.html.features import HEADINGS, class_names, folded_words, is_sentence, signature, size
from corpusapp.intake.html.phrases import (
    is_appeal,
    is_bare_pointer,
    is_byline,
    is_caption,
    is_credit,
    is_interruption,
    is_notice,
    points_elsewhere,
)
from corpusapp.intake.html.story import Choice, Place
from corpusapp.intake.html.vote import Evidence, disagreement, is_in_data_alone, vote

# If fewer of the extracted words are left, the dropped blocks were not boilerplate: the vote is restored.
_MISREAD_SHARE = 0.4


@dataclass(frozen=True)
class Selection:
    """`reasons` has "" for each block of the main text, else why it is dropped; `notes` say where extractions differ.

    `in_data_alone`: the text is the declared one, which is not in the blocks.
    """

    reasons: Sequence[str]
    notes: tuple[str, ...] = ()
    in_data_alone: bool = False


def select(blocks: Sequence[Block], evidence: Evidence) -> Selection:
    """Select the blocks of the main text."""
    choice = Choice(blocks)
    voted, notes = vote(choice, evidence)
    choice.keep(voted)
    if evidence.declared.text:
        believe_declared_text(choice, evidence.declared.text)
    if choice.kept_long():
        _correct(choice, evidence, voted)
    if is_in_data_alone(choice, evidence):
        return Selection(choice.reasons, in_data_alone=True)
    return Selection(choice.reasons, notes or disagreement(choice, evidence))


def _correct(choice: Choice, evidence: Evidence, voted: frozenset[int]) -> None:
    recover_paragraphs(choice, Place(choice))
    place = Place(choice)
    recover_between(choice, place)
    drop_outside(choice, place)
    drop_repeats(choice)
    drop_opening(choice, place, evidence.titles)
    drop_pointers(choice)
    drop_boilerplate(choice, place)
    drop_closing(choice)
    if choice.weight(i for i, _ in choice.kept_blocks()) < _MISREAD_SHARE * choice.weight(voted):
        choice.keep(voted)
    drop_notices(choice)


# Minimum agreement, in shares of words, of a declared text with the kept blocks.
_AGREED, _AGREED_OF_DECLARED, _NOT_CUT = 0.75, 0.4, 0.75
_MOSTLY_LINKS = 0.5
_FORMS = (*HEADINGS, "li", "dd", "dt", "tr", "td", "th", "blockquote", "pre")


def believe_declared_text(choice: Choice, declared: str) -> None:
    """Let the declared text decide over longer blocks, if it agrees with the kept ones and is not truncated."""
    found = choice.found_in(declared)
    kept = choice.kept_long()
    agreed, of_kept, stated = choice.weight(found.intersection(kept)), choice.weight(kept), size(declared)
    if agreed < _AGREED * of_kept or agreed < _AGREED_OF_DECLARED * stated or stated < _NOT_CUT * of_kept:
        return
    for i in kept:
        if i not in found:
            choice.drop(i, "not in the text that the page declares")
    choice.declared = found
    choice.keep(i for i in found if choice.is_long(i))


def recover_paragraphs(choice: Choice, place: Place) -> None:
    """Keep paragraphs with the same markup elsewhere in the same article: a story in several containers."""
    signatures, classes = place.main_signatures(), place.main_classes()
    for i, block in list(choice.others()):
        if not choice.is_long(i) or block.link_share >= _MOSTLY_LINKS or not is_sentence(block):
            continue
        alike = signature(block) in signatures or not classes.isdisjoint(class_names(block.element))
        if alike and place.same_article(i) and not place.in_boilerplate(i):
            choice.keep([i])


def recover_between(choice: Choice, place: Place) -> None:
    """Keep blocks directly in a body between kept ones: subheadings, lists, tables, quotes, short lines."""
    kept = [i for i, _ in choice.kept_blocks() if place.in_body(i)]
    for i, block in list(choice.others()):
        between = bool(kept) and kept[0] < i < kept[-1] and place.directly_in_body(i)
        if between and block.link_share < _MOSTLY_LINKS and _has_form(choice, i) and not points_elsewhere(block):
            choice.keep([i])


def _has_form(choice: Choice, i: int) -> bool:
    """Whether it is running text, a heading, or part of a list or table: other short lines are mostly adverts."""
    return choice.is_long(i) or is_sentence(choice.blocks[i]) or choice.blocks[i].tag in _FORMS


NOTICE = "a notice of the site"
_ELSEWHERE = "leads to another page"
_LINK_LIST, _CLOSING_LINK_LIST = 0.8, 0.4
# Names of boilerplate are ignored if they match more of the kept words than this.
_BOILERPLATE_SHARE = 0.3
_LONGEST_APPEAL = 60


def drop_outside(choice: Choice, place: Place) -> None:
    """Drop blocks outside the story, and captions. A paragraph above the body, such as a lead, stays."""
    body = [i for i in choice.kept_long() if place.in_body(i)]
    for i, block in choice.kept_blocks():
        if i in choice.declared:
            continue
        if body and i > body[-1] and not place.in_body(i):
            choice.drop(i, "below the story")
        elif not place.in_story(i) and not (body and i < body[0] and choice.is_paragraph(i)):
            choice.drop(i, "outside the story")
        elif is_caption(block) and not place.directly_in_body(i):
            choice.drop(i, "a caption")


def drop_repeats(choice: Choice) -> None:
    """Drop the second of two equal paragraphs with different markup, for narrow and wide screens."""
    seen: dict[str, tuple[str, ...]] = {}
    for i, block in choice.kept_blocks():
        if choice.is_long(i) and seen.setdefault(block.text, signature(block)) != signature(block):
            choice.drop(i, "repeated")


def drop_opening(choice: Choice, place: Place, titles: Iterable[str]) -> None:
    """Drop the headline, and blocks before the first paragraph that are not in a body."""
    first = next((i for i in choice.kept_long() if choice.is_paragraph(i) and place.in_body(i)), None)
    if first is None:
        return
    known = {folded_words(title) for title in titles}
    for i, block in choice.kept_blocks():
        if i > first + 2:
            break
        if (block.tag == "h1" and i < first) or folded_words(block.text) in known:
            choice.drop(i, "headline")
        elif i < first and not place.in_body(i) and (block.tag == "h2" or not choice.is_paragraph(i)):
            choice.drop(i, "above the story")
        elif i < first and not choice.is_long(i) and is_byline(block):
            choice.drop(i, "byline or date")


def drop_pointers(choice: Choice) -> None:
    """Drop lines and whole lists that lead to other pages, and labels of adverts and players."""
    for i, block in choice.kept_blocks():
        if is_interruption(block):
            choice.drop(i, "an advert's or player's label")
        elif points_elsewhere(block):
            choice.drop(i, _ELSEWHERE)
    for items in _lists(choice).values():
        if all(choice.blocks[i].link_share >= _LINK_LIST for i in items):
            for i in items:
                choice.drop(i, _ELSEWHERE)


def drop_boilerplate(choice: Choice, place: Place) -> None:
    """Drop blocks in elements named as boilerplate, and appeals and credits outside the body."""
    inside = [i for i, _ in choice.kept_blocks() if i not in choice.declared and place.in_boilerplate(i)]
    if choice.weight(inside) <= _BOILERPLATE_SHARE * choice.weight(i for i, _ in choice.kept_blocks()):
        for i in inside:
            choice.drop(i, "boilerplate of the site")
    for i, block in choice.kept_blocks():
        apart = i not in choice.declared and not place.directly_in_body(i)
        if apart and (is_credit(block) or is_appeal(block)):
            choice.drop(i, "an appeal or a credit")


def drop_closing(choice: Choice) -> None:
    """Drop credits, appeals, links and empty headings after the last sentence of the story."""
    lists = {i: items for items in _lists(choice).values() for i in items}
    for i, block in reversed(list(choice.kept_blocks())):
        if is_credit(block):
            choice.drop(i, "credits")
        elif is_appeal(block) and choice.sizes[i] < _LONGEST_APPEAL:
            choice.drop(i, "an appeal to the reader")
        elif is_bare_pointer(block) or _is_mostly_links(choice, i, lists.get(i, ())):
            choice.drop(i, _ELSEWHERE)
        elif block.tag in HEADINGS:
            choice.drop(i, "a heading over nothing")
        elif choice.words[i]:
            break


def drop_notices(choice: Choice) -> None:
    """Drop everything if all blocks are notices of the site."""
    kept = choice.kept_long()
    if all(is_notice(choice.blocks[i]) for i in kept):
        for i, _ in choice.kept_blocks():
            choice.drop(i, NOTICE)


def _lists(choice: Choice) -> dict[HtmlElement, list[int]]:
    """The indices of the kept items of each list."""
    lists: dict[HtmlElement, list[int]] = {}
    for i, block in choice.kept_blocks():
        if block.tag == "li":
            lists.setdefault(block.element.getparent(), []).append(i)
    return lists


def _link_share(choice: Choice, items: Sequence[int]) -> float:
    length = sum(len(choice.blocks[i].text) for i in items)
    return sum(choice.blocks[i].link_share * len(choice.blocks[i].text) for i in items) / length if length else 0.0


def _is_mostly_links(choice: Choice, i: int, items: Sequence[int]) -> bool:
    return choice.blocks[i].link_share >= _MOSTLY_LINKS or _link_share(choice, items) >= _CLOSING_LINK_LIST
