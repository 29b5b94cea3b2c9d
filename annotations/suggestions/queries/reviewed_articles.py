"""The reviewed articles of a corpus, as a recogniser is trained on them."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from annotations.review.models import Label, Review, Span, Stage, State
from annotations.suggesters.comparison import is_held_back
from annotations.suggesters.examples import TrainingArticle
from annotations.suggestions.queries.name_statistics import sources_of
from corpusapp.articles.models import Article

# The newest are taken: more would take longer than they gain.
MOST_ARTICLES = 1000
_LAYER = "main"


@dataclass(frozen=True)
class Reviewed:
    """`taught` are to be learned from, `held_back` are done ones that never are; both in the order of their ids."""

    taught: tuple[TrainingArticle, ...]
    held_back: tuple[TrainingArticle, ...]
    labels: tuple[str, ...]

    @property
    def decisions(self) -> int:
        """How many decided spans there are to learn from."""
        return sum(len(article.spans) + len(article.rejected) for article in self.taught)


def reviewed_articles(corpus_id: int) -> Reviewed:
    """The newest articles of the corpus on which something was decided."""
    stages = Review.objects.filter(corpus=corpus_id, layer=_LAYER, article__withdrawn_at=None)
    done = _newest(stages.filter(stage=Stage.DONE))
    # Decided spans that came with an import stand in articles that nobody began to review.
    decided = Span.objects.decided().filter(article=OuterRef("article"), layer=_LAYER)
    begun = _newest(stages.exclude(stage=Stage.DONE).filter(Exists(decided)))
    newest = sorted(sorted(done | begun)[-MOST_ARTICLES:])
    taught, held_back = [], []
    for position in range(0, len(newest), 100):
        for article in _articles(corpus_id, newest[position : position + 100], done):
            if is_held_back(str(corpus_id), article.source.text):
                held_back += [article] if article.complete else []
            elif article.complete or article.spans or article.rejected:
                taught.append(article)
    labels = Label.objects.filter(corpus=corpus_id).order_by("name").values_list("name", flat=True)
    return Reviewed(tuple(taught), tuple(held_back), tuple(labels))


def _newest(reviews: QuerySet[Review]) -> set[int]:
    return set(reviews.order_by("-article").values_list("article_id", flat=True)[:MOST_ARTICLES])


def _articles(corpus_id: int, article_ids: list[int], done: set[int]) -> list[TrainingArticle]:
    articles = Article.objects.filter(corpus=corpus_id, pk__in=article_ids).only("id", "text").order_by("pk")
    sources = sources_of(articles)
    true: dict[int, list[tuple[int, int, str]]] = {pk: [] for pk in sources}
    wrong: dict[int, list[tuple[int, int, str]]] = {pk: [] for pk in sources}
    spans = Span.objects.decided().filter(article__in=article_ids, layer=_LAYER)
    rows = spans.order_by("article", "start", "end", "label__name")
    for pk, start, end, label, state in rows.values_list("article_id", "start", "end", "label__name", "state"):
        (true if state == State.CONFIRMED else wrong)[pk].append((start, end, label))
    return [
        TrainingArticle(source, tuple(true[pk]), pk in done, tuple(wrong[pk])) for pk, source in sorted(sources.items())
    ]
