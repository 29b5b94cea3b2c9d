"""Template filters for the metadata of an article: its date and evidence, dateline, language."""

from django import template
from django.utils.dateformat import format as format_date
from django.utils.translation import get_language_info

from corpusapp.articles.models import Article, Precision
from corpusapp.intake.language import direction
from corpusapp.text.zones import zone_name

register = template.Library()
register.filter("direction", direction)
register.filter("zone_name", zone_name)

_FORMATS: dict[str, str] = {Precision.YEAR: "Y", Precision.MONTH: "F Y"}
_PLACES = {"metadata": "its metadata", "dateline": "its dateline", "url": "its URL", "text": "its text"}


@register.filter
def published(article: Article, day: str = "j F Y") -> str:
    """The publication date in its precision; empty if unknown. `day` is Django's date format for a full date."""
    if article.published_on is None:
        return ""
    return format_date(article.published_on, _FORMATS.get(article.published_precision, day))


@register.filter
def machine_date(article: Article) -> str:
    """The date in ISO 8601, in its precision: 2018, 2018-08 or 2018-08-08."""
    if article.published_on is None:
        return ""
    lengths: dict[str, int] = {Precision.YEAR: 4, Precision.MONTH: 7}
    return article.published_on.isoformat()[: lengths.get(article.published_precision, 10)]


@register.filter
def evidence_place(article: Article) -> str:
    """The source of the date: "its URL". Empty if unknown."""
    return _PLACES.get(article.published_evidence.get("kind", ""), "")


@register.filter
def evidence_quote(article: Article) -> str:
    """The words that state the date."""
    return str(article.published_evidence.get("quote", ""))


@register.filter
def dateline_words(article: Article) -> str:
    """The parts of the dateline, in the order of place, region, date and agency."""
    parts = (article.dateline.get(name) for name in ("place", "region", "date", "agency"))
    return " · ".join(str(part) for part in parts if part)


@register.filter
def language_name(code: str) -> str:
    """The English name of a language; its code if Django has none."""
    try:
        return str(get_language_info(code)["name"])
    except KeyError:
        return code
