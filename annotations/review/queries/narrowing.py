"""What spans are narrowed to: in lists of them, and in lists of the articles that hold such ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat

from annotations.review.models import Span, State
from corpusapp.core.errors import Invalid
from corpusapp.text.wellformed import fault

STANDING = (State.SUGGESTED.value, State.CONFIRMED.value)


@dataclass(frozen=True)
class SpanFilter:
    """One span has to fit all of it. `pipeline` is name and version, scores lie between 0 and 1."""

    label: str = ""
    states: Sequence[str] = ()
    pipeline: str = ""
    score_from: float | None = None
    score_to: float | None = None

    @property
    def narrows(self) -> bool:
        return self != ANY

    def check(self) -> None:
        """Refuse what no span can be."""
        for name in ("label", "pipeline"):
            if reason := fault(getattr(self, name)):
                raise Invalid(f"{name} {reason}", field=name)
        if unknown := [state for state in self.states if state not in State.values]:
            raise Invalid(f"{unknown[0][:40]!r} is no state: use {', '.join(State.values)}", field="state")
        for name in ("score_from", "score_to"):
            score = getattr(self, name)
            if score is not None and not 0 <= score <= 1:
                raise Invalid("a score lies between 0 and 1", field=name)

    def apply(self, spans: QuerySet[Span]) -> QuerySet[Span]:
        """Suggested and confirmed ones, where no states are named."""
        spans = spans.filter(state__in=self.states or STANDING)
        if self.label:
            spans = spans.filter(label__name=self.label)
        if self.pipeline:
            named = Concat("pipeline__name", Value(" "), "pipeline__version")
            spans = spans.annotate(named_pipeline=named).filter(named_pipeline=self.pipeline)
        if self.score_from is not None:
            spans = spans.filter(score__gte=self.score_from)
        if self.score_to is not None:
            spans = spans.filter(score__lte=self.score_to)
        return spans


ANY = SpanFilter()
