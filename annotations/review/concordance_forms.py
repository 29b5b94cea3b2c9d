"""What the forms of the concordance send, as the plain values that queries and actions take."""

import re
from collections.abc import Sequence

from django.http import QueryDict

from annotations.review.actions.choices import Choice, Placed
from annotations.review.forms import read_day
from annotations.review.models import Label, Verb
from annotations.review.queries.bulk_preview import LIST_VERBS, Pick, Planned
from annotations.review.queries.concordance import FREE, STATES, Asked
from annotations.review.queries.mentions import Words
from corpusapp.core.errors import Invalid

_SPAN = re.compile(r"([0-9]{1,18}):([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_PLACE = re.compile(r"([0-9]{1,18}):([0-9]{1,9})-([0-9]{1,9})", re.ASCII)
_CHOICE = re.compile(r"(confirm|reject|relabel|add):([0-9]{1,18}):([0-9]{1,18}):([0-9]{1,9})(?::([\w.-]{1,64}))?")
SHOWN = ("q", "mode", "surface", "label", "score_from", "score_to", "source", "published_from", "published_to", "order")


def read_asked(data: QueryDict) -> Asked:
    """What a list is narrowed to; refuses what cannot be read."""
    states = [state for state in data.getlist("state") if state]
    return Asked(
        query=data.get("q", ""),
        mode=data.get("mode") or Words.WORDS,
        surface=data.get("surface", ""),
        label=data.get("label", ""),
        states=tuple(dict.fromkeys(states)) or Asked.states,
        score_from=_score(data, "score_from"),
        score_to=_score(data, "score_to"),
        source=data.get("source", ""),
        published_from=read_day(data.get("published_from", ""), "published_from"),
        published_to=read_day(data.get("published_to", ""), "published_to"),
        order=data.get("order") or "newest",
    )


def _score(data: QueryDict, name: str) -> float | None:
    value = data.get(name, "").strip()
    if not value:
        return None
    if not re.fullmatch(r"[0-9]?\.?[0-9]{1,6}", value):
        raise Invalid(f"a score lies between 0 and 1, such as 0.8: {value[:40]!r} is none", field=name)
    return float(value)


def query_of(data: QueryDict) -> str:
    """The address's own part of what a list is narrowed to, to come back to it."""
    kept = QueryDict(mutable=True)
    for name in (*SHOWN, "state", "size", "cursor"):
        if values := [value for value in data.getlist(name) if value]:
            kept.setlist(name, values)
    return kept.urlencode()


def pick_value(article: int, span: int | None, revision: int | None, start: int, end: int) -> str:
    """A mention as the value of its box."""
    return f"{article}:{start}-{end}" if span is None else f"{article}:{span}:{revision}"


def read_picks(values: Sequence[str]) -> list[Pick]:
    """The mentions whose boxes were ticked."""
    if not values:
        raise Invalid("nothing is ticked: tick the mentions to decide on", field="mention")
    picks = []
    for value in dict.fromkeys(values):
        if found := _SPAN.fullmatch(value):
            picks.append(Pick(int(found[1]), span=int(found[2]), revision=int(found[3])))
        elif found := _PLACE.fullmatch(value):
            picks.append(Pick(int(found[1]), start=int(found[2]), end=int(found[3])))
        else:
            raise Invalid(f"{value[:60]!r} names no mention, such as 4:12:3", field="mention")
    return picks


def read_verb(data: QueryDict) -> str:
    """The verb of the button that was pressed."""
    if (verb := data.get("verb", "")) not in LIST_VERBS:
        raise Invalid("choose what to do with what is ticked: confirm, reject or label", field="verb")
    return verb


def choice_value(planned: Planned, label: Label | None) -> str:
    """A decision as the value of its box on the page that shows it once more."""
    pick, span = planned.pick, planned.span
    if planned.verb == Verb.ADD:
        start, end = (span.start, span.end) if span else (pick.start, pick.end)
        return f"add:{pick.article}:{start}:{end}:{label}"
    ending = f":{label}" if planned.verb == Verb.RELABEL else ""
    return f"{planned.verb}:{pick.article}:{pick.span}:{pick.revision}{ending}"


def read_choices(values: Sequence[str]) -> list[Placed]:
    """The decisions whose boxes were ticked."""
    return [_read_choice(value) for value in dict.fromkeys(values)]


def _read_choice(value: str) -> Placed:
    if not (found := _CHOICE.fullmatch(value)):
        raise Invalid(f"{value[:60]!r} is no decision, such as confirm:4:12:3", field="choice")
    verb, label = found[1], found[5]
    article, first, second = int(found[2]), int(found[3]), int(found[4])
    if verb == Verb.ADD:
        return Placed(article, Choice(verb, start=first, end=second, label=label))
    return Placed(article, Choice(verb, span=first, revision=second, label=label))


STATE_NAMES = [(state, "no span" if state == FREE else state) for state in STATES]
