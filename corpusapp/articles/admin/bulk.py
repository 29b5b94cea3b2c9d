"""Bulk actions on articles of several corpora: each does what it can, and reports what it left out and why."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.http import HttpRequest

from corpusapp.accounts.requests import user_of
from corpusapp.articles.models import Article, Corpus
from corpusapp.core.errors import Invalid, Refusal

MOST = 2000
_REASONS_SHOWN = 5


@dataclass
class Report:
    """The changed articles, and the number left out by reason."""

    done: list[Article] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def show(self, page: ModelAdmin, request: HttpRequest, verb: str) -> None:
        """Log the changes, and show messages about what was changed and left out."""
        if self.done:
            LogEntry.objects.log_actions(user_of(request).pk, self.done, CHANGE, f"List action: {verb.lower()}.")
            page.message_user(request, f"{verb} {_articles(len(self.done))}.", messages.SUCCESS)
        reasons = (+self.left_out).most_common()
        for reason, count in reasons[:_REASONS_SHOWN]:
            page.message_user(request, f"Left out {_articles(count)}: {reason}.", messages.WARNING)
        if rest := sum(count for _, count in reasons[_REASONS_SHOWN:]):
            page.message_user(request, f"Left out {_articles(rest)} for other reasons.", messages.WARNING)


def chosen(queryset: QuerySet[Article], *, most: int = MOST) -> list[Article]:
    """The selected articles without their texts, by corpus. Refuses an empty selection, and more than `most`."""
    ids = list(queryset.order_by("pk").values_list("pk", flat=True)[: most + 1])
    if not ids:
        raise Invalid("none of the selected articles is in a corpus that you manage: select others in the list")
    if len(ids) > most:
        raise Invalid(f"more than {most} articles are selected: filter the list and work in parts")
    rows = Article.objects.filter(pk__in=ids).select_related("corpus").defer("text", "search_vector", "metadata")
    return list(rows.annotate(opening=Left("text", 400)).order_by("corpus_id", "pk"))


def by_corpus(articles: Sequence[Article]) -> list[tuple[Corpus, list[Article]]]:
    """Group the articles, which are sorted by corpus, by corpus."""
    groups = [list(group) for _, group in groupby(articles, key=lambda article: article.corpus_id)]
    return [(group[0].corpus, group) for group in groups]


def each_corpus(
    page: ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[Article],
    verb: str,
    act: Callable[..., Any],
    *,
    otherwise: str,
) -> None:
    """Call `act(user, corpus, article_ids)` once per corpus; `otherwise` is the reason for unchanged articles."""
    report = Report()
    for corpus, articles in by_corpus(chosen(queryset)):
        before = {article.pk: article.withdrawn_at for article in articles}
        try:
            act(user=user_of(request), corpus=corpus, article_ids=list(before))
        except Refusal as refusal:
            report.left_out[refusal.detail] += len(articles)
            continue
        after = dict(Article.objects.filter(pk__in=list(before)).values_list("pk", "withdrawn_at"))
        done = [article for article in articles if after.get(article.pk) != before[article.pk]]
        report.done += done
        report.left_out[otherwise] += len(articles) - len(done)
    report.show(page, request, verb)


def in_batches(
    page: ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet[Article],
    verb: str,
    act: Callable[..., Any],
    *,
    most: int,
) -> None:
    """Call `act(user, corpus, article_ids)` per corpus, for at most `most` articles each; it returns `left_out`.

    A refusal may have the same list as `current`. Withdrawn articles are left out.
    """
    report = Report()
    for corpus, articles in by_corpus(chosen(queryset)):
        shown = [article for article in articles if article.withdrawn_at is None]
        report.left_out["withdrawn"] += len(articles) - len(shown)
        for part in (shown[at : at + most] for at in range(0, len(shown), most)):
            try:
                left_out = act(
                    user=user_of(request), corpus=corpus, article_ids=[article.pk for article in part]
                ).left_out
            except Refusal as refusal:
                left_out = getattr(refusal, "current", None) or [
                    {"article": article.pk, "reason": refusal.detail} for article in part
                ]
            report.left_out.update(entry["reason"] for entry in left_out)
            passed_over = {entry["article"] for entry in left_out}
            report.done += [article for article in part if article.pk not in passed_over]
    report.show(page, request, verb)


def each_article(
    page: ModelAdmin, request: HttpRequest, queryset: QuerySet[Article], verb: str, act: Callable[[Article], Any]
) -> None:
    """Call `act` for each article; a refusal only concerns that article. Withdrawn articles are left out."""
    report = Report()
    for article in chosen(queryset):
        if article.withdrawn_at is not None:
            report.left_out["withdrawn"] += 1
            continue
        try:
            act(article)
        except Refusal as refusal:
            report.left_out[refusal.detail] += 1
        else:
            report.done.append(article)
    report.show(page, request, verb)


def _articles(count: int) -> str:
    return "1 article" if count == 1 else f"{count} articles"
