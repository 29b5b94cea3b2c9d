"""Requests of an editor as plain values: a verb on a span, and the matches to apply it to."""

from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from annotations.review.models import Verb
from corpusapp.core.errors import Invalid, RevisionMissing

# The largest bigint of PostgreSQL.
MAX_ID = 2**63 - 1
SPAN_VERBS = (Verb.CONFIRM, Verb.REJECT, Verb.RELABEL, Verb.MOVE, Verb.ADD)


class Seen(NamedTuple):
    """A span as the editor saw it, in code points, with the name of its label."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Choice:
    """One verb. All but `add` name a span and the revision that the editor saw, or what was `seen` alone.

    `relabel` needs a label; `move` needs start and end, and may change the label; `add` needs all three. With `seen`,
    the verb is applied to that range even if the suggestion was withdrawn meanwhile. With `seen` alone, a span that was
    decided is only changed if its `revision` is given. `offered`: it takes a possible span, with one action. `entity`
    is the one that was shown with the span, which is then confirmed too.
    """

    verb: str
    span: int | None = None
    revision: int | None = None
    start: int | None = None
    end: int | None = None
    label: str | None = None
    seen: Seen | None = None
    offered: bool = False
    entity: int | None = None

    def as_request(self) -> dict[str, Any]:
        """The values that a request with the same idempotency key must repeat."""
        return {name: value for name, value in vars(self).items() if value or name not in ("seen", "offered", "entity")}

    @property
    def spared_actions(self) -> int:
        """By how many actions an offered choice is cheaper than the same choice made by hand."""
        return int(self.offered and self.verb in (Verb.MOVE, Verb.ADD))

    def check(self, field: str = "") -> None:
        """Refuse a choice that is invalid whatever the article's state. `field` names the choice in the refusal."""
        if self.verb not in SPAN_VERBS:
            raise Invalid(
                f"{self.verb!r} is not a verb: use one of {', '.join(SPAN_VERBS)}", field=_join(field, "verb")
            )
        needed = {Verb.RELABEL: ["label"], Verb.MOVE: ["start", "end"], Verb.ADD: ["start", "end", "label"]}
        if self.verb != Verb.ADD:
            self._check_span_given(field)
        if self.offered and self.verb in (Verb.CONFIRM, Verb.REJECT):
            raise Invalid(f"offered is not allowed for {self.verb}: leave it out", field=_join(field, "offered"))
        if self.verb == Verb.ADD and self.seen is not None:
            raise Invalid("seen is not allowed for add: leave it out", field=_join(field, "seen"))
        for name in needed.get(Verb(self.verb), []):
            if getattr(self, name) is None:
                raise Invalid(f"{self.verb} needs {name}", field=_join(field, name))

    def _check_span_given(self, field: str) -> None:
        if self.span is None and self.seen is not None:
            return
        if self.span is None:
            raise Invalid(f"{self.verb} needs the id of a span, or the span as seen", field=_join(field, "span"))
        if self.revision is None:
            raise RevisionMissing(
                f"{self.verb} of span {self.span} is missing the revision: send the one that you saw",
                field=_join(field, "revision"),
            )


@dataclass(frozen=True)
class ShownMatch:
    """A match as it was shown: a span with its revision, or the range of a span to add."""

    article: int
    span: int | None = None
    revision: int | None = None
    start: int | None = None
    end: int | None = None

    def check(self, verb: str, field: str = "") -> None:
        """Refuse a match that lacks what `verb` needs, or has more."""
        needed, other = ("span", "revision"), ("start", "end")
        if verb == Verb.ADD:
            needed, other = other, needed
        for name in needed:
            if getattr(self, name) is None:
                raise Invalid(f"{verb} of a match needs {name}", field=_join(field, name))
        for name in other:
            if getattr(self, name) is not None:
                raise Invalid(f"{name} is not allowed for {verb}: leave it out", field=_join(field, name))

    def location(self) -> dict[str, int]:
        """Its article and its span or range, for a report."""
        return {name: value for name, value in asdict(self).items() if value is not None and name != "revision"}


@dataclass(frozen=True)
class ArticleChoice:
    """A choice with the id of its article, or the article's external ID, whose newest version is meant.

    `article` is 0 as long as the external ID is not looked up, and if there is no such article.
    """

    article: int
    choice: Choice
    external_id: str = ""

    def as_request(self) -> dict[str, Any]:
        """The values that a request with the same idempotency key must repeat."""
        named: dict[str, Any] = {"article": self.article}
        if self.external_id:
            named = {"external_id": self.external_id}
        return {**named, "choice": self.choice.as_request()}

    def location(self) -> dict[str, Any]:
        """Its article and its span or range, for a report."""
        choice = self.choice
        named = {"article": self.article or None, **({"external_id": self.external_id} if self.external_id else {})}
        if choice.verb == Verb.ADD:
            return {**named, "start": choice.start, "end": choice.end}
        if choice.span is None and choice.seen is not None:
            return {**named, **choice.seen._asdict()}
        return {**named, "span": choice.span}


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
