"""The main text while it is being selected: `Choice` has its blocks, `Place` its position in the markup."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from lxml.html import HtmlElement

from corpusapp.intake.html.blocks import Block
from corpusapp.intake.html.features import HEADINGS, class_names, is_boilerplate, is_sentence, signature, size, words

# Minimum words of a block of running text.
LONG = 10
_RUN = 4
_FOUND_SHARE = 0.6


class Choice:
    """Which blocks are kept, and why others are not. `declared` are blocks of the text that the page declares."""

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
        """Index and block of each kept block. Blocks may be dropped while iterating."""
        return ((i, block) for i, block in enumerate(self.blocks) if self.kept[i])

    def others(self) -> Iterator[tuple[int, Block]]:
        """Index and block of each block that is not kept."""
        return ((i, block) for i, block in enumerate(self.blocks) if not self.kept[i])

    def is_long(self, i: int) -> bool:
        return self.sizes[i] >= LONG

    def is_paragraph(self, i: int) -> bool:
        """Whether it is running text by length and form, and not a heading."""
        return self.is_long(i) and is_sentence(self.blocks[i]) and self.blocks[i].tag not in HEADINGS

    def kept_long(self) -> list[int]:
        return [i for i, _ in self.kept_blocks() if self.is_long(i)]

    def weight(self, positions: Iterable[int]) -> int:
        """The total `size` of these blocks, in words."""
        return sum(self.sizes[i] for i in positions)

    def found_in(self, text: str) -> frozenset[int]:
        """Blocks that occur in `text`: most four-word runs of a longer block; a shorter one as a whole line."""
        found = words(text)
        runs = set(zip(*(found[offset:] for offset in range(_RUN)), strict=False))
        lines = {tuple(words(line)) for line in text.splitlines()}
        return frozenset(i for i, own in enumerate(self.words) if own and _occurs(own, runs, lines))


def _occurs(own: list[str], runs: set[tuple[str, ...]], lines: set[tuple[str, ...]]) -> bool:
    if len(own) < _RUN:
        return tuple(own) in lines
    own_runs = list(zip(*(own[offset:] for offset in range(_RUN)), strict=False))
    return sum(run in runs for run in own_runs) >= _FOUND_SHARE * len(own_runs)


# Minimum shares of the kept words: the story, a body, all bodies together, a main class name.
STORY_SHARE = 0.9
BODY_SHARE = 0.2
BODIES_SHARE = 0.8
CLASS_SHARE = 0.6
TEXT_TAGS = frozenset(("p", "li", "blockquote", "dd", "dt", "td", "th", "tr", *HEADINGS))
LIST_TAGS = frozenset(("ul", "ol", "dl", "table", "tbody", "thead", "pre"))


class Place:
    """The story is the deepest element with nearly all kept words; a body is a deepest one with many of them."""

    def __init__(self, choice: Choice) -> None:
        self._choice = choice
        weights: Counter[HtmlElement] = Counter()
        for i in choice.kept_long():
            for element in with_ancestors(choice.blocks[i].element):
                weights[element] += choice.sizes[i]
        total = max(weights.values())
        self.story = max((element for element, weight in weights.items() if weight >= STORY_SHARE * total), key=_depth)
        self._above = set(with_ancestors(self.story))
        self.bodies = _bodies(weights, total) or {self.story}
        self._headlined = {above for headline in _root(self.story).iter("h1") for above in with_ancestors(headline)}

    def in_story(self, i: int) -> bool:
        return any(element is self.story for element in with_ancestors(self._choice.blocks[i].element))

    def in_body(self, i: int) -> bool:
        return any(element in self.bodies for element in with_ancestors(self._choice.blocks[i].element))

    def directly_in_body(self, i: int) -> bool:
        """Whether only paragraphs, headings, lists, tables and quotes are between the block and a body."""
        for element in with_ancestors(self._choice.blocks[i].element):
            if element in self.bodies:
                return True
            if element.tag not in TEXT_TAGS | LIST_TAGS or is_boilerplate(element):
                return False
        return False

    def in_boilerplate(self, i: int) -> bool:
        """Whether an element between the block and the story, or a body, is boilerplate by its names."""
        for element in with_ancestors(self._choice.blocks[i].element):
            if element in self._above or element in self.bodies:
                return False
            if is_boilerplate(element):
                return True
        return False

    def same_article(self, i: int) -> bool:
        """Whether no other headline or article is between the block and the story."""
        for element in with_ancestors(self._choice.blocks[i].element):
            if element in self._above:
                return True
            if element.tag == "article" or element in self._headlined:
                return False
        return True

    def main_signatures(self) -> set[tuple[str, ...]]:
        """Signatures of many of the kept paragraphs."""
        counts: Counter[tuple[str, ...]] = Counter()
        for i in self._choice.kept_long():
            if is_sentence(self._choice.blocks[i]):
                counts[signature(self._choice.blocks[i])] += self._choice.sizes[i]
        return {name for name, count in counts.items() if count >= BODY_SHARE * counts.total()}

    def main_classes(self) -> set[str]:
        """Class names of most of the kept paragraphs."""
        counts: Counter[str] = Counter()
        kept = self._choice.kept_long()
        for i in kept:
            counts.update(dict.fromkeys(class_names(self._choice.blocks[i].element), self._choice.sizes[i]))
        return {name for name, count in counts.items() if count >= CLASS_SHARE * self._choice.weight(kept)}


def with_ancestors(element: HtmlElement) -> Iterator[HtmlElement]:
    """The element and its ancestors."""
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
