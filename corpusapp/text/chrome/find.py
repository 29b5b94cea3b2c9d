"""Find the boilerplate lines of an article: lines that match a rule first, then the regions around them."""

from collections.abc import Sequence
from functools import lru_cache

from corpusapp.text.chrome import navigation, reader_calls, site_text
from corpusapp.text.chrome.regions import Page, mark_regions
from corpusapp.text.chrome.rule import ANYWHERE, EDGES, HEAD, TAIL, Rule, either
from corpusapp.text.lines import Line


class RuleSet:
    """Rules in order, with combined patterns that skip most lines without testing each rule."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._core = either(*(rule.core for rule in rules if rule.core)).fullmatch
        self._opening = either(*(rule.opening for rule in rules if rule.opening)).match
        self._has_core = any(rule.core for rule in rules)
        self._has_opening = any(rule.opening for rule in rules)
        self._hints = tuple(dict.fromkeys(hint for rule in rules for hint in rule.hints))
        self._unfiltered = tuple(rule for rule in rules if not (rule.core or rule.opening or rule.hints))

    def first(self, line: Line) -> Rule | None:
        """The first rule that matches the line."""
        for rule in self._rules if self._may_match(line) else self._unfiltered:
            if rule.matches(line):
                return rule
        return None

    def _may_match(self, line: Line) -> bool:
        """Whether a rule with a pattern or hints may match the line."""
        if self._has_core and self._core(line.core):
            return True
        if self._has_opening and self._opening(line.text):
            return True
        return any(map(line.folded.__contains__, self._hints))


RULES: tuple[Rule, ...] = (
    *reader_calls.SHARING,
    *reader_calls.COMMENTS,
    *navigation.TEASERS,
    *site_text.CODES,
    *reader_calls.LETTERS,
    *site_text.LEGAL,
    *site_text.PLAYERS,
    *site_text.SIGNOFFS,
    *navigation.CRUMBS,
)
_ANYWHERE, _HEAD, _TAIL = (ANYWHERE,), (HEAD, EDGES), (TAIL, EDGES)
_LONGEST_LINE = 400


def find_chrome(
    lines: Sequence[Line], kept: frozenset[int] = frozenset(), recurring: frozenset[int] = frozenset()
) -> set[int]:
    """The indices of the boilerplate lines.

    `kept` are lines known to be something else (a caption, a byline); `recurring` are lines that occur in many articles
    of the source. A text without a paragraph of running text has no edges, so only rules for ANYWHERE apply.
    """
    page = Page(lines, kept, set(recurring), set(recurring))
    for index in range(len(lines)):
        _by_rule(page, index, _ANYWHERE)
    head = page.head_end()
    if head < len(lines):
        for index in range(head):
            _by_rule(page, index, _HEAD)
        _mark_tail(page, head)
    mark_regions(page)
    return page.chrome


def _mark_tail(page: Page, head: int) -> None:
    """Mark lines from the end back to the last sentence that no rule matches."""
    for index in range(len(page.lines) - 1, head, -1):
        if page.is_open(index):
            _by_rule(page, index, _TAIL)
            if page.is_open(index) and page.lines[index].sentence and not _in_comment_form(page, index):
                return


def _in_comment_form(page: Page, index: int) -> bool:
    """A sentence in a comment form: one of the three lines above it is the form's heading."""
    line = page.lines[index]
    return reader_calls.is_field(line) and any(
        reader_calls.is_heading(page.lines[above]) for above in range(max(0, index - 3), index)
    )


@lru_cache(maxsize=2048)
def _rules(places: tuple[str, ...], length: int) -> RuleSet:
    """The rules for these places that accept lines of this length."""
    return _rule_set(
        tuple(rule for place in places for rule in RULES if rule.where == place and length <= rule.longest)
    )


@lru_cache(maxsize=256)
def _rule_set(rules: tuple[Rule, ...]) -> RuleSet:
    return RuleSet(rules)


def _by_rule(page: Page, index: int, places: tuple[str, ...]) -> None:
    line = page.lines[index]
    if len(line.text) > _LONGEST_LINE or not page.is_open(index):
        return
    rule = _rules(places, len(line.text)).first(line)
    if rule:
        page.mark(index, opens=rule.opens)
