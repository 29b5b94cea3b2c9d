"""Renders the lists of spans and labels next to an article: plain strings, to be fast for thousands of rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

from annotations.review.models import Label, State
from annotations.review.ports import ShownLink
from annotations.review.queries.page import ShownSpan
from annotations.review.shown_values import span_value

_QUOTE = 60
# Rows rendered at first, about a window's height. Scripts read the others from the noscript element.
_AT_FIRST = 24
_SIGNS = {State.SUGGESTED: "?", State.CONFIRMED: "✓", State.REJECTED: "✕"}


@dataclass(frozen=True, slots=True)
class LabelRow:
    """A label with its short name, the class of its colour, and its keys, which are empty if there are none left."""

    label: Label
    short: str
    colour: str
    digit: str
    letter: str
    # Whether its spans are linked to entities.
    linked: bool = False


def label_options(labels: Iterable[Label], chosen: str) -> SafeString:
    """An option element for each label."""
    options = ((" selected" if label.name == chosen else "", escape(label.name)) for label in labels)
    return mark_safe("".join(f"<option{selected}>{name}</option>" for selected, name in options))


def label_terms(rows: Iterable[LabelRow]) -> SafeString:
    """The labels and their definitions as a description list, which scripts also read."""
    return mark_safe("".join(_label_term(row, escape(row.label.name)) for row in rows))


def _label_term(row: LabelRow, name: str) -> str:
    keys = f'data-digit="{escape(row.digit)}" data-letter="{escape(row.letter)}"'
    shown = f'data-name="{name}" data-short="{escape(row.short)}" data-colour="{row.colour}"'
    shown += " data-hidden" if row.label.hidden else ""
    shown += " data-linked" if row.linked else ""
    return (
        f'<div data-id="{row.label.pk}" {shown} {keys}>'
        f'<dt><span class="tag {row.colour}">{name}</span></dt><dd>{escape(row.label.definition)}</dd></div>\n'
    )


@dataclass(frozen=True, slots=True)
class SpanRows:
    """Lists of spans of a text. `colours` has the classes of labels by id; `extra` is appended to queries of links."""

    text: str
    colours: Mapping[int, str]
    selected: int
    extra: str

    def render(self, spans: Sequence[ShownSpan], *, editable: bool = False, kind: str = "spans") -> SafeString:
        """A list with the class `kind`; if `editable`, with buttons to confirm and reject the shown revision."""
        extra = escape(self.extra)
        items = [self._row(span, extra, editable) for span in spans]
        more = f"<noscript>{_list(kind, items[_AT_FIRST:])}</noscript>" if len(items) > _AT_FIRST else ""
        return mark_safe(_list(kind, items[:_AT_FIRST]) + more)

    def _row(self, span: ShownSpan, extra: str, editable: bool) -> str:
        words = escape(shorten(self.text[span.start : span.end]))
        current = " aria-current=true" if span.pk == self.selected else ""
        score = f'<span class="score">{span.score:.2f}</span>' if span.score is not None else ""
        link = f'<a href="?span={span.pk}{extra}#s{span.pk}" dir="auto"{current}>{words}</a>'
        sign = f'<span class="sign" title="{span.state}">{_SIGNS[State(span.state)]}</span>'
        label = f'<span class="tag {self.colours[span.label_id]}">{escape(span.label.name)}</span>'
        entity = _entity(span.link) if span.link else ""
        buttons = _buttons(span, words) if editable else ""
        return f'<li id="row-{span.pk}" class="{span.state}">{sign}{link}{entity}{label}{score}{buttons}</li>\n'


def _list(kind: str, items: Sequence[str]) -> str:
    return f'<ol class="{kind}">{"".join(items)}</ol>'


def _entity(link: ShownLink) -> str:
    """The sign of a linked span."""
    words = f"link {link.state}: {escape(link.name)}"
    return f'<span class="link-sign link-{link.state}" role="img" title="{words}" aria-label="{words}"></span>'


def _buttons(span: ShownSpan, words: str) -> str:
    value = escape(value_of(span))
    return (
        f'<button name="confirm" value="{value}" title="Confirm" aria-label="Confirm {words}">✓</button>'
        f'<button name="reject" value="{value}" title="Reject" aria-label="Reject {words}">✕</button>'
    )


def value_of(span: ShownSpan) -> str:
    """A span as forms send it, with the entity that is shown with it, if its link is not decided."""
    entity = span.link.entity if span.link and span.link.state == State.SUGGESTED else None
    return span_value(span.pk, span.revision, span.start, span.end, span.label.name, entity)


def shorten(quote: str) -> str:
    """A quote on one line, at most 60 characters."""
    line = " ".join(quote.split()) or "(white space)"
    return line if len(line) <= _QUOTE else line[: _QUOTE - 1] + "…"
