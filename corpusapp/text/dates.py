"""Dates as newspapers write them: year, month and day as far as they are stated. Offsets are code points."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from corpusapp.text.words import words

DAY, MONTH, YEAR = PRECISIONS = ("day", "month", "year")

_MONTHS = (
    "january jan enero ene janvier janv januar januari gennaio gen janeiro января янв ocak يناير ژانویه",
    "february feb febrero février févr fev februar febbraio fevereiro февраля фев şubat فبراير فوریه",
    "march mar marzo mars märz março марта мар mart مارس",
    "april apr abril abr avril avr aprile апреля апр nisan أبريل آوریل",
    "may mayo mai maio maggio мая mayıs مايو مه",
    "june jun junio juin juni giugno junho июня июн haziran يونيو ژوئن",
    "july jul julio juillet juil juli luglio julho июля июл temmuz يوليو ژوئیه",
    "august aug agosto ago août aout августа авг ağustos أغسطس اوت",
    "september sept sep septiembre septembre settembre setembro сентября сен eylül سبتمبر سپتامبر",
    "october oct octubre octobre oktober okt ottobre outubro октября окт ekim أكتوبر اکتبر",
    "november nov noviembre novembre novembro ноября ноя kasım نوفمبر نوامبر",
    "december dec diciembre dic décembre déc dezember dez dicembre dezembro декабря дек aralık ديسمبر دسامبر",
)
MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
WEEKDAYS = words("""
    monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
    lundi mardi mercredi jeudi vendredi samedi dimanche montag dienstag mittwoch donnerstag freitag samstag sonntag
    lunes martes miércoles jueves viernes sábado domingo
""")
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
_WEEKDAY = rf"(?:(?:{'|'.join(sorted(WEEKDAYS, key=len, reverse=True))})\.?,?\s{{1,3}})?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?!\d)"
_DAY = r"(?P<day>[0-3]?\d)(?!\d)(?:st|nd|rd|th|er|\.|º)?"
_MONTH = rf"(?P<month>{_NAMES})\b\.?"
_GAP = r"[\s\u200c]{1,3}"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_WEEKDAY}(?:the\s)?{_DAY}{_GAP}(?:of\s|de\s)?{_MONTH}(?:,?{_GAP}(?:de\s)?{_YEAR})?",
        rf"{_WEEKDAY}{_MONTH}{_GAP}{_DAY}(?:,?{_GAP}{_YEAR})?",
        rf"{_WEEKDAY}{_MONTH},?{_GAP}{_YEAR}",
        r"(?P<year>(?:19|20)\d\d)([-/.])(?P<month>[01]?\d)\2(?P<day>[0-3]?\d)(?!\d)",
        r"(?P<first>[0-3]?\d)([-/.])(?P<second>[0-3]?\d)\2(?P<year>(?:19|20)\d\d)(?!\d)",
    )
)


@dataclass(frozen=True)
class WrittenDate:
    """A date at `[start, end)`; parts that are not stated are None."""

    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None

    @property
    def value(self) -> date | None:
        """The first day of the stated period; None without a year."""
        return date(self.year, self.month or 1, self.day or 1) if self.year else None

    @property
    def precision(self) -> str | None:
        """The precision of `value`; None without a year."""
        if not self.year:
            return None
        return DAY if self.day else MONTH if self.month else YEAR


def date_at(text: str, start: int = 0) -> WrittenDate | None:
    """The longest date that begins at `start`."""
    window = text[start : start + 60]
    found = [made for form in _FORMS if (match := form.match(window)) and (made := _from_match(match, start))]
    return max(found, key=lambda one: one.end, default=None)


def first_date(text: str, limit: int = 400) -> WrittenDate | None:
    """The first date within the first `limit` code points."""
    window = text[:limit]
    for match in re.finditer(r"(?<!\w)\w", window):
        if found := date_at(window, match.start()):
            return found
    return None


def _from_match(match: re.Match[str], start: int) -> WrittenDate | None:
    parts = match.groupdict()
    year = int(parts["year"]) if parts.get("year") else None
    if "first" in parts:
        month, day = _ordered(int(parts["first"]), int(parts["second"]), match[2])
    else:
        name = parts["month"].casefold()
        month = MONTHS.get(name) or (int(name) if name.isdecimal() else 0)
        day = int(parts["day"]) if parts.get("day") else None
    if (month is not None and not 1 <= month <= 12) or (day is not None and not _is_day(year, month, day)):
        return None
    return WrittenDate(start + match.start(), start + match.end(), year, month, day)


def _ordered(first: int, second: int, separator: str) -> tuple[int | None, int | None]:
    """(month, day) of two numbers; (None, None) if ambiguous. With dots, the day comes first."""
    if separator == "." or first > 12 or first == second:
        return second, first
    return (first, second) if second > 12 else (None, None)


def _is_day(year: int | None, month: int | None, day: int) -> bool:
    return month is not None and 1 <= day <= monthrange(year or 2000, month)[1]
