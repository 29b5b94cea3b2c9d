"""Parse the usual written forms of a date. Ambiguous ones (03/09/2018) are not parsed."""

import re
from datetime import date
from email.utils import parsedate_to_datetime

_ISO = re.compile(r"(\d{4})-(\d\d?)-(\d\d?)(?![\d-])|(\d{4})(\d\d)(\d\d)(?!\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\.?"
_WORDED = (
    re.compile(rf"(?P<day>\d\d?)(?:st|nd|rd|th)?\s+{_MONTH},?\s+(?P<year>\d{{4}})\b", re.I),
    re.compile(rf"{_MONTH}\s+(?P<day>\d\d?)(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b", re.I),
)


def day_of(value: str) -> date | None:
    """The day of a date in ISO 8601, RFC 5322 (mail, RSS) or English words, in its own time zone; else None."""
    value = value.strip()[:100]
    try:
        if match := _ISO.match(value):
            return date(*(int(part) for part in match.groups() if part))
        for pattern in _WORDED:
            if match := pattern.search(value):
                month = _MONTHS.index(match["month"][:3].lower()) + 1
                return date(int(match["year"]), month, int(match["day"]))
        return parsedate_to_datetime(value).date()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
