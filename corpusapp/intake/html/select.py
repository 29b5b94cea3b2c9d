"""Which blocks of a page are its main text.

Readings of the page are votes over its blocks. What stands where, and how it is written, corrects them: paragraphs that
share the story's place in the markup come back; headline, pointers, appeals, notices and credits go.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from corpusapp.intake.html import discard, recover
from corpusapp.intake.html.blocks import Block
from corpusapp.intake.html.choice import Choice
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
        recover.believe_declared_text(choice, evidence.declared.text)
    if choice.kept_long():
        _correct(choice, evidence, voted)
    if stands_in_data_alone(choice, evidence):
        return Selection(choice.reasons, in_data_alone=True)
    return Selection(choice.reasons, notes or disagreement(choice, evidence))


def _correct(choice: Choice, evidence: Evidence, voted: frozenset[int]) -> None:
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
    discard.drop_notices(choice)
