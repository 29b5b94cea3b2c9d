"""Where in the markup a story stands, told by the blocks that are kept of it so far."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from lxml.html import HtmlElement

from corpusapp.intake.html.blocks import Block
from corpusapp.intake.html.features import HEADINGS, class_names, is_furniture, is_sentence, signature, size, words

# Words from which on a block counts as running text.
LONG = 10
_RUN = 4
_FOUND_SHARE = 0.6


class Choice:
    """For each block whether it is kept, and why not. `declared` are those that the page itself states as its text."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        self.words = [words(block.text) for block in blocks]
        self.sizes = [size(block.text) for block in blocks]
        self.kept = [False] * len(blocks)
        self.reasons = ["not main text"] * len(blocks)
        self.declared: frozenset[int] = frozenset()

    def keep(self, positions: Iterable[int]) -> None:
        for i in positions:
            self.kept[i], self.reasons[i] = True, ""

    def drop(self, i: int, reason: str) -> None:
        self.kept[i], self.reasons[i] = False, reason

    def kept_blocks(self) -> Iterator[tuple[int, Block]]:
        """Position and block of what is kept now; safe to drop from while going through it."""
        return ((i, block) for i, block in enumerate(self.blocks) if self.kept[i])

    def others(self) -> Iterator[tuple[int, Block]]:
        """Position and block of what is not kept."""
        return ((i, block) for i, block in enumerate(self.blocks) if not self.kept[i])

    def is_long(self, i: int) -> bool:
        return self.sizes[i] >= LONG

    def is_paragraph(self, i: int) -> bool:
        """Running text by length and form, and no heading."""
        return self.is_long(i) and is_sentence(self.blocks[i]) and self.blocks[i].tag not in HEADINGS

    def kept_long(self) -> list[int]:
        return [i for i, _ in self.kept_blocks() if self.is_long(i)]

    def weight(self, positions: Iterable[int]) -> int:
        """Words in these blocks, by `size`."""
        return sum(self.sizes[i] for i in positions)

    def found_in(self, text: str) -> frozenset[int]:
        """Blocks whose words stand in `text`: most four-word runs of a longer block, a whole line for a shorter one."""
        found = words(text)
        runs = set(zip(*(found[offset:] for offset in range(_RUN)), strict=False))
        lines = {tuple(words(line)) for line in text.splitlines()}
        return frozenset(i for i, own in enumerate(self.words) if own and _stands_in(own, runs, lines))


def _stands_in(own: list[str], runs: set[tuple[str, ...]], lines: set[tuple[str, ...]]) -> bool:
    if len(own) < _RUN:
        return tuple(own) in lines
    own_runs = list(zip(*(own[offset:] for offset in range(_RUN)), strict=False))
    return sum(run in runs for run in own_runs) >= _FOUND_SHARE * len(own_runs)


# Shares of the kept words: of the story's element, of a body, of all bodies together, of a main class name.
STORY_SHARE = 0.9
BODY_SHARE = 0.2
BODIES_SHARE = 0.8
CLASS_SHARE = 0.6
TEXT_TAGS = frozenset(("p", "li", "blockquote", "dd", "dt", "td", "th", "tr", *HEADINGS))
LIST_TAGS = frozenset(("ul", "ol", "dl", "table", "tbody", "thead", "pre"))


class Place:
    """The story is the deepest element with nearly all kept words, a body the deepest with a good part of them."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        weights: Counter[HtmlElement] = Counter()
        for i in choice.kept_long():
            for element in upwards(choice.blocks[i].element):
                weights[element] += choice.sizes[i]
        total = max(weights.values())
        self.story = max((element for element, weight in weights.items() if weight >= STORY_SHARE * total), key=_depth)
        self._above = set(upwards(self.story))
        self.bodies = _bodies(weights, total) or {self.story}
        self._headlined = {above for headline in _root(self.story).iter("h1") for above in upwards(headline)}

    def in_story(self, i: int) -> bool:
        return any(element is self.story for element in upwards(self._choice.blocks[i].element))

    def in_body(self, i: int) -> bool:
        return any(element in self.bodies for element in upwards(self._choice.blocks[i].element))

    def right_in_body(self, i: int) -> bool:
        """Whether only paragraphs, headings, lists, tables and quotes lie between the text and a body."""
        for element in upwards(self._choice.blocks[i].element):
            if element in self.bodies:
                return True
            if element.tag not in TEXT_TAGS | LIST_TAGS or is_furniture(element):
                return False
        return False

    def in_furniture(self, i: int) -> bool:
        """Whether an element between the block and the story, or a body, names a part of the site."""
        for element in upwards(self._choice.blocks[i].element):
            if element in self._above or element in self.bodies:
                return False
            if is_furniture(element):
                return True
        return False

    def same_article(self, i: int) -> bool:
        """Whether no second headline or article stands between the block and the story."""
        for element in upwards(self._choice.blocks[i].element):
            if element in self._above:
                return True
            if element.tag == "article" or element in self._headlined:
                return False
        return True

    def main_signatures(self) -> set[tuple[str, ...]]:
        """What a good part of the kept paragraphs have in common in their markup."""
        counts: Counter[tuple[str, ...]] = Counter()
        for i in self._choice.kept_long():
            if is_sentence(self._choice.blocks[i]):
                counts[signature(self._choice.blocks[i])] += self._choice.sizes[i]
        return {name for name, count in counts.items() if count >= BODY_SHARE * counts.total()}

    def main_classes(self) -> set[str]:
        """Class names that most of the kept paragraphs bear themselves."""
        counts: Counter[str] = Counter()
        kept = self._choice.kept_long()
        for i in kept:
            counts.update(dict.fromkeys(class_names(self._choice.blocks[i].element), self._choice.sizes[i]))
        return {name for name, count in counts.items() if count >= CLASS_SHARE * self._choice.weight(kept)}


def upwards(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and everything above it."""
    yield element
    yield from element.iterancestors()


def _bodies(weights: Counter[HtmlElement], total: int) -> set[HtmlElement]:
    heavy = {e for e, weight in weights.items() if weight >= BODY_SHARE * total and e.tag not in TEXT_TAGS}
    deepest = heavy - {above for element in heavy for above in element.iterancestors()}
    return deepest if sum(weights[element] for element in deepest) >= BODIES_SHARE * total else set()


def _depth(element: HtmlElement) -> int:
    return sum(1 for _ in element.iterancestors())


def _root(element: HtmlElement) -> HtmlElement:
    return element.getroottree().getroot()
