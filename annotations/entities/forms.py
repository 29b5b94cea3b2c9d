"""Reads the forms of the pages of entities into the values that actions take."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from annotations.entities.models import MAX_DESCRIPTION, MAX_NAME, MAX_SCHEME, MAX_URL, MAX_VALUE
from annotations.entities.queries.page import SHOWN, MentionFilter
from annotations.review.forms import parse_day, read_id
from annotations.review.models import State
from corpusapp.core.errors import Invalid, TooMany

# Entities that are compared, and merged, at once.
MOST_COMPARED = 6
# Mentions that one form decides.
MOST_SPANS = 5000
_SEEN = re.compile(r"([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_MENTION = re.compile(r"([0-9]{1,18}):([0-9]{1,18}):([0-9]{1,9})", re.ASCII)
_RUN = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?", re.ASCII)


class _Text(forms.CharField):
    """Text that is taken as it is sent, but for its line breaks."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).replace("\r\n", "\n")


class _TypesField(_Text):
    """Lines of a label and the type that it is elsewhere, as {label: type}."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(" ".join(pair) for pair in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        found: dict[str, str] = {}
        for line in filter(str.strip, super().to_python(value).splitlines()):
            label, *types = line.split()
            if len(types) != 1 or label in found:
                raise forms.ValidationError(
                    f"{line.strip()!r} cannot be read: write a label and a type, each label once"
                )
            found[label] = types[0]
        return found


class KnowledgeServiceForm(forms.Form):
    """A knowledge base to be added."""

    name = forms.CharField(label="Name", max_length=100)
    url = forms.CharField(
        label="Address", max_length=MAX_URL, help_text="Of a service of the Reconciliation Service API 0.2."
    )
    scheme = forms.CharField(
        label="Scheme", max_length=MAX_SCHEME, help_text="Of its identifiers, such as wikidata. It is part of them."
    )
    types = _TypesField(
        label="Types", required=False,
        help_text="One a line: a label and what it is there, such as PERSON Q5. Other labels are looked up in all.",
    )  # fmt: skip
    alias_properties = forms.CharField(
        label="Other names", required=False, max_length=200,
        help_text="Properties that have other names. Wikidata’s are Aen in English, Aar in Arabic, and so on.",
    )  # fmt: skip


class NewEntityForm(forms.Form):
    """An entity to be created."""

    name = forms.CharField(label="Name", max_length=MAX_NAME)
    label = forms.CharField(label="Label", error_messages={"required": "choose a label"})
    description = _Text(label="Description", required=False, max_length=MAX_DESCRIPTION)
    aliases = _Text(label="Other names", required=False, max_length=20 * MAX_NAME)
    scheme = forms.CharField(label="Scheme", required=False, max_length=MAX_SCHEME)
    value = forms.CharField(label="Identifier", required=False, max_length=MAX_VALUE)

    def values(self) -> dict[str, Any]:
        """The arguments for `create_entity`, from a valid form."""
        given = self.cleaned_data
        pair = (given["scheme"], given["value"])
        return {
            "name": given["name"],
            "label": given["label"],
            "description": given["description"],
            "aliases": [line for line in given["aliases"].split("\n") if line.strip()],
            "identifiers": [pair] if any(pair) else [],
        }


@dataclass(frozen=True)
class SelectedLink:
    """A mention whose checkbox is selected: its link at a revision, and its span."""

    link: int
    span: int
    revision: int


def link_value(link: int, span: int | None, revision: int) -> str:
    """A mention as the value of its checkbox, for `read_links`."""
    return f"{link}:{span}:{revision}"


def read_links(values: Sequence[str]) -> list[SelectedLink]:
    """The mentions whose checkboxes are selected."""
    if not values:
        raise Invalid("nothing is selected: select the mentions to decide", field="mention")
    if len(values) > MOST_SPANS:
        raise TooMany(f"{len(values)} mentions are selected: the limit is {MOST_SPANS}", field="mention")
    selected = []
    for value in dict.fromkeys(values):
        if not (match := _MENTION.fullmatch(value)):
            raise Invalid(f"{value[:60]!r} is not a mention, such as 7:12:3", field="mention")
        selected.append(SelectedLink(*map(int, match.groups())))
    return selected


def seen_value(pk: int, revision: int) -> str:
    """An entity with the revision that is shown, for `read_seen`."""
    return f"{pk}:{revision}"


def read_seen(values: Sequence[str], field: str = "entity") -> dict[int, int]:
    """Revisions by the ids of entities, in their order."""
    seen: dict[int, int] = {}
    for value in values:
        if not (match := _SEEN.fullmatch(value)):
            raise Invalid(f"{value[:40]!r} is not an entity and revision, such as 12:3", field=field)
        seen[int(match[1])] = int(match[2])
    return seen


def read_compared(values: Sequence[str]) -> list[int]:
    """The ids of the entities to be compared: two or more."""
    ids = list(dict.fromkeys(read_id(value, "entity") for value in values))
    if len(ids) < 2:
        raise Invalid("select two entities or more, to compare and merge them", field="entity")
    if len(ids) > MOST_COMPARED:
        raise TooMany(f"{len(ids)} entities are selected: at most {MOST_COMPARED} are compared at once", field="entity")
    return ids


def read_revision(data: QueryDict) -> int | None:
    """The revision that the form was made of; None if it has none."""
    value = data.get("revision", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None


def write_spans(ids: Iterable[int]) -> str:
    """Spans in the form that `read_spans` reads, with runs of ids joined: `12 20-25`."""
    runs: list[list[int]] = []
    for pk in sorted(ids):
        if runs and runs[-1][1] == pk - 1:
            runs[-1][1] = pk
        else:
            runs.append([pk, pk])
    return " ".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)


def read_spans(value: str, field: str = "spans") -> list[int]:
    """The ids of the spans that a form shows."""
    ids: list[int] = []
    for piece in value.split():
        match = _RUN.fullmatch(piece)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
        if last < first:
            raise Invalid(f"{piece[:40]!r} is not a span or a range of spans, such as 12 or 20-25", field=field)
        if last - first + len(ids) >= MOST_SPANS:
            raise TooMany(f"more than {MOST_SPANS} spans are listed: reload the page", field=field)
        ids += range(first, last + 1)
    if not ids:
        raise Invalid("nothing is selected: select the mentions to decide", field=field)
    return ids


def read_mention_filter(data: QueryDict) -> MentionFilter:
    """The filters of an entity's mentions. Refuses values that cannot be read."""
    states = tuple(dict.fromkeys(state for state in data.getlist("state") if state))
    return MentionFilter(
        states=states or SHOWN,
        alias=data.get("name", "")[: MAX_NAME + 1],
        published_from=parse_day(data.get("published_from", ""), "published_from"),
        published_to=parse_day(data.get("published_to", ""), "published_to"),
    )


MENTION_STATES = [(state, state in SHOWN) for state in State.values]
