"""Exports of an erased corpus or release go with it; those of a corpus that stays were handed out, and stay."""

from django.db import transaction
from django.db.models import Model, QuerySet

from annotations.exports import files, reports
from annotations.exports.models import Export
from corpusapp.articles.models import Corpus


def erase_exports(*, corpus: Corpus) -> None:
    _erase(Export.objects.filter(corpus=corpus))
    transaction.on_commit(lambda: reports.discard(corpus))


def erase_exports_of(*, release: Model) -> None:
    """Those that were made of the release, and those that wait to be; one in the making is stopped."""
    _erase(Export.objects.filter(release=release))
    transaction.on_commit(lambda: reports.discard(release))


def _erase(exports: QuerySet[Export]) -> None:
    for folder in exports.values_list("folder", flat=True):
        transaction.on_commit(lambda folder=folder: files.discard(folder))
    exports.delete()
