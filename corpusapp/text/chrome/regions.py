"""Boilerplate around lines already found: fields of a form, items of a list, the rest of a block or of the page."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpusapp.text.chrome import navigation, reader_calls, site_text
from corpusapp.text.chrome.navigation import is_kicker
from corpusapp.text.chrome.rule import either
from corpusapp.text.dateline import find_dateline
from corpusapp.text.lines import Line


@dataclass
class Page:
    """The lines of an article: `chrome` are the indices of boilerplate, `kept` of lines known to be something else.

    `opening` are boilerplate lines that only boilerplate can follow, once the running text is over.
    """

    lines: Sequence[Line]
    kept: frozenset[int] = frozenset()
    chrome: set[int] = field(default_factory=set)
    opening: set[int] = field(default_factory=set)

    def mark(self, index: int, *, opens: bool = False) -> None:
        """Mark line `index` as boilerplate, unless it is known to be something else."""
        if index not in self.kept:
            self.chrome.add(index)
            if opens:
                self.opening.add(index)

    def is_open(self, index: int) -> bool:
        """Whether line `index` is neither boilerplate nor known to be something else."""
        return index not in self.chrome and index not in self.kept

    def head_end(self) -> int:
        """The index of the first paragraph of running text; the number of lines if there is none."""
        return next((i for i, line in enumerate(self.lines) if self.is_open(i) and line.prose), len(self.lines))

    def tail_start(self) -> int:
        """One past the last line of running text that is a sentence; 0 if there is none."""
        for index in range(len(self.lines) - 1, -1, -1):
            line = self.lines[index]
            if self.is_open(index) and (line.sentence or (line.prose and not line.cut)):
                return index + 1
        return 0

    def last_prose(self, length: int = 0) -> int:
        """The index of the last paragraph of at least `length` code points; -1 if there is none."""
        for index in range(len(self.lines) - 1, -1, -1):
            line = self.lines[index]
            if self.is_open(index) and line.prose and not line.cut and len(line) >= length:
                return index
        return -1


_SHORT, _SHORT_ADDRESS = 120, 60  # code points
_FIELDS_WITHIN, _LINES_IN_FORM, _FEW_ADDRESSES, _FEW_LOOSE, _LONGEST_LIST = 4, 3, 2, 2, 60  # lines
_HEADLINE_WORDS = 3
_ADDRESS = either(r"(?:https?://|www\.)\S+", r"\w[\w-]*(?:\.[\w-]+)*\.[a-z]{2,6}(?:/\S*)?", r"@\w+")


def mark_regions(page: Page) -> None:
    """Mark all regions. The order matters: one region may start the next."""
    _mark_comment_form(page)
    _mark_teaser_lists(page)
    _mark_addresses(page)
    _mark_last_addresses(page)
    _mark_between(page)
    _mark_kicker(page)
    _mark_rest_of_page(page)
    _mark_rest_of_block(page)


def _mark_comment_form(page: Page) -> None:
    """Mark a comment form and everything after it, unless a paragraph of running text follows."""
    head, prose, last_sentence = page.head_end(), page.last_prose(), page.tail_start() - 1
    for index, line in enumerate(page.lines):
        if index <= max(head, prose) or index in page.kept or not reader_calls.is_heading(line):
            continue
        if _is_form(page, index, last_sentence):
            for later in range(index, len(page.lines)):
                page.mark(later, opens=True)
            return


def _is_form(page: Page, heading: int, last_sentence: int) -> bool:
    """Whether fields follow the heading, or no sentence does."""
    for index in range(heading + 1, len(page.lines))[:_FIELDS_WITHIN]:
        if reader_calls.is_field(page.lines[index]):
            return True
        if page.is_open(index) and page.lines[index].sentence:
            return False
    return last_sentence < heading


def _mark_teaser_lists(page: Page) -> None:
    lines, tail = page.lines, page.tail_start()
    listed_from, taken_to = _list_start(page, tail), -1
    for index, line in enumerate(lines):
        if index <= taken_to or index in page.kept or not _opens_list(page, index, line):
            continue
        items = _items(page, index) if tail <= index <= listed_from else _items_within_text(page, index)
        if items:
            page.mark(index, opens=True)
            taken_to = items[-1]
        for item in items:
            page.mark(item)


def _opens_list(page: Page, index: int, line: Line) -> bool:
    return navigation.is_heading(line) or (index in page.chrome and navigation.is_loose_heading(line))


def _items(page: Page, heading: int) -> list[int]:
    """Lines under a heading that may be other stories: headlines, truncated excerpts, lines with a dateline."""
    items: list[int] = []
    for index in range(heading + 1, len(page.lines))[:_LONGEST_LIST]:
        line = page.lines[index]
        if index in page.kept:
            break
        if not (index in page.chrome or navigation.is_item(line) or (items and find_dateline(line.text))):
            break
        items.append(index)
    return items


def _items_within_text(page: Page, heading: int) -> list[int]:
    """Items within running text: only the block under the heading, without a subhead of the text after it."""
    taken: list[int] = []
    for index in _items(page, heading):
        line = page.lines[index]
        if index != heading + 1 and line.blank_before and not _is_surely_item(page, index):
            break
        taken.append(index)
    if taken and navigation.is_pointer(page.lines[heading]) and len(page.lines[taken[0]].words) >= _HEADLINE_WORDS:
        first = taken.pop(0)
    else:
        first = None
    while taken and not _is_surely_item(page, taken[-1]) and _heads_next(page, taken[-1]):
        taken.pop()
    return taken if first is None else [first, *taken]


def _is_surely_item(page: Page, index: int) -> bool:
    return index in page.chrome or page.lines[index].cut or navigation.is_listed(page.lines[index])


def _heads_next(page: Page, index: int) -> bool:
    """Whether it may be a subhead: no empty line follows it, or one precedes it."""
    after = index + 1
    if after >= len(page.lines):
        return False
    return page.lines[after].blank_before == 0 or page.lines[index].blank_before > 0


def _mark_addresses(page: Page) -> None:
    """Mark the short lines under an announcement of other addresses, up to the first sentence."""
    tail = page.tail_start()
    for index, line in enumerate(page.lines):
        if index not in page.chrome or not site_text.is_alternate_addresses(line):
            continue
        for later in range(index + 1, len(page.lines))[:_LONGEST_LIST]:
            follower = page.lines[later]
            short = len(follower) <= _SHORT_ADDRESS and not follower.sentence and later >= tail
            if not (is_address(follower) or short):
                break
            page.mark(later)


def _mark_last_addresses(page: Page) -> None:
    """Mark the article's own address below its text; a longer list of addresses is part of the text."""
    addresses = [index for index, line in enumerate(page.lines) if is_address(line)]
    tail = page.tail_start()
    if len(addresses) <= _FEW_ADDRESSES and page.head_end() < tail:
        for index in addresses:
            if index >= tail:
                page.mark(index)


def is_address(line: Line) -> bool:
    """An address on the web and nothing else."""
    return len(line.text) <= 300 and " " not in line.text and _ADDRESS.fullmatch(line.text) is not None


def _mark_between(page: Page) -> None:
    """Mark one or two short lines within a sign-up form, if no empty line separates them."""
    prose = page.last_prose()
    forms = [index for index in sorted(page.opening) if index > prose and reader_calls.is_sign_up(page.lines[index])]
    for first, second in pairwise(forms):
        block = range(first + 1, second + 1)
        if len(block) <= _LINES_IN_FORM and _is_tight(page, block):
            for index in block:
                page.mark(index)


def _is_tight(page: Page, block: range) -> bool:
    return all(page.lines[index].blank_before == 0 and len(page.lines[index]) <= _SHORT for index in block)


def _mark_kicker(page: Page) -> None:
    """Mark the name of a section in the first line, above a headline."""
    head = page.head_end()
    if head >= len(page.lines) or not is_kicker(page.lines[0]):
        return
    if any(len(page.lines[index].words) >= 4 for index in range(1, head) if page.is_open(index)):
        page.mark(0)


def _mark_rest_of_page(page: Page) -> None:
    """Mark everything after the running text, from the first line in `opening` on."""
    tail = page.tail_start()
    if page.head_end() >= tail:
        return
    first = min((index for index in page.opening if index >= tail), default=len(page.lines))
    if first > _list_start(page, tail):
        return
    for index in range(first, len(page.lines)):
        if page.is_open(index):
            page.mark(index)


def _list_start(page: Page, tail: int) -> int:
    """The third line after the last sentence that is not boilerplate: a list of the article may begin here."""
    loose = 0
    for index in range(tail, len(page.lines)):
        loose += page.is_open(index)
        if loose > _FEW_LOOSE:
            return index
    return len(page.lines)


def _mark_rest_of_block(page: Page) -> None:
    """Mark the other lines of a block after the text that is mostly boilerplate."""
    tail = page.tail_start()
    if page.head_end() >= tail:
        return
    index = tail
    while index < len(page.lines):
        end = index + 1
        while end < len(page.lines) and page.lines[end].blank_before == 0:
            end += 1
        marked = sum(at in page.chrome for at in range(index, end))
        if page.lines[index].blank_before and end - index >= 3 and 2 * marked > end - index:
            for at in range(index, end):
                if len(page.lines[at]) <= _SHORT:
                    page.mark(at)
        index = end
