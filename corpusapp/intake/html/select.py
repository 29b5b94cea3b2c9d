"""Which blocks of a page are its main text.

Readings of the page by an extractor are votes over its blocks. What stands where, and how it is written, corrects them:
paragraphs that share the story's place in the markup come back; headline, pointers, appeals and credits go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from corpusapp.intake.html import discard, recover
from corpusapp.intake.html.blocks import Block
from corpusapp.intake.html.choice import Choice
from corpusapp.intake.html.place import Place

# Below this share of the fuller reading's words the precise one has missed the story.
_MISSED_SHARE = 0.3
# Below this share of the read words, what looked like furniture must have been the story, and the reading stands.
_MISREAD_SHARE = 0.4


@dataclass(frozen=True)
class Evidence:
    """What is known of a page beside its blocks: two readings, its possible headlines, the text it declares."""

    precise: str
    fuller: str = ""
    titles: Sequence[str] = ()
    declared: str = ""


def select(blocks: Sequence[Block], evidence: Evidence) -> list[str]:
    """For each block "" where it belongs to the main text, else why it does not."""
    choice = Choice(blocks)
    voted = _voted(choice, evidence)
    choice.keep(voted)
    if evidence.declared:
        recover.believe_declared_text(choice, evidence.declared)
    if not choice.kept_long():
        return choice.reasons
    recover.recover_paragraphs(choice, Place(choice))
    place = Place(choice)
    recover.recover_between(choice, place)
    discard.drop_outside(choice, place)
    discard.drop_repeats(choice)
    discard.drop_opening(choice, place, evidence.titles)
    discard.drop_pointers(choice)
    discard.drop_furniture(choice, place)
    discard.drop_closing(choice)
    if choice.weight(i for i, _ in choice.kept_blocks()) < _MISREAD_SHARE * choice.weight(voted):
        choice.keep(voted)
    return choice.reasons


def _voted(choice: Choice, evidence: Evidence) -> frozenset[int]:
    precise, fuller = choice.found_in(evidence.precise), choice.found_in(evidence.fuller)
    words = [choice.weight(i for i in reading if choice.is_long(i)) for reading in (precise, fuller)]
    return fuller if words[0] < _MISSED_SHARE * words[1] else precise
