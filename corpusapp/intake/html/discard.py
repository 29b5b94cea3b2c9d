"""What is no part of a story though the readings of the page took it in."""

from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement

from corpusapp.intake.html.choice import Choice
from corpusapp.intake.html.features import HEADINGS, folded_words, signature
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
from corpusapp.intake.html.place import Place

NOTICE = "a notice of the site"
_ELSEWHERE = "leads to another page"
_LINK_LIST, _CLOSING_LINK_LIST, _MOSTLY_LINKS = 0.8, 0.4, 0.5
# If more of the kept words than this share stood in furniture, the names would be misread.
_FURNITURE_SHARE = 0.3
_LONGEST_APPEAL = 60


def drop_outside(choice: Choice, place: Place) -> None:
    """What stands apart from the story, and captions. A paragraph above the body, such as a lead, is left."""
    body = [i for i in choice.kept_long() if place.in_body(i)]
    for i, block in choice.kept_blocks():
        if i in choice.declared:
            continue
        if body and i > body[-1] and not place.in_body(i):
            choice.drop(i, "below the story")
        elif not place.in_story(i) and not (body and i < body[0] and choice.is_paragraph(i)):
            choice.drop(i, "outside the story")
        elif is_caption(block) and not place.right_in_body(i):
            choice.drop(i, "a caption")


def drop_repeats(choice: Choice) -> None:
    """The second of two equal paragraphs of different make, as pages carry them for narrow and wide screens."""
    seen: dict[str, tuple[str, ...]] = {}
    for i, block in choice.kept_blocks():
        if choice.is_long(i) and seen.setdefault(block.text, signature(block)) != signature(block):
            choice.drop(i, "repeated")


def drop_opening(choice: Choice, place: Place, titles: Iterable[str]) -> None:
    """The headline, and what stands before the first paragraph without being part of the body."""
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
    """Lines and whole lists that lead to other pages, and labels of adverts and players between paragraphs."""
    for i, block in choice.kept_blocks():
        if is_interruption(block):
            choice.drop(i, "an advert's or player's label")
        elif points_elsewhere(block):
            choice.drop(i, _ELSEWHERE)
    for items in _lists(choice).values():
        if all(choice.blocks[i].link_share >= _LINK_LIST for i in items):
            for i in items:
                choice.drop(i, _ELSEWHERE)


def drop_furniture(choice: Choice, place: Place) -> None:
    """What stands in parts that name themselves as the site's, and appeals and credits apart from the body."""
    inside = [i for i, _ in choice.kept_blocks() if i not in choice.declared and place.in_furniture(i)]
    if choice.weight(inside) <= _FURNITURE_SHARE * choice.weight(i for i, _ in choice.kept_blocks()):
        for i in inside:
            choice.drop(i, "boilerplate of the site")
    for i, block in choice.kept_blocks():
        apart = i not in choice.declared and not place.right_in_body(i)
        if apart and (is_credit(block) or is_appeal(block)):
            choice.drop(i, "an appeal or a credit")


def drop_closing(choice: Choice) -> None:
    """Credits, appeals, links and empty headings at the end, up to the last sentence of the story."""
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
    """A page of nothing but notices about itself has no story."""
    kept = choice.kept_long()
    if all(is_notice(choice.blocks[i]) for i in kept):
        for i, _ in choice.kept_blocks():
            choice.drop(i, NOTICE)


def _lists(choice: Choice) -> dict[HtmlElement, list[int]]:
    """The kept items of each list."""
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
