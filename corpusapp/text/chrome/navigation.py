"""Navigation: breadcrumbs, menus, and teasers of other stories such as "Read more: …"."""

import re

from corpusapp.text.chrome.rule import EDGES, HEAD, TAIL, Rule, either, whole
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
    """Short names between separators; at least one is a usual section if the separators may be part of a headline."""
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
    """A line that only has the name of a section."""
    return len(line.text) <= 40 and not line.sentence and is_section(line.text)


def is_menu(line: Line) -> bool:
    """Menu words between bars or wide gaps."""
    if len(line.text) > 200 or line.sentence:
        return False
    segments = _segments(line, _GAP)
    if len(segments) < 2 or any(len(part.split()) > 4 for part in segments):
        return False
    found = [word.casefold().strip("()[]:,.") for part in segments for word in part.split()]
    found = [word for word in found if word.replace("-", "").isalpha()]
    return bool(found) and 2 * sum(word in _MENU for word in found) >= len(found)


def is_icon_row(line: Line) -> bool:
    """Two or more icons with few words each."""
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


_KINDS = (
    r"(?:news|stor(?:y|ies)|articles?|posts?|headlines|topics?|videos?|reads?|reports?|coverage|content|links?|items?)"
)
_THIS = r"(?:section|topic|author|category|story|site|subject|issue|region|series|web|channel)"
_HEADING = either(
    r"check (?:this )?(?:also|out)|(?:also|see|read) (?:also|more|on|next|this)|also (?:read|see|check)",
    r"read (?:the )?full (?:story|article)",
    rf"related(?: {_KINDS})?",
    r"(?:more|other|latest|top|breaking|recent|popular|featured|recommended|trending|similar|suggested|previous|next)"
    rf" (?:(?:breaking|top|related|world|local|latest) )?(?:{_KINDS}|(?:from|in|on) (?:this|the|our|my) {_THIS})",
    rf"(?:most|mostly) (?:read|popular|viewed|visited|commented|shared|watched)(?: {_KINDS}| (?:in|on"
    rf"|of)\b[\w'’ &-]{{0,30}})?",
    r"you (?:may|might|could)(?: also)? (?:like|be interested in|want to read|enjoy).{0,20}",
    r"recommended(?: for you)?|trending(?: now)?|don['’]t miss|editor['’]?s['’]? (?:picks?|choice)",
    r"keep reading|continue reading|what to read next|we recommend|suggested (?:for you|reading)|search trends",
    r"continue reading below|(?:more|other) (?:stories|articles|news) like this(?: one)?",
    r"sponsored(?: content| links)?|promoted(?: stories| content)?|from (?:the web|around the web|our partners)",
    r"اقرأ أيض\w{0,2}|إقرأ أيض\w{0,2}|مواضيع ذات صلة|أخبار ذات صلة|اخبار مرتبط|مطالب مرتبط|بیشتر بخوانید|بیشتر بدانید",
    r"Читайте также|Смотрите также|Lire aussi|À lire aussi|Lesen Sie auch|Mehr zum Thema|Leggi anche|Lea también",
    r"Te puede interesar|Ayrıca okuyun|İlgili haberler|相关新闻|相关阅读|延伸阅读",
)
_POINTER = either(
    r"also read|read also|see also|check also|also see|اقرأ أيض\w{0,2}|إقرأ أيض\w{0,2}|بیشتر بخوانید",
    r"Читайте также|Lire aussi|À lire aussi|Lesen Sie auch|Leggi anche|Lea también|相关阅读",
)
_CERTAIN = either(
    _POINTER.pattern,
    rf"read more|related {_KINDS}|you (?:may|might) also like|recommended for you|continue reading"
    rf"|read (?:the )?full story",
    rf"most (?:read|popular|viewed|visited)(?: {_KINDS})?|more (?:from|in) this section|more on this (?:story|topic)",
)
_LOOSE_HEADING = either(
    r"(?:more|other|latest|top|most read|trending)(?: (?:news|stories|articles|headlines))?"
    r" (?:from|in|on|about|by) (?:this |the |our |same )?[\w'’&-]+(?: [\w'’&-]+){0,3}"
)
_POINT = r"\s*[:：|>»›→👉▶►]+\s*\S.*"
_INLINE = either(
    rf"(?:read (?:more|also|next|this)|also (?:read|see)|see also|check also|related(?: {_KINDS})?"
    rf"|more on this){_POINT}",
    rf"(?:don['’]t miss|keep reading|(?:watch|listen)(?: also| now| more| video)?|recommended|must[- ]read){_POINT}",
    rf"in case you missed it{_POINT}",
    rf"(?:اقرأ أيض\w{{0,2}}|إقرأ أيض\w{{0,2}}|بیشتر بخوانید|Читайте также|Lire aussi|À lire aussi|Leggi anche"
    rf"|相关阅读){_POINT}",
    rf"(?:Lesen Sie auch|Lea también){_POINT}",
    r"also in (?:the |our |this )?[^\W\d_]+(?: [^\W\d_]+){0,3}\s*(?:[:|>»›→👉▶►]|\s{2,})+\s*\S.*",
)
_AROUND = "•*-–—>»›→|([ "


def is_heading(line: Line) -> bool:
    """Heads a list of other stories."""
    return len(line.text) <= 70 and _HEADING.fullmatch(line.core) is not None


def is_certain_heading(line: Line) -> bool:
    """Heads a list of other stories anywhere in a text: no subhead has this wording."""
    return len(line.text) <= 40 and _CERTAIN.fullmatch(line.core) is not None


def is_pointer(line: Line) -> bool:
    """Points to the headline on the next line."""
    return len(line.text) <= 40 and _POINTER.fullmatch(line.core) is not None


def is_loose_heading(line: Line) -> bool:
    """Heads such a list after the article; a headline may have the same wording."""
    return len(line.text) <= 60 and not line.sentence and _LOOSE_HEADING.fullmatch(line.core) is not None


def is_inline(line: Line) -> bool:
    """A teaser on one line. A headline does not end in a full stop."""
    if len(line.text) > 220 or _INLINE.fullmatch(line.text.lstrip(_AROUND)) is None:
        return False
    return not line.sentence or line.text.rstrip("\"'”’)] ")[-1:] != "."


def is_item(line: Line) -> bool:
    """May be an item of such a list: a headline, or a truncated excerpt."""
    if line.cut:
        return len(line.text) <= 600
    return len(line.text) <= 200 and not line.prose and (not line.sentence or is_listed(line) or line.text[-1:] in "?!")


def is_listed(line: Line) -> bool:
    """Begins with a bullet."""
    return line.text[:1] in "»›>•→▶►■▪●◦‣*"


TEASERS = (
    Rule("certain teaser heading", is_certain_heading, longest=40),
    Rule("teaser heading", is_heading, EDGES, longest=70),
    Rule("loose teaser heading", is_loose_heading, TAIL, longest=60),
    Rule("teaser", is_inline, opens=False, longest=220, opening=rf"[{re.escape(_AROUND)}]*(?:{_INLINE.pattern})"),
    whole("list marks", r"list of \d+ items|list \d+ of \d+|end of list", longest=40),
    whole(
        "turn the page",
        r"(?:\[?\d{1,2}\]?\s*){0,10}(?:next|previous)(?: page| article| post| story)?",
        r"back to (?:top|home|list|news)",
        where=EDGES,
        longest=40,
    ),
)
