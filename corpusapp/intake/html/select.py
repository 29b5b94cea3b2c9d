"""Which blocks of a page are its main text.

Readings of the page are votes over its blocks. What stands where, and how it is written, corrects them: paragraphs that
share the story's place in the markup come back; headline, pointers, appeals, notices and credits go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from corpusapp.intake.html import discard
from corpusapp.intake.html.blocks import Block
from corpusapp.intake.html.choice import Choice
from corpusapp.intake.html.features import HEADINGS, class_names, is_sentence, signature, size
from corpusapp.intake.html.phrases import points_elsewhere
from corpusapp.intake.html.place import Place
from corpusapp.intake.html.vote import Evidence, disagreement, stands_in_data_alone, vote

# Below this share of the read words, what looked like furniture must have been the story, and the reading stands.
_MISREAD_SHARE = 0.4


@dataclass(frozen=True)
class Selection:
    """For each block "" where it belongs to the main text, else why it does not; and where the readings disagreed.

    `in_data_alone` says that the text is the one that the page declares, which its blocks do not show.
    """

    reasons: Sequence[str]
    notes: tuple[str, ...] = ()
    in_data_alone: bool = False


def select(blocks: Sequence[Block], evidence: Evidence) -> Selection:
    """Which of the blocks are the main text."""
    choice = Choice(blocks)
    voted, notes = vote(choice, evidence)
    choice.keep(voted)
    if evidence.declared.text:
        believe_declared_text(choice, evidence.declared.text)
    if choice.kept_long():
        _correct(choice, evidence, voted)
    if stands_in_data_alone(choice, evidence):
        return Selection(choice.reasons, in_data_alone=True)
    return Selection(choice.reasons, notes or disagreement(choice, evidence))


def _correct(choice: Choice, evidence: Evidence, voted: frozenset[int]) -> None:
    recover_paragraphs(choice, Place(choice))
    place = Place(choice)
    recover_between(choice, place)
    discard.drop_outside(choice, place)
    discard.drop_repeats(choice)
    discard.drop_opening(choice, place, evidence.titles)
    discard.drop_pointers(choice)
    discard.drop_furniture(choice, place)
    discard.drop_closing(choice)
    if choice.weight(i for i, _ in choice.kept_blocks()) < _MISREAD_SHARE * choice.weight(voted):
        choice.keep(voted)
    discard.drop_notices(choice)


# How far a declared text must agree with the kept one before it is believed, in shares of words.
_AGREED, _AGREED_OF_DECLARED, _NOT_CUT = 0.75, 0.4, 0.75
_MOSTLY_LINKS = 0.5
_FORMS = (*HEADINGS, "li", "dd", "dt", "tr", "td", "th", "blockquote", "pre")


def believe_declared_text(choice: Choice, declared: str) -> None:
    """Let the page's own statement of its text decide over longer blocks, where it agrees and is not cut short."""
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
    """Paragraphs of the same make as the kept ones, elsewhere in the same article: a story in several containers."""
    signatures, classes = place.main_signatures(), place.main_classes()
    for i, block in list(choice.others()):
        if not choice.is_long(i) or block.link_share >= _MOSTLY_LINKS or not is_sentence(block):
            continue
        alike = signature(block) in signatures or not classes.isdisjoint(class_names(block.element))
        if alike and place.same_article(i) and not place.in_furniture(i):
            choice.keep([i])


def recover_between(choice: Choice, place: Place) -> None:
    """What stands right in a body between kept blocks: subheadings, lists, tables, quotes, short lines."""
    kept = [i for i, _ in choice.kept_blocks() if place.in_body(i)]
    for i, block in list(choice.others()):
        between = bool(kept) and kept[0] < i < kept[-1] and place.right_in_body(i)
        if between and block.link_share < _MOSTLY_LINKS and _has_form(choice, i) and not points_elsewhere(block):
            choice.keep([i])


def _has_form(choice: Choice, i: int) -> bool:
    """Running text, or by its tag a heading or a part of a list or table: a loose short line is mostly an advert's."""
    return choice.is_long(i) or is_sentence(choice.blocks[i]) or choice.blocks[i].tag in _FORMS
