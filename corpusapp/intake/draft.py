"""An article before it is stored, checked as far as it can be without a database."""

from dataclasses import dataclass, field
from dataclasses import field as field_
from datetime import date
from typing import Any

from corpusapp.text.zones import ZoneRange

DONE = "done"
STAGES = ("new", "suggested", "in_review", DONE)


@dataclass(frozen=True)
class SpanDraft:
    """A span that came with a text; offsets in code points of the stored text. A suggestion may have a score."""

    start: int
    end: int
    label: str
    state: str = "confirmed"
    score: float | None = None


@dataclass(frozen=True)
class Draft:
    """One article to be. `item` and `line` say where it came from, for reports.

    `raw` is the original of this one article, `form` how it is read again (`readers.reread`), `encoding` Python's
    name of the encoding that its text was read in, empty where the form knows none. `stage` is how far its review had
    come, empty where nobody says. `spans_given` tells whether spans came with it, even if these are none,
    `spans_unsure` whether some of them were moved by a guess or could not be kept.
    """

    text: str
    title: str = ""
    url: str = ""
    source: str = ""
    published_on: date | None = None
    external_id: str = ""
    language: str = ""
    spans: tuple[SpanDraft, ...] = ()
    zones: tuple[ZoneRange, ...] = ()
    metadata: dict[str, Any] = field(default_factory=dict)
    item: str = ""
    line: int | None = None
    notes: tuple[str, ...] = ()
    encoding: str = ""
    form: str = ""
    stage: str = ""
    spans_given: bool = False
    spans_unsure: bool = False
    raw: bytes | None = field(default=None, repr=False, compare=False)

    def is_done(self, asked: bool) -> bool:
        """Whether it comes in as reviewed: as it says itself, else as is `asked` of what comes with decided spans."""
        if self.stage or self.spans_unsure or not self.spans_given:
            return self.stage == DONE and not self.spans_unsure
        return asked and all(span.state != "suggested" for span in self.spans)


@dataclass(frozen=True)
class Failure:
    """One item that could not be read or was refused; the others go on. `raw` and `form` allow another try."""

    item: str
    line: int | None
    reason: str
    field: str = ""
    form: str = ""
    raw: bytes | None = field_(default=None, repr=False, compare=False)


class Unfit(ValueError):
    """A record that cannot become an article: `field` and the reason."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
