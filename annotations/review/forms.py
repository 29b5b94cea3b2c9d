"""What the forms of the article page send, as the plain values that actions take. Nothing in it is guessed."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from annotations.review.actions.choices import Choice, Like, Seen
from annotations.review.models import Verb
from annotations.review.queries import ArticleFilter
from annotations.review.queries.alike import Match
from corpusapp.articles.forms import OffsetField, QuoteField, only_error
from corpusapp.core.errors import Invalid, RevisionMissing

_PAIR = re.compile(r"([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_SEEN = re.compile(r"(.*?:.*?):([0-9]{1,9}):([0-9]{1,9}):(.+)", re.ASCII | re.DOTALL)
_RUN = re.compile(r"([0-9]{1,18})-([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_LONGEST_RUN = 100_000
# Spans that one form can name, all runs together: more than any page shows.
_MOST_SHOWN = 200_000
_LIKE = re.compile(r"([0-9]{1,18}):([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)


def read_pair(value: str, field: str = "span") -> tuple[int, int]:
    """(span's id, revision) of `12:3`."""
    if match := _PAIR.fullmatch(value):
        return int(match[1]), int(match[2])
    if _ID.fullmatch(value.rstrip(":")):
        raise RevisionMissing(f"span {value.rstrip(':')} comes without the revision that you saw", field=field)
    raise Invalid(f"{value[:40]!r} names no span and revision, such as 12:3", field=field)


def seen_value(pk: int, revision: int, start: int, end: int, label: str) -> str:
    """A span as it is shown, for `read_seen`: `12:3:0:5:PERSON`."""
    return f"{pk}:{revision}:{start}:{end}:{label}"


def read_seen(value: str) -> dict[str, Any]:
    """The span, its revision and its place, for a `Choice`, of `12:3:0:5:PERSON`; of `12:3` without the place."""
    match = _SEEN.fullmatch(value)
    pk, revision = read_pair(match[1] if match else value)
    seen = Seen(int(match[2]), int(match[3]), match[4]) if match else None
    return {"span": pk, "revision": revision, "seen": seen}


def read_shown(value: str) -> dict[int, int]:
    """Revision by span of `12:3 13:1 20-25:1 …`; of the last, six spans have the same revision."""
    found: dict[int, int] = {}
    for piece in value.split():
        if match := _RUN.fullmatch(piece):
            first, last, revision = map(int, match.groups())
            if not 0 < last - first < _LONGEST_RUN:
                raise Invalid(f"{piece[:40]!r} is no run of spans, such as 20-25:1", field="shown")
            if len(found) + last - first >= _MOST_SHOWN:
                raise Invalid(f"more than {_MOST_SHOWN:,} spans are named: open the article anew", field="shown")
            found |= dict.fromkeys(range(first, last + 1), revision)
        else:
            found |= [read_pair(piece, "shown")]
    return found


def write_shown(pairs: Iterable[tuple[int, int]]) -> str:
    """The same of (span's id, revision), as short as it can be told: thousands of spans mostly follow each other."""
    runs: list[list[int]] = []
    for pk, revision in sorted(pairs):
        if runs and runs[-1][1:] == [pk - 1, revision] and pk - runs[-1][0] < _LONGEST_RUN:
            runs[-1][1] = pk
        else:
            runs.append([pk, pk, revision])
    return " ".join(f"{first}:{rev}" if first == last else f"{first}-{last}:{rev}" for first, last, rev in runs)


def read_id(value: str, field: str) -> int:
    if not _ID.fullmatch(value):
        raise Invalid(f"{value[:40]!r} is no number of a {field}", field=field)
    return int(value)


def read_day(value: str, field: str) -> date | None:
    """A day of a filter; None where it is left empty."""
    try:
        return _day(value)
    except forms.ValidationError as error:
        raise Invalid(f"{field}: {error.messages[0]}", field=field) from error


class MoveForm(forms.Form):
    start = OffsetField()
    end = OffsetField()


class AddForm(forms.Form):
    """A span by its offsets, by its quote, or by both, which then must agree."""

    label = forms.CharField(max_length=64, error_messages={"required": "choose a label"})
    quote = QuoteField(required=False)
    start = OffsetField(required=False)
    end = OffsetField(required=False)


def read_choice(data: QueryDict) -> Choice:
    """The one decision that a form on existing spans asks for."""
    for verb in (Verb.CONFIRM, Verb.REJECT):
        if verb in data:
            return Choice(verb, **read_seen(data[verb]))
    seen = read_seen(data.get("span", ""))
    if data.get("verb") == Verb.MOVE:
        form = MoveForm(data)
        if not form.is_valid():
            raise only_error(form)
        return Choice(Verb.MOVE, **seen, **form.cleaned_data)
    if data.get("label"):
        return Choice(Verb.RELABEL, **seen, label=data["label"])
    raise Invalid("nothing was chosen: confirm, reject, give another label or move the boundaries", field="verb")


def read_whole_choice(data: QueryDict) -> Choice:
    """A decision with its verb and all that it needs, as `choice_query` writes it."""
    verb = data.get("verb", "")
    seen = {} if verb == Verb.ADD else read_seen(data.get("span", ""))
    place: dict[str, int] = {}
    if verb in (Verb.MOVE, Verb.ADD):
        form = MoveForm(data)
        if not form.is_valid():
            raise only_error(form)
        place = form.cleaned_data
    label = data.get("label") or None if verb in (Verb.RELABEL, Verb.MOVE, Verb.ADD) else None
    return Choice(verb, **seen, **place, label=label)


def choice_query(choice: Choice) -> dict[str, str]:
    """A decision as the values of an address or of hidden fields."""
    values = {"verb": str(choice.verb)}
    if choice.span is not None:
        place = f":{choice.seen.start}:{choice.seen.end}:{choice.seen.label}" if choice.seen else ""
        values["span"] = f"{choice.span}:{choice.revision}{place}"
    for name in ("start", "end", "label"):
        if getattr(choice, name) is not None:
            values[name] = str(getattr(choice, name))
    return values


def match_value(match: Match) -> str:
    """A like as the value of its box: `article:span:revision`, or `article:start:end` where no span stands."""
    where = (match.start, match.end) if match.span is None else (match.span, match.revision)
    return ":".join(map(str, (match.article, *where)))


def read_likes(values: Sequence[str], verb: str) -> list[Like]:
    """The likes whose boxes were ticked."""
    names = ("start", "end") if verb == Verb.ADD else ("span", "revision")
    likes = []
    for value in values:
        if not (found := _LIKE.fullmatch(value)):
            raise Invalid(f"{value[:60]!r} names no like, such as 4:12:3", field="match")
        article, first, second = map(int, found.groups())
        likes.append(Like(article, **dict(zip(names, (first, second), strict=True))))
    return likes


def client_key(data: QueryDict, *what: Any) -> str | None:
    """The key under which a form that is sent twice is one stroke; None where the page sent none."""
    if not (page := data.get("key", "")):
        return None
    return f"{page[:40]}:{hashlib.sha256(repr(what).encode(errors='replace')).hexdigest()[:32]}"


# What an editor can go on with, beside the stages themselves.
TO_DECIDE = "to_decide"


class FilterForm(forms.Form):
    """The filters of the list, from its address."""

    q = forms.CharField(required=False, strip=True)
    source = forms.CharField(required=False, strip=False)
    stage = forms.CharField(required=False)
    label = forms.CharField(required=False)
    order = forms.CharField(required=False)
    published_from = forms.CharField(required=False)
    published_to = forms.CharField(required=False)

    def clean_published_from(self) -> date | None:
        return _day(self.cleaned_data["published_from"])

    def clean_published_to(self) -> date | None:
        return _day(self.cleaned_data["published_to"])

    def narrowed(self, user_id: int) -> ArticleFilter:
        """The filter, for the list of this user: its stage may be TO_DECIDE too."""
        if not self.is_valid():
            raise only_error(self)
        clean = dict(self.cleaned_data)
        if clean["stage"] == TO_DECIDE:
            clean |= {"stage": "", "to_decide_by": user_id}
        return ArticleFilter(query=clean.pop("q"), order=clean.pop("order") or "best", **clean)


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise forms.ValidationError(f"write the date as 2018-09-03, not {value[:40]!r}") from error
