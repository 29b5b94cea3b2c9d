"""What stands in many rows beside an article: plain strings, so that a page of some thousand stays quick."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from annotations.review.forms import seen_value
from annotations.review.models import Label, State
from annotations.review.queries.page import ShownSpan

_QUOTE = 60
# As many as a window mostly shows. Scripts read the others, which are text to them, once the page is drawn.
_AT_FIRST = 24
# As many labels have a button, and all that have a key; the others are found by typing.
# static/js/selected-span.js does the same.
_BUTTONS = 24
_SIGNS = {State.SUGGESTED: "?", State.CONFIRMED: "✓", State.REJECTED: "✕"}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label with what stands for it at a span's end and with its keys; no keys where they have run out."""

    label: Label
    short: str
    digit: str
    letter: str


def label_buttons(found: Sequence[LabelRow], find_key: str) -> SafeString:
    """Buttons of labels that say their names and keys, and one by which any label is found."""
    shown = [row for number, row in enumerate(found) if number < _BUTTONS or row.letter]
    words = "Find a label" if len(shown) == len(found) else f"All {len(found)} labels"
    key = f" <kbd>{escape(find_key)}</kbd>" if find_key else ""
    find = f'<button type="button" class="label" data-verb="find-label">{words}{key}</button>'
    return mark_safe("".join(_label_button(row, escape(row.label.name)) for row in shown) + find)


def _label_button(row: LabelRow, name: str) -> str:
    digit = f"<kbd>{escape(row.digit)}</kbd>" if row.digit else ""
    letter = f' <kbd class="letter">{escape(row.letter)}</kbd>' if row.letter else ""
    attributes = f'class="label l-{row.label.pk}" title="{escape(row.label.definition)}" data-label="{row.label.pk}"'
    return f'<button name="label" value="{name}" {attributes}>{digit}{name}{letter}</button>'


def label_options(labels: Iterable[Label], chosen: str) -> SafeString:
    """An option for each label."""
    options = ((" selected" if label.name == chosen else "", escape(label.name)) for label in labels)
    return mark_safe("".join(f"<option{selected}>{name}</option>" for selected, name in options))


def label_terms(found: Iterable[LabelRow]) -> SafeString:
    """The labels and their definitions as terms of a list, which the page's scripts read too."""
    return mark_safe("".join(_label_term(row, escape(row.label.name)) for row in found))


def _label_term(row: LabelRow, name: str) -> str:
    keys = f'data-digit="{escape(row.digit)}" data-letter="{escape(row.letter)}"'
    return (
        f'<div data-id="{row.label.pk}" data-name="{name}" data-short="{escape(row.short)}" {keys}>'
        f'<dt><span class="tag l-{row.label.pk}">{name}</span></dt><dd>{escape(row.label.definition)}</dd></div>\n'
    )


def rows(
    text: str, spans: Sequence[ShownSpan], *, hand: ShownSpan | None, extra: str, editable: bool, kind: str = "spans"
) -> SafeString:
    """Lists of the class `kind`; where `editable`, each row has buttons to confirm and reject the revision shown."""
    extra = escape(extra)
    current = hand.pk if hand else 0
    items = [_row(text, span, span.pk == current, extra, editable) for span in spans]
    further = f"<noscript>{_list(kind, items[_AT_FIRST:])}</noscript>" if len(items) > _AT_FIRST else ""
    return mark_safe(_list(kind, items[:_AT_FIRST]) + further)


def _list(kind: str, items: Sequence[str]) -> str:
    return f'<ol class="{kind}">{"".join(items)}</ol>'


def _row(text: str, span: ShownSpan, current: bool, extra: str, editable: bool) -> str:
    words = escape(shortened(text[span.start : span.end]))
    score = f'<span class="score">{span.score:.2f}</span>' if span.score is not None else ""
    link = (
        f'<a href="?span={span.pk}{extra}#s{span.pk}" dir="auto"{" aria-current=true" if current else ""}>{words}</a>'
    )
    sign = f'<span class="sign" title="{span.state}">{_SIGNS[State(span.state)]}</span>'
    label = f'<span class="tag l-{span.label_id}">{escape(span.label.name)}</span>'
    buttons = _buttons(span, words) if editable else ""
    return f'<li id="row-{span.pk}" class="{span.state}">{sign}{link}{label}{score}{buttons}</li>\n'


def _buttons(span: ShownSpan, words: str) -> str:
    value = escape(seen_value(span.pk, span.revision, span.start, span.end, span.label.name))
    return (
        f'<button name="confirm" value="{value}" title="Confirm" aria-label="Confirm {words}">✓</button>'
        f'<button name="reject" value="{value}" title="Reject" aria-label="Reject {words}">✕</button>'
    )


def shortened(quote: str) -> str:
    """A quote on one line."""
    line = " ".join(quote.split()) or "(white space)"
    return line if len(line) <= _QUOTE else line[: _QUOTE - 1] + "…"
