"""Which articles a change of what is known concerns."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from annotations.review.queries.holding import holding
from annotations.suggestions.models import ArticleReading, NameCount

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
