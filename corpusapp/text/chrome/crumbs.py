"""Breadcrumbs, menus and other rows of short words between marks."""

import re

from corpusapp.text.chrome.rule import EDGES, HEAD, Rule
from corpusapp.text.lines import Line
from corpusapp.text.places import COUNTRIES
from corpusapp.text.words import words

_MARK = re.compile(r"\s*(?:[/>»›→|•·]|\s[–—-]\s|\s::\s)\s*")
_STRONG_MARK = re.compile(r"[>»›]|\s/\s|\s{2,}")
_GAP = re.compile(r"\s{2,}|\t+|\s*[|•·]\s*|\s+[/»›>]\s+")
_ICON = re.compile("[\U0001f1e6-\U0001faff\u2600-\u27bf\u2190-\u21ff\u2b00-\u2bff]")
_SECTIONS = words("""
    about africa america americas analysis archive archives arts asia blog blogs business categories category china
    columnists columns culture defence defense diplomacy domestic east economy editorial editorials education egypt
    energy english entertainment environment europe features finance foreign front frontpage gallery gulf headlines
    health home international interview interviews iran iraq israel jordan latest lebanon lifestyle local main markets
    media middle mideast more national news nuclear opinion opinions page palestine photo photos policy politics press
    region regional releases religion russia science security social society sport sports stories syria tech technology
    today top travel turkey uae uk un us usa video videos world
""")
_MENU = words("""
    about accessibility account advertise alerts apps archive careers comments conditions contact contacts cookie
    cookies disclaimer email e-paper epaper faq feedback help home imprint in jobs legal listen live log login logout
    menu mobile newsletter newsletters notice notices notifications podcast podcasts policy print privacy radio register
    reply rss save search send services settings share sign sitemap subscribe subscription terms tv tweet up us use
""")


def is_breadcrumb(line: Line) -> bool:
    """Short names between marks; where the marks could be a headline's own, one at least is a usual section."""
    if len(line.text) > 120 or line.sentence or any(mark in line.text for mark in '“”":;?!,'):
        return False
    segments = _segments(line, _MARK)
    if not 2 <= len(segments) <= 8 or any(len(part.split()) > 6 or len(part) > 45 for part in segments):
        return False
    if any(not part[0].isalnum() for part in segments):
        return False
    if all(part.casefold() in COUNTRIES for part in segments):
        return False
    known = sum(is_section(part) for part in segments)
    if len(segments) == 2:
        return known == 2 or (known == 1 and _STRONG_MARK.search(line.text) is not None)
    return known >= 1 or any(mark in line.text for mark in ">»›")


def is_section(name: str) -> bool:
    """The name of a usual section of a news site."""
    parts = name.casefold().split()
    return 0 < len(parts) <= 4 and all(part in _SECTIONS or part in ("&", "and", "of") for part in parts)


def is_kicker(line: Line) -> bool:
    """The name of a section, alone on its line."""
    return len(line.text) <= 40 and not line.sentence and is_section(line.text)


def is_menu(line: Line) -> bool:
    """Words of a site's menu between bars or wide gaps."""
    if len(line.text) > 200 or line.sentence:
        return False
    segments = _segments(line, _GAP)
    if len(segments) < 2 or any(len(part.split()) > 4 for part in segments):
        return False
    found = [word.casefold().strip("()[]:,.") for part in segments for word in part.split()]
    found = [word for word in found if word.replace("-", "").isalpha()]
    return bool(found) and 2 * sum(word in _MENU for word in found) >= len(found)


def is_icon_row(line: Line) -> bool:
    """Two or more icons, each with few words."""
    if len(line.text) > 200 or line.sentence:
        return False
    icons = _ICON.findall(line.text)
    return len(icons) >= 2 and len(line.words) <= 6 * len(icons) and (line.text[0] == icons[0] or len(icons) > 2)


def _segments(line: Line, marks: re.Pattern[str]) -> list[str]:
    return [part.strip() for part in marks.split(line.text) if part.strip()]


CRUMBS = (
    Rule("breadcrumb", is_breadcrumb, HEAD, longest=120),
    Rule("menu", is_menu, EDGES, longest=200),
    Rule("row of icons", is_icon_row, EDGES, longest=200),
)
