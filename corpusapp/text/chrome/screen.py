"""Many rules asked at once: most lines are running text, and two patterns and a few words tell so."""

from collections.abc import Sequence

from corpusapp.text.chrome.rule import Rule, either
from corpusapp.text.lines import Line


class Screen:
    """Some rules in their order, what all patterns of theirs have in common, and those that must be asked each time."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._core = either(*(rule.core for rule in rules if rule.core)).fullmatch
        self._opening = either(*(rule.opening for rule in rules if rule.opening)).match
        self._has_core = any(rule.core for rule in rules)
        self._has_opening = any(rule.opening for rule in rules)
        self._hints = tuple(dict.fromkeys(hint for rule in rules for hint in rule.hints))
        self._others = tuple(rule for rule in rules if not (rule.core or rule.opening or rule.hints))

    def first(self, line: Line) -> Rule | None:
        """The first rule that the line matches."""
        for rule in self._rules if self._may_match(line) else self._others:
            if rule.matches(line):
                return rule
        return None

    def _may_match(self, line: Line) -> bool:
        """Whether one of the rules that were put together may match the line."""
        if self._has_core and self._core(line.core):
            return True
        if self._has_opening and self._opening(line.text):
            return True
        return any(map(line.folded.__contains__, self._hints))
