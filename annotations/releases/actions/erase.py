"""Erase a release that should not have gone out, or those of a corpus that is erased. Their numbers stay taken."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.exports.actions.erase import erase_exports_of
from annotations.releases.models import NOTHING_LEFT, OPEN, Release
from annotations.releases.queries import require_not_erased
from annotations.releases.store import discard_unless_named
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

State = Release.State


@transaction.atomic
def erase_release(*, user: "User", release: Release) -> None:
    """Leave nothing of the release but its number, who made it, and who erased it when.

    Its manifest goes, the files of other formats that were made of it, and its own file, unless another release is the
    same one. Refuses `Conflict` while it is being made, `Gone` where it is erased.
    """
    require(user, release.corpus, Role.MANAGER)
    # Nobody orders a file of it meanwhile.
    Corpus.objects.select_for_update().get(pk=release.corpus_id)
    release = Release.objects.select_for_update().get(pk=release.pk)
    require_not_erased(release)
    if release.state in OPEN:
        raise Conflict(f"release {release.number} is {release.state}: wait until it is finished", field="state")
    erase_exports_of(release=release)
    _empty(release.sha256, pk=release.pk, erased_by=user, erased_at=timezone.now())


def erase_releases(*, corpus: Corpus) -> None:
    """Leave nothing of the corpus's releases but their numbers, and delete their files when this is committed."""
    for release in Release.objects.filter(corpus=corpus).exclude(state=State.ERASED):
        erase_exports_of(release=release)
        _empty(release.sha256, pk=release.pk)


def _empty(sha256: str, pk: int, **how: object) -> None:
    Release.objects.filter(pk=pk).update(state=State.ERASED, **NOTHING_LEFT, **how)
    if sha256:
        transaction.on_commit(lambda: discard_unless_named(sha256))
