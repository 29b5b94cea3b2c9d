"""Reads reviewed articles from a file, and scores proposals against them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from annotations.suggesters.protocol import Proposal, SourceText
from corpusapp.text import wellformed
from corpusapp.text.ranges import range_fault
from corpusapp.text.zoning import read_zones

Triple = tuple[int, int, str]


class UnfitGold(ValueError):
    """A line is not a reviewed article. The message names the line and the field."""


@dataclass(frozen=True)
class GoldArticle:
    """A text and its true spans `(start, end, label)`."""

    text: str
    spans: tuple[Triple, ...]

    @cached_property
    def source(self) -> SourceText:
        """The text with the zones that the intake finds in it."""
        return SourceText(self.text, read_zones(self.text).zones)


def read_gold(path: Path) -> Iterator[GoldArticle]:
    """The articles of a file, one `{"text", "spans": [[start, end, label], …]}` per line. Raises `UnfitGold`."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _article(line, f"{path}, line {number}")


def _article(line: str, place: str) -> GoldArticle:
    try:
        record = wellformed.load_json(line)
    except ValueError as error:
        raise UnfitGold(f"{place}: not JSON ({error}): write one object per line") from error
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        raise UnfitGold(f"{place}: no text: write an object with text and spans")
    if not isinstance(record.get("spans"), list):
        raise UnfitGold(f"{place}: no list of spans: write [[start, end, label], …], empty for no spans")
    text = record["text"]
    return GoldArticle(
        text, tuple(_span(span, len(text), f"{place}, span {n}") for n, span in enumerate(record["spans"]))
    )


def _span(span: Any, length: int, place: str) -> Triple:
    if not isinstance(span, list) or len(span) < 3 or not isinstance(span[2], str) or not span[2]:
        raise UnfitGold(f"{place}: give [start, end, label]")
    if fault := range_fault(span[0], span[1], length):
        raise UnfitGold(f"{place}: {fault[1]}")
    return span[0], span[1], span[2]


def scored(
    gold: Sequence[GoldArticle], proposals: Iterable[Sequence[Proposal]], labels: Iterable[str] = ()
) -> dict[str, Any]:
    """Precision, recall and F1 of exact spans with labels, micro and by label.

    `labels` restricts both sides; empty includes all.
    """
    wanted = frozenset(labels)
    right: Counter[str] = Counter()
    proposed: Counter[str] = Counter()
    true: Counter[str] = Counter()
    for article, found in zip(gold, proposals, strict=True):
        truth = {span for span in article.spans if not wanted or span[2] in wanted}
        suggested = {(p.start, p.end, p.label) for p in found if not wanted or p.label in wanted}
        right.update(label for _, _, label in truth & suggested)
        proposed.update(label for _, _, label in suggested)
        true.update(label for _, _, label in truth)
    names = sorted(wanted or {*true, *proposed})
    return {
        "micro": _measures(right.total(), proposed.total(), true.total()),
        "labels": {name: _measures(right[name], proposed[name], true[name]) for name in names},
    }


def scored_possible(
    gold: Sequence[GoldArticle],
    proposals: Iterable[Sequence[Proposal]],
    possible: Iterable[Sequence[Proposal]],
    labels: Iterable[str] = (),
) -> dict[str, float]:
    """What the possible spans are worth: their number for each proposal, how many are right (`precision`), and which
    share of the spans that are not proposed is among them (`found`).
    """
    wanted = frozenset(labels)
    shown = right = missed = proposed = 0
    for article, found, second in zip(gold, proposals, possible, strict=True):
        truth = {span for span in article.spans if not wanted or span[2] in wanted}
        missing = truth - {(p.start, p.end, p.label) for p in found}
        offered = {(p.start, p.end, p.label) for p in second if not wanted or p.label in wanted}
        shown, right, missed = shown + len(offered), right + len(offered & missing), missed + len(missing)
        proposed += sum(not wanted or p.label in wanted for p in found)
    return {
        "for_each_proposal": round(shown / proposed, 4) if proposed else 0.0,
        "precision": round(right / shown, 4) if shown else 0.0,
        "found": round(right / missed, 4) if missed else 0.0,
    }


def _measures(right: int, proposed: int, true: int) -> dict[str, float]:
    precision = right / proposed if proposed else 0.0
    recall = right / true if true else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
