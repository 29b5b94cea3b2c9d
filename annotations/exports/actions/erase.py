"""Exports of an erased corpus go with it; those of a corpus that stays were handed out, and stay."""

from django.db import transaction

from annotations.exports import files
from annotations.exports.models import Export
from corpusapp.articles.models import Corpus


def erase_exports(*, corpus: Corpus) -> None:
    exports = Export.objects.filter(corpus=corpus)
    for folder in exports.values_list("folder", flat=True):
        transaction.on_commit(lambda folder=folder: files.discard(folder))
    exports.delete()
