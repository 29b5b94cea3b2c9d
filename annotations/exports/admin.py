"""The admin action that exports the selected articles."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from annotations.exports.queries.records import chosen_records
from annotations.formats import jsonl
from annotations.formats.report import Report as Losses
from corpusapp.accounts.requests import user_of
from corpusapp.articles.admin import bulk
from corpusapp.articles.admin.articles import offer_action
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.admin.scoped import ScopedAdmin


@offer_action
@admin.action(description="Export the selected articles (JSONL)")
def export(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Article]) -> StreamingHttpResponse:
    """Download the articles with their confirmed spans. Withdrawn articles are left out, as in every export."""
    articles = bulk.chosen(queryset)
    for corpus, _ in bulk.by_corpus(articles):
        require(user_of(request), corpus, Role.MANAGER)
    report = bulk.Report()
    report.left_out["withdrawn"] = sum(article.withdrawn_at is not None for article in articles)
    report.show(page, request, "Exported")
    records = chosen_records([article.pk for article in articles], [corpus for corpus, _ in bulk.by_corpus(articles)])
    return StreamingHttpResponse(
        jsonl.JsonLines().chunks(records, Losses()),
        content_type=jsonl.MEDIA_TYPE,
        headers={"Content-Disposition": f'attachment; filename="articles.{jsonl.SUFFIX}"'},
    )
