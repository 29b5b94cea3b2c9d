"""What is known of the names in some texts of a corpus, and which articles a change of it concerns."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from django.db import connection

from annotations.review.queries.holding import holding
from annotations.suggesters.name_statistics import NameStatistics
from annotations.suggesters.protocol import SourceText
from annotations.suggesters.words import Words, lookup_words
from annotations.suggestions.models import ArticleReading, NameCount
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


# A surface whose editors agree, in at least this many articles and to this share, teaches nothing new by one more.
_ENOUGH, _AGREED = 3, 0.85


def unsettled_surfaces(corpus_id: int, changes: Mapping[tuple[str, str, str, str], float]) -> list[str]:
    """The surfaces for which `changes`, not yet counted, may turn a suggestion; empty changes turn none."""
    turned: dict[str, Counter[str]] = defaultdict(Counter)
    for (kind, surface, _, label), change in changes.items():
        if kind == NameCount.Kind.DECIDED and abs(change) > 1e-6:
            turned[surface][label] += change  # type: ignore[assignment]
    known: dict[str, Counter[str]] = defaultdict(Counter)
    rows = NameCount.objects.filter(corpus=corpus_id, kind=NameCount.Kind.DECIDED, surface__in=list(turned))
    for surface, label, articles in rows.values_list("surface", "label", "articles"):
        known[surface][label] = articles
    return [surface for surface, change in turned.items() if not _agree(known[surface], change)]


def _agree(before: Counter[str], change: Counter[str]) -> bool:
    after = Counter(before)
    after.update(change)
    label, _ = max(after.items(), key=lambda item: item[1])
    totals = before.total(), after.total()
    return min(totals) >= _ENOUGH and min(before[label] / totals[0], after[label] / totals[1]) >= _AGREED


def articles_holding(corpus_id: int, surfaces: Iterable[str]) -> set[int]:
    """Open articles of the corpus with a reading in whose text one of the surfaces stands."""
    return set(ArticleReading.objects.filter(pk__in=holding(corpus_id, surfaces)).values_list("pk", flat=True))
