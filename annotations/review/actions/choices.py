"""What an editor asks for: one verb on one span, as a plain value that is sound in itself."""

from dataclasses import dataclass

from annotations.review.models import Verb
from corpusapp.refusals import Invalid, RevisionMissing

# The largest id that a row can have: PostgreSQL's bigint.
MAX_ID = 2**63 - 1
SPAN_VERBS = (Verb.CONFIRM, Verb.REJECT, Verb.RELABEL, Verb.MOVE, Verb.ADD)


@dataclass(frozen=True)
class Choice:
    """One verb. All but `add` name a span and the revision that the editor saw.

    `relabel` needs a label; `move` needs start and end and may bring a label; `add` needs all three.
    """

    verb: str
    span: int | None = None
    revision: int | None = None
    start: int | None = None
    end: int | None = None
    label: str | None = None

    def check(self, field: str = "") -> None:
        """Refuse what no state of the article could make right. `field` names this choice in the refusal."""
        if self.verb not in SPAN_VERBS:
            raise Invalid(f"{self.verb!r} is no verb: use one of {', '.join(SPAN_VERBS)}", field=_join(field, "verb"))
        if self.verb != Verb.ADD:
            self._check_addressed(field)
        needed = {Verb.RELABEL: ["label"], Verb.MOVE: ["start", "end"], Verb.ADD: ["start", "end", "label"]}
        for name in needed.get(Verb(self.verb), []):
            if getattr(self, name) is None:
                raise Invalid(f"{self.verb} needs {name}", field=_join(field, name))

    def _check_addressed(self, field: str) -> None:
        if self.span is None:
            raise Invalid(f"{self.verb} needs the id of a span", field=_join(field, "span"))
        if self.revision is None:
            raise RevisionMissing(
                f"{self.verb} of span {self.span} names no revision: send the one that you saw",
                field=_join(field, "revision"),
            )


def _join(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name
