"""Renders the lists of spans and labels next to an article: plain strings, to be fast for thousands of rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from annotations.review.forms import span_value
from annotations.review.models import Label, State
from annotations.review.queries.page import ShownSpan

_QUOTE = 60
# Rows rendered at first, about a window's height. Scripts read the others from the noscript element.
_AT_FIRST = 24
# This many labels have a button, and all labels with a key, as in static/js/selected-span.js.
_BUTTONS = 24
_SIGNS = {State.SUGGESTED: "?", State.CONFIRMED: "✓", State.REJECTED: "✕"}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label with its short name and its keys, which are empty if there are none left."""

    label: Label
    short: str
    digit: str
    letter: str


def label_buttons(rows: Sequence[LabelRow], find_key: str) -> SafeString:
    """Buttons for labels, with their keys, and one to find any label."""
    shown = [row for number, row in enumerate(rows) if number < _BUTTONS or row.letter]
    words = "Find a label" if len(shown) == len(rows) else f"All {len(rows)} labels"
    key = f" <kbd>{escape(find_key)}</kbd>" if find_key else ""
    find = f'<button type="button" class="label" data-verb="find-label">{words}{key}</button>'
    return mark_safe("".join(_label_button(row, escape(row.label.name)) for row in shown) + find)


def _label_button(row: LabelRow, name: str) -> str:
    digit = f"<kbd>{escape(row.digit)}</kbd>" if row.digit else ""
    letter = f' <kbd class="letter">{escape(row.letter)}</kbd>' if row.letter else ""
    attributes = f'class="label l-{row.label.pk}" title="{escape(row.label.definition)}" data-label="{row.label.pk}"'
    return f'<button name="label" value="{name}" {attributes}>{digit}{name}{letter}</button>'


def label_options(labels: Iterable[Label], chosen: str) -> SafeString:
    """An option element for each label."""
    options = ((" selected" if label.name == chosen else "", escape(label.name)) for label in labels)
    return mark_safe("".join(f"<option{selected}>{name}</option>" for selected, name in options))


def label_terms(rows: Iterable[LabelRow]) -> SafeString:
    """The labels and their definitions as a description list, which scripts also read."""
    return mark_safe("".join(_label_term(row, escape(row.label.name)) for row in rows))


def _label_term(row: LabelRow, name: str) -> str:
    keys = f'data-digit="{escape(row.digit)}" data-letter="{escape(row.letter)}"'
    return (
        f'<div data-id="{row.label.pk}" data-name="{name}" data-short="{escape(row.short)}" {keys}>'
        f'<dt><span class="tag l-{row.label.pk}">{name}</span></dt><dd>{escape(row.label.definition)}</dd></div>\n'
    )


def span_rows(
    text: str,
    spans: Sequence[ShownSpan],
    *,
    selected: ShownSpan | None,
    extra: str,
    editable: bool,
    kind: str = "spans",
) -> SafeString:
    """A list of spans with the class `kind`; if `editable`, with buttons to confirm and reject the shown revision."""
    extra = escape(extra)
    current = selected.pk if selected else 0
    items = [_row(text, span, span.pk == current, extra, editable) for span in spans]
    more = f"<noscript>{_list(kind, items[_AT_FIRST:])}</noscript>" if len(items) > _AT_FIRST else ""
    return mark_safe(_list(kind, items[:_AT_FIRST]) + more)


def _list(kind: str, items: Sequence[str]) -> str:
    return f'<ol class="{kind}">{"".join(items)}</ol>'


def _row(text: str, span: ShownSpan, current: bool, extra: str, editable: bool) -> str:
    words = escape(shorten(text[span.start : span.end]))
    score = f'<span class="score">{span.score:.2f}</span>' if span.score is not None else ""
    link = (
        f'<a href="?span={span.pk}{extra}#s{span.pk}" dir="auto"{" aria-current=true" if current else ""}>{words}</a>'
    )
    sign = f'<span class="sign" title="{span.state}">{_SIGNS[State(span.state)]}</span>'
    label = f'<span class="tag l-{span.label_id}">{escape(span.label.name)}</span>'
    buttons = _buttons(span, words) if editable else ""
    return f'<li id="row-{span.pk}" class="{span.state}">{sign}{link}{label}{score}{buttons}</li>\n'


def _buttons(span: ShownSpan, words: str) -> str:
    value = escape(span_value(span.pk, span.revision, span.start, span.end, span.label.name))
    return (
        f'<button name="confirm" value="{value}" title="Confirm" aria-label="Confirm {words}">✓</button>'
        f'<button name="reject" value="{value}" title="Reject" aria-label="Reject {words}">✕</button>'
    )


def shorten(quote: str) -> str:
    """A quote on one line, at most 60 characters."""
    line = " ".join(quote.split()) or "(white space)"
    return line if len(line) <= _QUOTE else line[: _QUOTE - 1] + "…"
