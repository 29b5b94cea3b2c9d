"""Erase a corpus with all of its articles. Its slug stays taken, so that nothing else is ever mistaken for it."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from corpusapp.articles.actions.erase import discard_upload, erase_articles, forget_in_admin_log
from corpusapp.articles.models import Article, CopyGroup, Corpus, ImportBatch, ImportProblem, Source
from corpusapp.articles.permissions import require_manager
from corpusapp.articles.ports import subscribers
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def erase_corpus(*, user: "User", corpus: Corpus, slug: str) -> int:
    """Erase all that the corpus holds; returns how many articles that were. `slug` shows that this one is meant."""
    require_manager(user, corpus)
    if slug != corpus.slug:
        raise Invalid(f"to erase this corpus, repeat its slug: {corpus.slug}", field="slug")
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    articles = Article.objects.filter(corpus=corpus, erased_at=None)
    erased = erase_articles(user=user, corpus=corpus, article_ids=articles.values("pk"))
    for batch in ImportBatch.objects.filter(corpus=corpus):
        discard_upload(batch)
    ImportProblem.objects.filter(batch__corpus=corpus).delete()
    ImportBatch.objects.filter(corpus=corpus).update(files=[], options={})
    sources = Source.objects.filter(corpus=corpus)
    forget_in_admin_log(Source, sources.values_list("pk", flat=True))
    sources.delete()
    CopyGroup.objects.filter(corpus=corpus).delete()
    corpus.name, corpus.guidelines = corpus.slug, ""
    corpus.withdrawn_at = corpus.erased_at = timezone.now()
    corpus.save(update_fields=["name", "guidelines", "withdrawn_at", "erased_at"])
    forget_in_admin_log(Corpus, [corpus.pk])
    for follower in subscribers():
        follower.corpus_erased(user=user, corpus=corpus)
    return erased
