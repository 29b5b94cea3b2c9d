"""Releases of an erased corpus go with it. Those of a corpus that stays were handed out, and stay as they were made."""

from django.db import transaction

from annotations.exports.releases import store
from annotations.exports.releases.models import NOTHING_LEFT, Release
from corpusapp.articles.models import Corpus


def erase_releases(*, corpus: Corpus) -> None:
    """Leave nothing of the releases but their numbers, and delete their files when this is committed."""
    releases = Release.objects.filter(corpus=corpus)
    gone = set(releases.exclude(sha256="").values_list("sha256", flat=True))
    releases.update(state=Release.State.ERASED, **NOTHING_LEFT)
    # Equal releases are one file, in two databases of one home as well: those of this one are known.
    for sha256 in gone - set(Release.objects.filter(sha256__in=gone).values_list("sha256", flat=True)):
        transaction.on_commit(lambda sha256=sha256: store.discard(sha256))
