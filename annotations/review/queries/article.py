"""What is to be decided next: in an article, and after it."""

from annotations.review.models import MAIN_LAYER, Review, Span, Stage, State
from corpusapp.articles.models import Article


def next_to_decide(article: Article, after: int = 0) -> Span | None:
    """The first suggestion that starts at or after `after`, in code points; else the article's first."""
    waiting = Span.objects.filter(article=article, layer=MAIN_LAYER, state=State.SUGGESTED).order_by(
        "start", "-end", "id"
    )
    return waiting.filter(start__gte=after).first() or waiting.first()


def next_article(article: Article) -> int | None:
    """The id of the next article of the corpus, in the list's order, that is not done; None where all others are."""
    waiting = Review.objects.filter(corpus=article.corpus_id, layer=MAIN_LAYER, article__withdrawn_at=None)
    waiting = waiting.exclude(stage=Stage.DONE).exclude(article=article).order_by("-article")
    ids = waiting.values_list("article", flat=True)
    return ids.filter(article__lt=article.pk).first() or ids.first()
