"""The zones of a plain text: title, dateline, byline, caption, chrome. Marks over the text; nothing is deleted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpusapp.text.bylines import (
    byline_suffix,
    is_caption,
    is_head_byline,
    is_reporting,
    is_role,
    is_tail_byline,
    is_title,
)
from corpusapp.text.chrome import find_chrome
from corpusapp.text.dateline import Dateline, find_dateline, moved
from corpusapp.text.furniture import Furniture, recurring_lines
from corpusapp.text.lines import Line, split_lines
from corpusapp.text.zones import BYLINE, CAPTION, CHROME, DATELINE, TITLE, ZoneRange

_DATELINE_WITHIN = 4


@dataclass(frozen=True)
class Zoning:
    """Zones in the order of the text, none over another; the parts of the dateline where there is one."""

    zones: tuple[ZoneRange, ...]
    dateline: Dateline | None = None


def find_zones(text: str, furniture: Furniture | None = None) -> list[ZoneRange]:
    """The zones of `text`, in code points. `furniture` tells which lines recur in the source's other articles."""
    return list(read_zones(text, furniture).zones)


def read_zones(text: str, furniture: Furniture | None = None) -> Zoning:
    """As `find_zones`, with the dateline's parts."""
    lines = split_lines(text)
    kinds: dict[int, str] = {index: CAPTION for index, line in enumerate(lines) if is_caption(line)}
    kinds |= {index: BYLINE for index, line in enumerate(lines) if index not in kinds and is_reporting(line)}
    recurring = recurring_lines(lines, furniture) if furniture else frozenset()
    chrome = find_chrome(lines, frozenset(kinds) - recurring, recurring)
    kinds |= dict.fromkeys(chrome, CHROME)
    ranges = []
    head = next((i for i, line in enumerate(lines) if i not in kinds and _opens(line)), len(lines))
    if head < len(lines):
        _mark_head(lines, kinds, head)
        _mark_tail_bylines(lines, kinds)
        ranges = _suffix(lines, kinds)
    dateline = _dateline(lines, kinds, head)
    if dateline:
        ranges.append(ZoneRange(dateline.start, dateline.end, DATELINE))
    return Zoning(tuple(sorted([*_merged(lines, kinds), *ranges])), dateline)


def _opens(line: Line) -> bool:
    """Running text begins here: a paragraph, or a dateline before a shorter sentence."""
    return line.prose or (line.sentence and (len(line.words) >= 6 or find_dateline(line.text) is not None))


def _mark_head(lines: Sequence[Line], kinds: dict[int, str], head: int) -> None:
    """The first line that could be a title, and the bylines under it."""
    title = next((i for i in range(head) if i not in kinds and is_title(lines[i])), None)
    if title is None:
        return
    kinds[title] = TITLE
    for index in range(title + 1, head):
        if index in kinds:
            continue
        under_name = kinds.get(index - 1) == BYLINE
        if is_head_byline(lines[index]) or (under_name and is_role(lines[index])):
            kinds[index] = BYLINE


def _mark_tail_bylines(lines: Sequence[Line], kinds: dict[int, str]) -> None:
    """Behind the last sentence."""
    for index in range(len(lines) - 1, -1, -1):
        if index in kinds:
            continue
        if lines[index].sentence or not is_tail_byline(lines[index]):
            return
        kinds[index] = BYLINE


def _suffix(lines: Sequence[Line], kinds: dict[int, str]) -> list[ZoneRange]:
    """The credit at the end of the last paragraph."""
    last = next((i for i in range(len(lines) - 1, -1, -1) if i not in kinds), None)
    if last is None or not lines[last].prose:
        return []
    at = byline_suffix(lines[last])
    return [ZoneRange(lines[last].start + at, lines[last].end, BYLINE)] if at else []


def _dateline(lines: Sequence[Line], kinds: dict[int, str], head: int) -> Dateline | None:
    """The dateline of one of the first lines of running text; behind the first only one with an agency or a date."""
    tried = 0
    for index, line in enumerate(lines):
        if index in kinds:
            continue
        if index > head + _DATELINE_WITHIN or tried >= _DATELINE_WITHIN:
            return None
        found = find_dateline(line.text)
        if found and (tried == 0 or index == head or found.agency or found.date):
            return moved(found, line.start)
        tried += 1
    return None


def _merged(lines: Sequence[Line], kinds: dict[int, str]) -> list[ZoneRange]:
    """Lines of one kind, chrome or byline, that stand next to each other, as one zone."""
    zones: list[ZoneRange] = []
    before = -2
    for index in sorted(kinds):
        line, kind = lines[index], kinds[index]
        if zones and before == index - 1 and zones[-1].kind == kind and kind in (CHROME, BYLINE):
            zones[-1] = replace(zones[-1], end=line.end)
        else:
            zones.append(ZoneRange(line.start, line.end, kind))
        before = index
    return zones
