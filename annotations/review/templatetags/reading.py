"""Template filters for lists of articles and labels."""

from collections.abc import Mapping

from django import template
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from annotations.review.queries import HIT_END, HIT_START, ArticleRow
from corpusapp.text.cutting import pieces

register = template.Library()


@register.filter
def snippet(row: ArticleRow) -> SafeString:
    """The snippet of a row, escaped, with the hits of a search marked."""
    text = escape(" ".join(row.snippet.split()))
    return mark_safe(text.replace(HIT_START, "<mark>").replace(HIT_END, "</mark>"))


@register.filter
def context_words(text: str) -> SafeString:
    """The context before a mention, escaped, with each word as an item, so that a style can cut it between words."""
    return format_html_join("", "<i>{}</i>", ((word,) for word in pieces(text)))


@register.filter(name="of")
def colour_of(colours: Mapping[int, str], label: int) -> str:
    """The class of a label's colour: `{{ colours|of:label.pk }}`."""
    return colours.get(label, "")


@register.filter
def name_in(value: str, names: Mapping[str, str]) -> str:
    """The name of a value, in small letters: `{{ row.stage|name_in:stages }}`."""
    return str(names.get(value, value)).lower()


@register.filter
def total(row: ArticleRow) -> int:
    return row.suggested + row.confirmed


@register.filter
def key_of(position: int) -> str:
    """The key of the label at this position, from 0: 1 to 9, then 0."""
    return str((position + 1) % 10) if position < 10 else ""
