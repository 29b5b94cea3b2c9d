"""The charts of a release's data sheet, each with the numbers behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from annotations.formats.records import STATES
from annotations.releases.split import PARTS
from corpusapp.core.charts import stacked_rows

# Rows of a chart; what is rarer is one row together, and stands in the table one by one.
_DRAWN = 12


@dataclass(frozen=True)
class Figure:
    """A chart and the table behind it: a row for each mark, with a number for each series."""

    title: str
    head: str
    series: Sequence[str]
    rows: Sequence[tuple[str, Sequence[int]]]
    chart: SafeString


def figures_of(counts: Mapping[str, Any]) -> list[Figure]:
    """Of a manifest's counts."""
    parts, labels = counts["parts"], counts["labels"]
    found = [
        _figure("Articles by part", "Part", ["articles"], [(part, [parts[part]["articles"]]) for part in PARTS]),
        _figure(
            "Spans by label and part",
            "Label",
            PARTS,
            _frequent((label, [held[part] for part in PARTS]) for label, held in labels.items()),
        ),
    ]
    states = [state for state in STATES if counts["states"][state]]
    if len(states) > 1:
        by_state = _frequent((label, [held[state] for state in states]) for label, held in labels.items())
        found.append(_figure("Spans by label and state", "Label", states, by_state))
    sources = _frequent((source or "no source", [held["articles"]]) for source, held in counts["sources"].items())
    found.append(_figure("Articles by source", "Source", ["articles"], sources))
    years = [(year or "no date", [number]) for year, number in counts["years"].items()]
    found.append(_figure("Articles by year", "Year", ["articles"], years))
    stages = [(stage.replace("_", " "), [number]) for stage, number in counts["stages"].items()]
    found.append(_figure("Articles by stage", "Stage", ["articles"], stages))
    return found


def _frequent(rows: Any) -> list[tuple[str, list[int]]]:
    return sorted(rows, key=lambda row: (-sum(row[1]), row[0]))


def _figure(title: str, head: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> Figure:
    drawn = list(rows[:_DRAWN])
    if rest := rows[_DRAWN:]:
        drawn.append(
            (f"{len(rest)} more", [sum(column) for column in zip(*(numbers for _, numbers in rest), strict=True)])
        )
    numbers = {name: [row[1][at] for row in drawn] for at, name in enumerate(series)}
    return Figure(title, head, list(series), list(rows), stacked_rows(title, [mark for mark, _ in drawn], numbers))
