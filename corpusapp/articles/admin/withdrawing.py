"""Withdraw and restore whole corpora. Each stands or falls by itself."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest

from corpusapp.articles.actions.withdraw_corpus import restore_corpus, withdraw_corpus
from corpusapp.articles.models import Corpus
from corpusapp.core.admin.scoped import ScopedAdmin
from corpusapp.core.errors import Refusal


@admin.action(description="Withdraw the selected corpora")
def withdraw_whole(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Corpus]) -> None:
    _each(page, request, queryset, "Withdrew", withdraw_corpus)


@admin.action(description="Show the selected withdrawn corpora again")
def restore_whole(page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Corpus]) -> None:
    _each(page, request, queryset, "Restored", restore_corpus)


def _each(
    page: ScopedAdmin, request: HttpRequest, queryset: QuerySet[Corpus], verb: str, act: Callable[..., None]
) -> None:
    for corpus in queryset:
        try:
            act(user=request.user, corpus=corpus)
        except Refusal as refusal:
            page.message_user(request, refusal.detail, messages.WARNING)
        else:
            LogEntry.objects.log_actions(request.user.pk, [corpus], CHANGE, f"List action: {verb.lower()}.")
            page.message_user(request, f"{verb} {corpus.name}.", messages.SUCCESS)
