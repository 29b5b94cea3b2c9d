"""What of spans, comments and open pages goes with erased articles. The log of decisions stays: it holds no words."""

from collections.abc import Sequence

from annotations.review.models import Comment, Label, Presence, Review, Span
from corpusapp.articles.actions.erase import forget_in_admin_log
from corpusapp.articles.models import Corpus


def erase_spans(*, article_ids: Sequence[int]) -> None:
    """Under the articles' locks: whoever decides at this moment comes before, or finds nothing."""
    list(Review.objects.filter(article__in=article_ids).order_by("article_id").select_for_update().values_list("pk"))
    comments = Comment.objects.filter(article__in=article_ids)
    forget_in_admin_log(Comment, comments.values_list("pk", flat=True))
    for rows in (Span.objects.filter(article__in=article_ids), comments):
        rows.delete()
    Presence.objects.filter(article__in=article_ids).delete()


def erase_definitions(*, corpus: Corpus) -> None:
    """What an erased corpus said of its labels; their names stay for the log."""
    Label.objects.filter(corpus=corpus).update(definition="")
