"""Exports of a corpus, and their files."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

from annotations.exports import store
from annotations.exports.models import Export
from annotations.exports.queries.records import STAGE, other_articles
from corpusapp.articles.models import Corpus
from corpusapp.articles.permissions import role_of
from corpusapp.core import keyset
from corpusapp.core.errors import Conflict, NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# A manifest may be large, and no list shows it.
_EXPORTS = Export.objects.select_related("user", "corpus", "release").defer("release__manifest")


def recent_exports(corpus: Corpus, number: int) -> list[Export]:
    """The newest exports of a corpus."""
    return list(_EXPORTS.filter(corpus=corpus)[:number])


def exports_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[Export]:
    """The exports of a corpus, newest first."""
    return keyset.newest_first(_EXPORTS.filter(corpus=corpus), cursor=cursor, size=size)


def get_export(corpus: Corpus, pk: int) -> Export:
    """An export of this corpus. The caller checks permissions. Raises `NotFound`."""
    export = _EXPORTS.filter(corpus=corpus, pk=pk).first()
    if export is None:
        raise NotFound(f"there is no export {pk} of {corpus.slug!r}")
    return export


def find_export(user: "User", pk: int) -> Export:
    """The export with this id, of any corpus that the user can see. Raises `NotFound`."""
    export = _EXPORTS.filter(pk=pk).first()
    if export is None or export.corpus.withdrawn_at is not None or role_of(user, export.corpus) is None:
        raise NotFound(f"there is no export {pk} that you can see")
    return export


def file_of(export: Export) -> Path:
    """The path of the file. Raises `Conflict` if there is none: not yet, refused, failed, cancelled, or deleted."""
    state = export.state
    if export.is_open:
        raise Conflict(f"export {export.pk} is not finished: it is {state}; try again later", field="state")
    if state in (Export.State.REFUSED, Export.State.FAILED, Export.State.CANCELLED):
        raise Conflict(f"there is no file: {export.reason}", field="state", current=export.report)
    oldest = timezone.now() - timedelta(days=settings.EXPORT_DAYS)
    path = store.file_in(export.folder, export.name) if state == Export.State.FINISHED else None
    if path is None or (export.finished_at and export.finished_at < oldest):
        raise Conflict(f"the file of export {export.pk} was deleted: create a new export", field="state")
    return path


def left_out_of(export: Export) -> int | None:
    """Number of articles left out only because of their stage: at the time of the file, else now. None if unknown."""
    if export.release is not None:
        return export.release.left_out_articles
    if export.report is not None:
        return export.report["left_out"]["articles"].get(STAGE, 0) if "left_out" in export.report else None
    return other_articles(export.corpus, export.chosen)


def losses_of(export: Export) -> Path:
    """The path of all losses of a finished or refused export, as JSON Lines with the counts at the end.

    Raises as `file_of`, and if they were deleted.
    """
    if export.state != Export.State.REFUSED:
        file_of(export)
    path = store.file_in(export.folder, store.LOSSES)
    if path is None and export.state == Export.State.REFUSED:
        raise Conflict(f"the losses of export {export.pk} were deleted: create a new export", field="state")
    if path is None:
        raise NotFound(f"export {export.pk} was created before losses were stored: create it again")
    return path
