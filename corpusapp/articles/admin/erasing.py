"""Admin actions that erase articles or a corpus, after a page with a preview and a confirmation."""

from collections import Counter
from collections.abc import Sequence

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from corpusapp.accounts.requests import user_of
from corpusapp.articles.actions.erase import erase_articles, erase_corpus, preview_erasure
from corpusapp.articles.admin import bulk
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.ports import Holding
from corpusapp.core.admin.scoped import ScopedAdmin
from corpusapp.core.errors import Invalid


@admin.action(description="Erase the selected articles …")
def erase(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> HttpResponse | None:
    """Erase all selected articles, or none. Without `confirmed`, show the confirmation page."""
    groups = bulk.by_corpus(bulk.chosen(queryset.filter(erased_at=None)))
    if request.POST.get("confirmed") != "yes":
        counted: Counter[tuple[str, bool]] = Counter()
        for corpus, articles in groups:
            ids = [article.pk for article in articles]
            for holding in preview_erasure(user=user_of(request), corpus=corpus, article_ids=ids):
                counted[holding.what, holding.goes] += holding.count
        holdings = [Holding(what, count, goes) for (what, goes), count in counted.items()]
        return _confirmation_page(
            page, request, "erase", [article for _, group in groups for article in group], holdings
        )
    with transaction.atomic():
        for corpus, articles in groups:
            erase_articles(user=user_of(request), corpus=corpus, article_ids=[article.pk for article in articles])
    ids = [article.pk for _, articles in groups for article in articles]
    _report(page, request, list(Article.objects.filter(pk__in=ids)))
    return None


@admin.action(description="Erase the selected corpus …")
def erase_whole(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Corpus]) -> HttpResponse | None:
    """Like `erase`, for a corpus; its slug must be entered."""
    chosen = list(queryset.filter(erased_at=None)[:2])
    if len(chosen) != 1:
        raise Invalid("select one corpus that is not erased yet: only one can be erased at a time")
    (corpus,) = chosen
    if request.POST.get("confirmed") != "yes":
        ids = list(Article.objects.filter(corpus=corpus, erased_at=None).values_list("pk", flat=True))
        holdings = preview_erasure(user=user_of(request), corpus=corpus, article_ids=ids)
        return _confirmation_page(page, request, "erase_whole", [corpus], holdings, slug=corpus.slug)
    erase_corpus(user=user_of(request), corpus=corpus, slug=request.POST.get("slug", "").strip())
    _report(page, request, list(Corpus.objects.filter(pk=corpus.pk)))
    return None


def _confirmation_page(
    page: ScopedAdmin,
    request: HttpRequest,
    action: str,
    chosen: Sequence[Model],
    holdings: Sequence[Holding],
    slug: str = "",
) -> HttpResponse:
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"Erase {len(chosen)} {page.opts.verbose_name if len(chosen) == 1 else page.opts.verbose_name_plural}",
        "chosen": chosen,
        "goes": [one for one in holdings if one.goes],
        "stays": [one for one in holdings if not one.goes],
        "slug": slug,
        "action": action,
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/articles/erase.html", context)


def _report(page: ScopedAdmin, request: HttpRequest, erased: Sequence[Model]) -> None:
    """Log the erased objects by their ids, and show a message."""
    LogEntry.objects.log_actions(user_of(request).pk, erased, CHANGE, "Erased.")
    what = page.opts.verbose_name if len(erased) == 1 else page.opts.verbose_name_plural
    page.message_user(request, f"Erased {len(erased)} {what} permanently.", messages.SUCCESS)
