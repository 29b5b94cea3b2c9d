"""Reports of what a format cannot hold or a file lacks: complete counts, and the first examples of each kind."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from annotations.formats.records import Record, SpanRecord, labels_of

# Listed entries of each kind; all are counted.
EXAMPLES = 20
# The note on an article without any annotator's work: its lack of spans means nothing.
UNSEEN = "unseen"


class Strict(ValueError):
    """Something would be left out of a strict export. The message says what and why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a report. `where` is the name of an article or a place in a file (line 7), never a path."""

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

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "message": str(self)}


@dataclass(slots=True)
class Report:
    """The report of a file, complete after its last record.

    `losses` count spans and articles that were left out or changed, `faults` parts of a file that could not be read
    (with `strict`, both raise `Strict`), and `notes` what is stored in another way. `articles` and `spans` were read,
    or selected for writing. `labels` counts spans by label, `left_out` by reason and label, `left_out_articles` by
    reason. `beside` counts spans in a part of the file that only corpusapp reads. `each` is called with every loss and
    fault.
    """

    strict: bool = False
    articles: int = 0
    spans: int = 0
    losses: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    left_out: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_out_articles: Counter[str] = field(default_factory=Counter)
    beside: Counter[str] = field(default_factory=Counter)
    lost: list[Entry] = field(default_factory=list)
    noted: list[Entry] = field(default_factory=list)
    each: Callable[[Entry], Any] | None = None

    @property
    def examples(self) -> list[Entry]:
        """The first entries of each kind: losses and faults, then notes."""
        return self.lost + self.noted

    def admit(self, record: Record) -> None:
        """Count an article that is written or was read."""
        self.articles += 1
        self.spans += len(record.spans)
        self.labels.update(labels_of(record.spans))

    def lose(self, kind: str, reason: str, where: str = "", span: SpanRecord | None = None) -> None:
        """Record that a span is left out or, without a span, that a part of an article is changed."""
        self._record(self.losses, _entry(kind, reason, where, span))
        if span is not None:
            self.left_out[kind, span.label] += 1

    def leave_out(self, kind: str, reason: str, record: Record) -> None:
        """Record that an article is left out, with its spans."""
        self._record(self.losses, Entry(kind, reason, record.name))
        self.left_out_articles[kind] += 1
        self.left_out.update([(kind, label) for label in labels_of(record.spans)])

    def keep_beside(self, reason: str, where: str, span: SpanRecord) -> None:
        """Record that a span is written where only corpusapp reads it."""
        self.beside[span.label] += 1
        self.note("beside", reason, where, span)

    def refuse(self, kind: str, reason: str, where: str, field: str = "") -> None:
        """Record a part of a file that could not be read."""
        self._record(self.faults, Entry(kind, reason, where, field))

    def note(self, kind: str, reason: str, where: str = "", span: SpanRecord | None = None) -> None:
        """Record what is stored in another way."""
        self.notes[kind] += 1
        if self.notes[kind] <= EXAMPLES:
            self.noted.append(_entry(kind, reason, where, span))

    @property
    def whole(self) -> bool:
        """Whether there are no losses and faults."""
        return not self.losses and not self.faults

    def as_dict(self) -> dict[str, Any]:
        """The report of a file that was read."""
        return self._counts() | {"examples": [entry.as_dict() for entry in self.examples]}

    def of_writing(self) -> dict[str, Any]:
        """The report of a file that was written. Notes are only counted."""
        return self.counts() | {"examples": [entry.as_dict() for entry in self.lost]}

    def counts(self) -> dict[str, Any]:
        """The report of a file that was written, without its entries."""
        lost: dict[str, Counter[str]] = {}
        for (kind, label), number in self.left_out.items():
            lost.setdefault(kind, Counter())[label] += number
        # Spans of articles that were left out were not counted.
        gone = sum((Counter(found) for kind, found in lost.items() if kind not in self.left_out_articles), Counter())
        labels = self.labels - gone - self.beside
        return self._counts() | {
            "written": {"articles": self.articles, "spans": labels.total(), "labels": _sorted(labels)},
            "beside": _sorted(self.beside),
            "left_out": {
                "articles": _sorted(self.left_out_articles),
                "spans": {kind: _sorted(lost[kind]) for kind in sorted(lost)},
            },
        }

    def _counts(self) -> dict[str, Any]:
        return {
            "articles": self.articles,
            "spans": self.spans,
            "losses": _sorted(self.losses),
            "faults": _sorted(self.faults),
            "notes": _sorted(self.notes),
        }

    def _record(self, counter: Counter[str], entry: Entry) -> None:
        if self.strict:
            raise Strict(str(entry))
        counter[entry.kind] += 1
        if counter[entry.kind] <= EXAMPLES:
            self.lost.append(entry)
        if self.each is not None:
            self.each(entry)


def _sorted(counted: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counted.items()))


def _entry(kind: str, reason: str, where: str, span: SpanRecord | None) -> Entry:
    if span is None:
        return Entry(kind, reason, where)
    return Entry(kind, reason, where, start=span.start, end=span.end, label=span.label)
