"""By what a page knows, without reading the spans themselves, that they are not what it shows."""

from django.db.models import Count, Sum

from annotations.review.models import MAIN_LAYER, Review, Span
from corpusapp.articles.models import Article


def mark_of(article: Article) -> str:
    """`count-ids-revisions-stage` over the spans that stand: another one as soon as any of them comes, goes or changes.

    A page adds up the same from the spans that it shows. A new score alone is no change.
    """
    sums = Span.objects.filter(article=article, layer=MAIN_LAYER).standing().order_by()
    found = sums.aggregate(count=Count("pk"), ids=Sum("pk"), revisions=Sum("revision"))
    stage = Review.objects.filter(article=article, layer=MAIN_LAYER).values_list("stage", flat=True).first()
    return f"{found['count']}-{found['ids'] or 0}-{found['revisions'] or 0}-{'done' if stage == 'done' else 'open'}"
