"""What is known of the names that stand in some texts of a corpus."""

from collections.abc import Iterable

from django.db import connection

from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggesters.protocol import SourceText
from annotations.suggesters.words import Words, lookup_words
from annotations.suggestions.models import NameCount
from corpusapp.articles.models import Article, Zone
from corpusapp.text.zones import ZoneRange

_COUNTS = """
    SELECT kind, surface, context, label, articles FROM suggestions_namecount
    WHERE corpus_id = %s AND first_word = ANY(%s)
"""


def knowledge_for(corpus_id: int, texts: Iterable[Words]) -> NameStatistics:
    """The counts of every surface that begins like a word of one of the texts."""
    words: set[str] = set()
    for text in texts:
        words |= lookup_words(text)
    found = NameStatistics()
    with connection.cursor() as cursor:
        # Thousands of words: as one array they are one parameter.
        cursor.execute(_COUNTS, [corpus_id, sorted(words)])
        rows = cursor.fetchall()
    for kind, surface, context, label, articles in rows:
        if kind == NameCount.Kind.SEEN:
            found.seen[surface][label] = articles
        elif kind == NameCount.Kind.DECIDED:
            found.decided[surface][label] = articles
        else:
            found.in_context[surface, context][label] = articles
    return found


def sources_of(articles: Iterable[Article]) -> dict[int, SourceText]:
    """The articles' texts with their zones, by article."""
    articles = list(articles)
    zones: dict[int, list[ZoneRange]] = {}
    rows = Zone.objects.filter(article__in=[article.pk for article in articles]).order_by("start")
    for article_id, start, end, kind in rows.values_list("article_id", "start", "end", "kind"):
        zones.setdefault(article_id, []).append(ZoneRange(start, end, kind))
    return {article.pk: SourceText(article.text, tuple(zones.get(article.pk, ()))) for article in articles}
