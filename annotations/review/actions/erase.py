"""Erase the spans, comments, presence, flags, skips and parks of articles. The log stays: it holds no text."""

from collections.abc import Sequence

from annotations.review.models import Assignment, Comment, Label, Presence, Review, SavedFilter, SetAside, Span
from corpusapp.articles.actions.erase import forget_in_admin_log
from corpusapp.articles.models import Corpus


def erase_spans(*, article_ids: Sequence[int]) -> None:
    """Delete spans, comments, presence, flags, skips and parks of these articles, under the locks of their reviews."""
    list(Review.objects.filter(article__in=article_ids).order_by("article_id").select_for_update().values_list("pk"))
    comments = Comment.objects.filter(article__in=article_ids)
    forget_in_admin_log(Comment, comments.values_list("pk", flat=True))
    for rows in (Span.objects.filter(article__in=article_ids), comments):
        rows.delete()
    for model in (SetAside, Presence):
        model.objects.filter(article__in=article_ids).delete()


def delete_work_lists(*, corpus: Corpus) -> None:
    """Delete the saved filters and the assignments of an erased corpus."""
    SavedFilter.objects.filter(corpus=corpus).delete()
    Assignment.objects.filter(corpus=corpus).delete()


def clear_label_definitions(*, corpus: Corpus) -> None:
    """Clear the definitions and examples of the labels of an erased corpus. Their names stay for the log."""
    Label.objects.filter(corpus=corpus).update(definition="", examples="")
