"""Erase articles and corpora with everything that contains their text. Cannot be undone.

The empty row of an article stays, since the log of decisions refers to it. The log has users, labels and offsets, but
no text. A constraint of the database keeps erased rows empty.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import Count, F, Q, Sum, Value
from django.db.models.functions import Concat
from django.utils import timezone

from corpusapp.articles.actions.uploads import discard_files, kept_files
from corpusapp.articles.actions.withdraw import lock_articles
from corpusapp.articles.models import (
    Article,
    CopyGroup,
    Corpus,
    ImportBatch,
    ImportProblem,
    Invitation,
    Original,
    Sketch,
    SketchBand,
    Source,
    Zone,
)
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS
from corpusapp.articles.permissions import require_manager
from corpusapp.articles.ports import Holding, subscribers
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def preview_erasure(*, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> list[Holding]:
    """Count what erasing these articles would delete, and what it would keep. Changes nothing."""
    require_manager(user, corpus)
    articles = Article.objects.filter(corpus=corpus, pk__in=article_ids, erased_at=None)
    of_articles = {"article__in": articles}
    kept = sum(bool(kept_files(batch)) for batch in _batches(articles))
    later = Article.objects.filter(corpus=corpus, previous__in=articles).exclude(pk__in=article_ids)
    earlier = Article.objects.filter(corpus=corpus, next__in=articles).exclude(pk__in=article_ids)
    holdings = [
        Holding("articles", articles.count()),
        Holding("characters of text", articles.aggregate(n=Sum("length"))["n"] or 0),
        Holding("originals", Original.objects.filter(**of_articles).count()),
        Holding("zones", Zone.objects.filter(**of_articles).count()),
        Holding("stored uploads: items that failed in them must be uploaded again", kept),
    ]
    for subscriber in subscribers():
        holdings += subscriber.holds(corpus=corpus, article_ids=list(article_ids))

    others = later.count() + earlier.count()
    holdings.append(Holding("earlier and later versions, which are separate articles", others, goes=False))
    return [holding for holding in holdings if holding.count]


@transaction.atomic
def erase_articles(*, user: "User", corpus: Corpus, article_ids: Iterable[int]) -> int:
    """Erase these articles of the corpus, visible or withdrawn; returns how many were erased.

    Raises `Conflict`, and erases none, while an import of one of them is running.
    """
    require_manager(user, corpus)
    found = lock_articles(Article.objects.filter(corpus=corpus, pk__in=article_ids, erased_at=None))
    if not found:
        return 0
    batches = list(_batches(Article.objects.filter(pk__in=found)))
    for batch in batches:
        if batch.files and not batch.ended:
            raise Conflict(f"import {batch.pk} is still running and may add more articles: wait until it has ended")
    for subscriber in subscribers():
        subscriber.erasing(user=user, corpus=corpus, article_ids=found)
    _clear_imports(found, batches)
    _empty(corpus, found)
    forget_in_admin_log(Article, found)
    for subscriber in subscribers():
        subscriber.erased(user=user, corpus=corpus, article_ids=found)
    return len(found)


def discard_upload(batch: ImportBatch) -> None:
    """Delete the batch's stored files when the transaction is committed."""
    transaction.on_commit(lambda: discard_files(batch))


def forget_in_admin_log(model: type[models.Model], ids: Iterable[int]) -> None:
    """Replace titles and text in the admin site's log by ids."""
    kind = ContentType.objects.get_for_model(model)
    entries = LogEntry.objects.filter(content_type=kind, object_id__in=[str(pk) for pk in ids])
    entries.update(object_repr=Concat(Value(f"erased {kind.name} "), F("object_id")))


def _batches(articles: models.QuerySet[Article]) -> models.QuerySet[ImportBatch]:
    return ImportBatch.objects.filter(pk__in=articles.order_by().values("batch")).order_by("pk")


def _clear_imports(found: list[int], batches: Sequence[ImportBatch]) -> None:
    """Delete the messages of imports about these articles, and the files that they came from."""
    names = Original.objects.filter(article__in=found).values("article__batch", "name")
    of_same_item = Q()
    for row in names.distinct():
        of_same_item |= Q(batch=row["article__batch"], item=row["name"])
    was_imported = ~Q(kind=ImportProblem.Kind.FAILED) | Q(retried_at__isnull=False)
    ImportProblem.objects.filter(
        Q(article__in=found) | (of_same_item & was_imported if of_same_item else Q(pk=None))
    ).delete()
    for batch in batches:
        discard_upload(batch)


def _empty(corpus: Corpus, found: list[int]) -> None:
    for model in (Zone, Original, Sketch, SketchBand):
        model.objects.filter(article__in=found).delete()
    groups = list(CopyGroup.objects.filter(articles__in=found).distinct().values_list("pk", flat=True))
    sources = list(Source.objects.filter(articles__in=found).distinct().values_list("pk", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY, [found])
    # A group of one is deleted.
    CopyGroup.objects.annotate(n=Count("articles")).filter(pk__in=groups, n__lt=2).delete()
    Source.objects.filter(corpus=corpus, pk__in=sources, articles=None).delete()


# The hash is replaced too: with it, a guess of the text could be verified.
_EMPTY = """
    UPDATE articles_article SET
        text = '', title = '', url = '', external_id = '', author = '', published_on = NULL, published_precision = '',
        published_evidence = '{}', dateline = '{}', metadata = '{}', source_id = NULL, copy_group_id = NULL,
        content_sha256 = NULL, url_sha256 = NULL, search_vector = NULL,
        text_sha256 = decode(replace(concat(gen_random_uuid(), gen_random_uuid()), '-', ''), 'hex'),
        withdrawn_at = coalesce(withdrawn_at, now()), erased_at = now()
    WHERE id = ANY(%s)
"""


@transaction.atomic
def erase_corpus(*, user: "User", corpus: Corpus, slug: str) -> int:
    """Erase everything in the corpus; returns the number of erased articles. `slug` confirms the corpus."""
    require_manager(user, corpus)
    if slug != corpus.slug:
        raise Invalid(f"to erase this corpus, repeat its slug: {corpus.slug}", field="slug")
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    articles = Article.objects.filter(corpus=corpus, erased_at=None)
    erased = erase_articles(user=user, corpus=corpus, article_ids=articles.values_list("pk", flat=True))
    for batch in ImportBatch.objects.filter(corpus=corpus):
        discard_upload(batch)
    ImportProblem.objects.filter(batch__corpus=corpus).delete()
    ImportBatch.objects.filter(corpus=corpus).update(files=[], options={})
    sources = Source.objects.filter(corpus=corpus)
    forget_in_admin_log(Source, sources.values_list("pk", flat=True))
    sources.delete()
    CopyGroup.objects.filter(corpus=corpus).delete()
    # Their notes name people.
    Invitation.objects.filter(corpus=corpus).delete()
    emptied = ("guidelines", *PUBLICATION_FIELDS)
    for field in emptied:
        setattr(corpus, field, "")
    corpus.name = corpus.slug
    corpus.withdrawn_at = corpus.erased_at = timezone.now()
    corpus.save(update_fields=["name", *emptied, "withdrawn_at", "erased_at"])
    forget_in_admin_log(Corpus, [corpus.pk])
    for subscriber in subscribers():
        subscriber.corpus_erased(user=user, corpus=corpus)
    return erased
