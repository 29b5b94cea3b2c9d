"""Which lines recur in a source's articles, learned while importing: those there before, and those of the import."""

from collections import Counter
from collections.abc import Iterable

from corpusapp.articles.models import Article, ImportBatch
from corpusapp.intake.draft import Draft
from corpusapp.text.furniture import Furniture, normalised_lines

# How many of a source's newest articles are looked at, how many different lines are remembered for a source, and for
# how many sources: what is forgotten is looked up again.
_SAMPLE = 60
_REMEMBERED = 5_000
_SOURCES = 64

# The normalised lines of each text.
Lines = dict[str, set[str]]


def lines_of(drafts: Iterable[Draft]) -> Lines:
    return {draft.text: normalised_lines(draft.text) for draft in drafts if draft.source}


class Recurrence:
    """Counts of lines by source, for the time of one import. Memory is bounded for each source."""

    def __init__(self, batch: ImportBatch) -> None:
        self._corpus_id = batch.corpus_id
        self._counts: dict[str, Counter[str]] = {}
        self._articles: Counter[str] = Counter()
        self._lines: Lines = {}

    def learn(self, drafts: Iterable[Draft], lines: Lines | None = None) -> None:
        """Count the lines of drafts that come in (`lines_of` them, if known). Drafts without a source teach nothing."""
        self._lines = lines_of(drafts) if lines is None else lines
        for draft in drafts:
            if draft.source:
                self._count(draft.source, self._lines[draft.text])

    def furniture(self, draft: Draft) -> Furniture | None:
        """The lines of the source of a draft that was just learned, without its own; None without a source."""
        if not draft.source or self._articles[draft.source] < 2:
            return None
        counts = self._counts[draft.source]
        own = self._lines[draft.text]
        return Furniture({line: counts[line] - 1 for line in own if counts[line] > 1}, self._articles[draft.source] - 1)

    def _count(self, source: str, lines: set[str]) -> None:
        if source not in self._counts:
            if len(self._counts) >= _SOURCES:
                self._forget(next(iter(self._counts)))
            self._counts[source] = Counter()
            for earlier in self._newest(source):
                self._add(source, normalised_lines(earlier))
        self._add(source, lines)

    def _add(self, source: str, lines: set[str]) -> None:
        counts = self._counts[source]
        counts.update(lines)
        self._articles[source] += 1
        if len(counts) > _REMEMBERED:
            # What stood in one article alone is running text; were it furniture, it would soon be back.
            self._counts[source] = Counter({line: count for line, count in counts.items() if count > 1})

    def _forget(self, source: str) -> None:
        del self._counts[source]
        del self._articles[source]

    def _newest(self, source: str) -> list[str]:
        articles = Article.objects.filter(corpus_id=self._corpus_id, source__name=source, withdrawn_at=None)
        return list(articles.order_by("-pk").values_list("text", flat=True)[:_SAMPLE])
