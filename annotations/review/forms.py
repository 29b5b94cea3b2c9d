"""Reads the forms of the article page, the list and the concordance into the values that actions take."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict

from annotations.review.actions.choices import ArticleChoice, Choice, ShownMatch
from annotations.review.actions.labels import MAX_TEXT
from annotations.review.models import Label, SavedFilter, Verb
from annotations.review.queries import ArticleFilter
from annotations.review.queries.assignment import ME
from annotations.review.queries.bulk_preview import LIST_VERBS, PlannedDecision, SelectedMention
from annotations.review.queries.concordance import FREE, STATES, ConcordanceFilter
from annotations.review.queries.listing import check_filters
from annotations.review.queries.matches import Match
from annotations.review.queries.mentions import SearchMode
from annotations.review.queries.saved_filters import get_filter
from annotations.review.shown_values import SpanValue, read_span_value
from corpusapp.articles.forms import OffsetField, QuoteField, only_error
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

_MATCH = re.compile(r"([0-9]{1,18}):([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,18}):([0-9]{1,9})-([0-9]{1,9})", re.ASCII)
_CHOICE = re.compile(r"(confirm|reject|relabel|add):([0-9]{1,18}):([0-9]{1,18}):([0-9]{1,9})(?::([\w.-]{1,64}))?")
# A choice of the stage filter next to the stages themselves.
TO_DECIDE = "to_decide"
STATE_NAMES = [(state, "no span" if state == FREE else state) for state in STATES]
# Query parameters of the concordance.
_FILTERS = (
    "q", "mode", "surface", "label", "score_from", "score_to", "source", "published_from", "published_to", "order",
)  # fmt: skip


def read_id(value: str, field: str) -> int:
    if not _ID.fullmatch(value):
        article = "an" if field[0] in "aeiou" else "a"
        raise Invalid(f"{value[:40]!r} is not {article} {field} ID", field=field)
    return int(value)


def parse_day(value: str, field: str) -> date | None:
    """The date of a filter, or None if it is empty."""
    try:
        return _parse_day(value)
    except forms.ValidationError as error:
        raise Invalid(f"{field}: {error.messages[0]}", field=field) from error


class MoveForm(forms.Form):
    start = OffsetField()
    end = OffsetField()


class AddForm(forms.Form):
    """A span given by offsets, by quote, or by both, which then must agree."""

    label = forms.CharField(max_length=64, error_messages={"required": "choose a label"})
    quote = QuoteField(required=False)
    start = OffsetField(required=False)
    end = OffsetField(required=False)


def read_choice(data: QueryDict) -> Choice:
    """The choice that a form on an existing span sends."""
    for verb in (Verb.CONFIRM, Verb.REJECT):
        if verb in data:
            return Choice(verb, **read_span_value(data.get(verb, "")))
    # Whoever moves or relabels a span has not decided on its entity.
    seen = read_span_value(data.get("span", "")) | {"entity": None}
    if data.get("verb") == Verb.MOVE:
        form = MoveForm(data)
        if not form.is_valid():
            raise only_error(form)
        return Choice(Verb.MOVE, **seen, **form.cleaned_data)
    if label := data.get("label"):
        return Choice(Verb.RELABEL, **seen, label=label)
    raise Invalid("no decision chosen: confirm, reject, choose a label or move the boundaries", field="verb")


def read_match_choice(data: QueryDict) -> Choice:
    """A choice as `choice_query` writes it."""
    verb = data.get("verb", "")
    seen: SpanValue = {} if verb == Verb.ADD else read_span_value(data.get("span", ""))
    if verb != Verb.CONFIRM:
        seen.pop("entity", None)
    place: dict[str, int] = {}
    if verb in (Verb.MOVE, Verb.ADD):
        form = MoveForm(data)
        if not form.is_valid():
            raise only_error(form)
        place = form.cleaned_data
    label = data.get("label") or None if verb in (Verb.RELABEL, Verb.MOVE, Verb.ADD) else None
    return Choice(verb, **seen, start=place.get("start"), end=place.get("end"), label=label)


def choice_query(choice: Choice) -> dict[str, str]:
    """A choice as query parameters or hidden fields."""
    values = {"verb": str(choice.verb)}
    if choice.span is not None:
        seen = choice.seen
        place = f":{seen.start}:{seen.end}:{seen.label}{f'@{choice.entity}' if choice.entity else ''}" if seen else ""
        values["span"] = f"{choice.span}:{choice.revision}{place}"
    for name in ("start", "end", "label"):
        if getattr(choice, name) is not None:
            values[name] = str(getattr(choice, name))
    return values


def match_value(match: Match) -> str:
    """A match as the value of its checkbox: `article:span:revision`, or `article:start:end` without a span."""
    where = (match.start, match.end) if match.span is None else (match.span, match.revision)
    return ":".join(map(str, (match.article, *where)))


def read_matches(values: Sequence[str], verb: str) -> list[ShownMatch]:
    """The matches whose checkboxes are selected."""
    names = ("start", "end") if verb == Verb.ADD else ("span", "revision")
    matches = []
    for value in values:
        if not (match := _MATCH.fullmatch(value)):
            raise Invalid(f"{value[:60]!r} is not a mention, such as 4:12:3", field="match")
        article, first, second = map(int, match.groups())
        matches.append(ShownMatch(article, **dict(zip(names, (first, second), strict=True))))
    return matches


def client_key(data: QueryDict, *what: Any) -> str | None:
    """An idempotency key for a form, so that sending it twice makes one decision; None if the page has no key."""
    if not (page := data.get("key", "")):
        return None
    return f"{page[:40]}:{hashlib.sha256(repr(what).encode(errors='replace')).hexdigest()[:32]}"


class FilterForm(forms.Form):
    """The filters of the article list, from its query parameters."""

    q = forms.CharField(required=False, strip=True)
    source = forms.CharField(required=False, strip=False)
    stage = forms.CharField(required=False)
    label = forms.CharField(required=False)
    order = forms.CharField(required=False)
    assignee = forms.CharField(required=False)
    aside = forms.CharField(required=False)
    published_from = forms.CharField(required=False)
    published_to = forms.CharField(required=False)

    def clean_published_from(self) -> date | None:
        return _parse_day(self.cleaned_data["published_from"])

    def clean_published_to(self) -> date | None:
        return _parse_day(self.cleaned_data["published_to"])

    def article_filter(self, user: "User") -> ArticleFilter:
        """The filter; `user` is meant by the stage `TO_DECIDE`, the assignee `ME`, and what was flagged or skipped."""
        if not self.is_valid():
            raise only_error(self)
        clean = dict(self.cleaned_data)
        if clean["stage"] == TO_DECIDE:
            clean |= {"stage": "", "to_decide_by": user.pk}
        if clean["assignee"] == ME:
            clean["assignee"] = user.username
        if clean["aside"]:
            clean["aside_by"] = user.pk
        return ArticleFilter(query=clean.pop("q"), order=clean.pop("order") or "best", **clean)


def list_filters(data: Mapping[str, str]) -> dict[str, str]:
    """The filters and the order of the article list among these parameters, without empty ones."""
    return {name: value for name in data if name in FilterForm.base_fields and (value := data.get(name, ""))}


def list_query(data: Mapping[str, str]) -> dict[str, str]:
    """As `list_filters`, with the id of a saved filter: what leads from one page to the next of the same list."""
    saved = data.get("filter", "")
    return ({"filter": saved} if saved else {}) | list_filters(data)


def chosen_filters(user: "User", corpus: Corpus, query: Mapping[str, str]) -> tuple[dict[str, str], SavedFilter | None]:
    """The filters and the order of some parameters: those of the saved filter that they name, and over them their own.

    Raises `Invalid` or `NotFound` for a saved filter that the user cannot use.
    """
    named = query.get("filter", "")
    saved = get_filter(user, corpus, read_id(named, "filter")) if named else None
    given = list_filters(QueryDict(saved.query)) if saved else {}
    return given | list_filters(query), saved


def check_saved_query(user: "User", query: str) -> str:
    """The filters and the order of a query string, as it is saved. Refuses what the list would refuse."""
    given = list_filters(QueryDict(query))
    check_filters(FilterForm(given).article_filter(user))
    return urlencode(given)


def _parse_day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError as error:
        raise forms.ValidationError(f"{value[:40]!r} is not a date: write it as 2018-09-03") from error


def read_concordance_filter(data: QueryDict) -> ConcordanceFilter:
    """The filters of the concordance. Refuses values that cannot be read."""
    states = [state for state in data.getlist("state") if state]
    return ConcordanceFilter(
        query=data.get("q", ""),
        mode=data.get("mode") or SearchMode.WORDS,
        surface=data.get("surface", ""),
        label=data.get("label", ""),
        states=tuple(dict.fromkeys(states)) or ConcordanceFilter.states,
        score_from=_score(data, "score_from"),
        score_to=_score(data, "score_to"),
        source=data.get("source", ""),
        published_from=parse_day(data.get("published_from", ""), "published_from"),
        published_to=parse_day(data.get("published_to", ""), "published_to"),
        order=data.get("order") or "newest",
    )


def _score(data: QueryDict, name: str) -> float | None:
    value = data.get(name, "").strip()
    if not value:
        return None
    if not re.fullmatch(r"[0-9]?\.?[0-9]{1,6}", value):
        raise Invalid(f"{value[:40]!r} is not a score: enter a number from 0 to 1, such as 0.8", field=name)
    return float(value)


def filter_query(data: QueryDict) -> str:
    """The query parameters that lead back to the same page of the concordance."""
    kept = QueryDict(mutable=True)
    for name in (*_FILTERS, "state", "size", "cursor"):
        if values := [value for value in data.getlist(name) if value]:
            kept.setlist(name, values)
    return kept.urlencode()


def mention_value(article: int, span: int | None, revision: int | None, start: int, end: int) -> str:
    """A mention as the value of its checkbox."""
    return f"{article}:{start}-{end}" if span is None else f"{article}:{span}:{revision}"


def read_selected_mentions(values: Sequence[str]) -> list[SelectedMention]:
    """The mentions whose checkboxes are selected."""
    if not values:
        raise Invalid("nothing is selected: select the mentions to decide", field="mention")
    mentions = []
    for value in dict.fromkeys(values):
        if match := _MATCH.fullmatch(value):
            mentions.append(SelectedMention(int(match[1]), span=int(match[2]), revision=int(match[3])))
        elif match := _RANGE.fullmatch(value):
            mentions.append(SelectedMention(int(match[1]), start=int(match[2]), end=int(match[3])))
        else:
            raise Invalid(f"{value[:60]!r} is not a mention, such as 4:12:3", field="mention")
    return mentions


def read_verb(data: QueryDict) -> str:
    """The verb of the pressed button."""
    if (verb := data.get("verb", "")) not in LIST_VERBS:
        raise Invalid("choose what to do with the selection: confirm, reject or label", field="verb")
    return verb


def choice_value(planned: PlannedDecision, label: Label | None) -> str:
    """A planned decision as the value of its checkbox."""
    mention, span = planned.mention, planned.span
    if planned.verb == Verb.ADD:
        start, end = (span.start, span.end) if span else (mention.start, mention.end)
        return f"add:{mention.article}:{start}:{end}:{label}"
    ending = f":{label}" if planned.verb == Verb.RELABEL else ""
    return f"{planned.verb}:{mention.article}:{mention.span}:{mention.revision}{ending}"


def read_choices(values: Sequence[str]) -> list[ArticleChoice]:
    """The planned decisions whose checkboxes are selected."""
    return [_read_choice(value) for value in dict.fromkeys(values)]


def _read_choice(value: str) -> ArticleChoice:
    if not (match := _CHOICE.fullmatch(value)):
        raise Invalid(f"{value[:60]!r} is not a decision, such as confirm:4:12:3", field="choice")
    verb, label = match[1], match[5]
    article, first, second = int(match[2]), int(match[3]), int(match[4])
    if verb == Verb.ADD:
        return ArticleChoice(article, Choice(verb, start=first, end=second, label=label))
    return ArticleChoice(article, Choice(verb, span=first, revision=second, label=label))


class LabelForm(forms.Form):
    """The meaning and appearance of a label."""

    definition = forms.CharField(label="Definition", required=False, max_length=MAX_TEXT)
    do = forms.CharField(label="Examples to label", required=False, max_length=MAX_TEXT)
    dont = forms.CharField(label="Examples not to label", required=False, max_length=MAX_TEXT)
    family = forms.ChoiceField(label="Colour", choices=Label.Family.choices)
    key = forms.CharField(
        label="Key", required=False, max_length=1, help_text="In the workbench. Empty: the first free letter."
    )

    def values(self) -> dict[str, Any]:
        """The arguments for `add_label` and `edit_label`, from a valid form."""
        given = self.cleaned_data
        lines = [("+", line) for line in given["do"].splitlines()] + [
            ("-", line) for line in given["dont"].splitlines()
        ]
        examples = "\n".join(f"{sign} {line.strip()}" for sign, line in lines if line.strip())
        return {**{name: given[name] for name in ("definition", "family", "key")}, "examples": examples}


class NewLabelForm(LabelForm):
    name = forms.CharField(label="Name", max_length=64)

    def values(self) -> dict[str, Any]:
        return {**super().values(), "name": self.cleaned_data["name"]}
