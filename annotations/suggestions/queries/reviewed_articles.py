"""The reviewed articles of a corpus, split for training and evaluation."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet

from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage, State
from annotations.review.models.label import suggester_name
from annotations.suggesters.comparison import is_held_back
from annotations.suggesters.examples import TrainingArticle
from annotations.suggestions.queries.name_statistics import source_texts
from corpusapp.articles.models import Article

# Only the newest articles: more would cost more time than they gain.
MAX_ARTICLES = 1000


@dataclass(frozen=True)
class ReviewedArticles:
    """`training` articles to learn from, and done `held_back` articles for evaluation, both sorted by id."""

    training: tuple[TrainingArticle, ...]
    held_back: tuple[TrainingArticle, ...]
    labels: tuple[str, ...]

    @property
    def decisions(self) -> int:
        """The number of decided spans in the training articles."""
        return sum(len(article.spans) + len(article.rejected) for article in self.training)


def reviewed_articles(corpus_id: int) -> ReviewedArticles:
    """The newest articles of the corpus with decided spans, and the corpus's labels."""
    stages = Review.objects.filter(corpus=corpus_id, layer=MAIN_LAYER, article__withdrawn_at=None)
    done = _newest(stages.filter(stage=Stage.DONE))
    # Imports can bring decided spans into articles that nobody has started to review.
    decided = Span.objects.decided().filter(article=OuterRef("article"), layer=MAIN_LAYER)
    started = _newest(stages.exclude(stage=Stage.DONE).filter(Exists(decided)))
    newest = sorted(sorted(done | started)[-MAX_ARTICLES:])
    training, held_back = [], []
    for position in range(0, len(newest), 100):
        for article in _articles(corpus_id, newest[position : position + 100], done):
            if is_held_back(str(corpus_id), article.source.text):
                held_back += [article] if article.complete else []
            elif article.complete or article.spans or article.rejected:
                training.append(article)
    return ReviewedArticles(tuple(training), tuple(held_back), tuple(sorted(labels_for_suggesters(corpus_id))))


def labels_for_suggesters(corpus_id: int) -> list[str]:
    """The labels of the corpus that are suggested, by the names by which suggesters know them."""
    labels = Label.objects.shown().filter(corpus=corpus_id)
    return list(labels.annotate(known_as=suggester_name()).values_list("known_as", flat=True))


def _newest(reviews: QuerySet[Review]) -> set[int]:
    return set(reviews.order_by("-article").values_list("article_id", flat=True)[:MAX_ARTICLES])


def _articles(corpus_id: int, article_ids: list[int], done: set[int]) -> list[TrainingArticle]:
    articles = (
        Article.objects.filter(corpus=corpus_id, pk__in=article_ids).only("id", "text", "language").order_by("pk")
    )
    sources = source_texts(corpus_id, articles)
    true: dict[int, list[tuple[int, int, str]]] = {pk: [] for pk in sources}
    wrong: dict[int, list[tuple[int, int, str]]] = {pk: [] for pk in sources}
    spans = Span.objects.decided().filter(article__in=article_ids, layer=MAIN_LAYER)
    spans = spans.filter(label__hidden_at=None)
    known_as = suggester_name("label__")
    rows = spans.order_by("article", "start", "end", known_as)
    for pk, start, end, label, state in rows.values_list("article_id", "start", "end", known_as, "state"):
        (true if state == State.CONFIRMED else wrong)[pk].append((start, end, label))
    return [
        TrainingArticle(source, tuple(true[pk]), pk in done, tuple(wrong[pk])) for pk, source in sorted(sources.items())
    ]
