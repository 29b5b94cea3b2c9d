"""Charts of entities: mentions by week, month or year, and entities in the same articles."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.safestring import SafeString

from annotations.entities.queries.page import Companion, trends_of
from corpusapp.core.charts import Figure, spark_bars, stacked_bars, stacked_rows

# More bars than these are drawn as months, and more months as years.
_MOST_BARS = 40
# Bars of a trend.
_TREND_BARS = 24
_SERIES = "mentions"


def timeline(weeks: Sequence[tuple[date, int]]) -> Figure:
    """Mentions by week; by month or year, where these are too many bars. Weeks without mentions are drawn too."""
    if not weeks:
        return Figure("Mentions by week", "Week of", [_SERIES], [], SafeString())
    days = [week for week, _ in weeks]
    drawn = [(unit, unit.periods(min(days), max(days))) for unit in _UNITS]
    unit, periods = next((each for each in drawn if len(each[1]) <= _MOST_BARS), drawn[-1])
    sums = Counter[date]()
    for week, number in weeks:
        sums[max(period for period in periods if period <= week)] += number
    title = f"Mentions by {unit.name}"
    marks = [f"{start:{unit.mark}}" for start in periods]
    chart = stacked_bars(title, marks, {_SERIES: [sums[start] for start in periods]})
    rows = [(date_format(start, unit.day), [sums[start]]) for start in reversed(periods) if sums[start]]
    return Figure(title, unit.head, [_SERIES], rows, chart)


class _Unit(NamedTuple):
    """What a bar stands for: the heading of its table, its mark in the chart, its name in the table."""

    name: str
    head: str
    mark: str
    day: str
    periods: Callable[[date, date], list[date]]


def _by_week(first: date, last: date) -> list[date]:
    return [first + timedelta(weeks=number) for number in range((last - first).days // 7 + 1)]


def _by_month(first: date, last: date) -> list[date]:
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in months]


def _by_year(first: date, last: date) -> list[date]:
    return [date(year, 1, 1) for year in range(first.year, last.year + 1)]


_UNITS = (
    _Unit("week", "Week of", "%-d %b", "j M Y", _by_week),
    _Unit("month", "Month", "%b %y", "F Y", _by_month),
    _Unit("year", "Year", "%Y", "Y", _by_year),
)


def together(companions: Sequence[Companion]) -> SafeString:
    """A chart of the entities in the same articles."""
    names = [companion.name for companion in companions]
    return stacked_rows("Articles together", names, {"articles": [each.articles for each in companions]})


def trend_pictures(entity_ids: Collection[int]) -> dict[int, SafeString]:
    """By entity, a picture of its mentions over the time in which any of these is mentioned."""
    found = trends_of(list(entity_ids), _TREND_BARS) if entity_ids else None
    if found is None or found.first is None or found.last is None:
        return {}
    title = f"Mentions from {found.first:%B %Y} to {found.last:%B %Y}"
    return {
        pk: spark_bars(title, [found.mentions.get((pk, part), 0) for part in range(_TREND_BARS)]) for pk in entity_ids
    }
