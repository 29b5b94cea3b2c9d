"""What a format could not hold or a file did not give: counted whole, the first of each kind told one by one."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from annotations.formats.records import SpanRecord

# Told one by one of each kind; all are counted.
EXAMPLES = 20


class Strict(ValueError):
    """Something would be left out, and the caller wants all or nothing; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing told. `where` is an article's name or a place in a file (line 7), never a path of this machine."""

    kind: str
    reason: str
    where: str = ""
    field: str = ""
    start: int | None = None
    end: int | None = None
    label: str = ""

    def __str__(self) -> str:
        span = f" [{self.start}, {self.end}) {self.label}" if self.start is not None else ""
        where = ": ".join(part for part in (self.where + span, self.field) if part.strip())
        return f"{where}: {self.reason}" if where else self.reason


@dataclass(slots=True)
class Report:
    """Filled while records pass through; complete when the last one has.

    `losses` are spans and articles left out or altered, `faults` parts of a file that could not be read (both refuse
    all when `strict`), `notes` what was carried in another way or has no place in the format.
    """

    strict: bool = False
    articles: int = 0
    spans: int = 0
    losses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    examples: list[Entry] = field(default_factory=list)

    def lose(self, kind: str, reason: str, where: str = "", span: SpanRecord | None = None) -> None:
        """A span, or without one an article or a part of it, is left out of what is written or read."""
        self._tell(self.losses, _entry(kind, reason, where, span))

    def refuse(self, kind: str, reason: str, where: str, field: str = "") -> None:
        """Part of a file is not what it should be and was passed over."""
        self._tell(self.faults, Entry(kind, reason, where, field))

    def note(self, kind: str, reason: str, where: str = "", span: SpanRecord | None = None) -> None:
        self.notes[kind] += 1
        if self.notes[kind] <= EXAMPLES:
            self.examples.append(_entry(kind, reason, where, span))

    @property
    def whole(self) -> bool:
        """Whether nothing was left out and everything could be read."""
        return not self.losses and not self.faults

    def as_dict(self) -> dict[str, Any]:
        return {
            "articles": self.articles,
            "spans": self.spans,
            "losses": dict(sorted(self.losses.items())),
            "faults": dict(sorted(self.faults.items())),
            "notes": dict(sorted(self.notes.items())),
            "examples": [{**asdict(entry), "message": str(entry)} for entry in self.examples],
        }

    def _tell(self, counter: Counter[str], entry: Entry) -> None:
        if self.strict:
            raise Strict(str(entry))
        counter[entry.kind] += 1
        if counter[entry.kind] <= EXAMPLES:
            self.examples.append(entry)


def _entry(kind: str, reason: str, where: str, span: SpanRecord | None) -> Entry:
    if span is None:
        return Entry(kind, reason, where)
    return Entry(kind, reason, where, start=span.start, end=span.end, label=span.label)
