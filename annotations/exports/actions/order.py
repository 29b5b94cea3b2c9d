"""Order, cancel, delete and erase exports."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from annotations.exports import store
from annotations.exports.actions.file_jobs import FileJobs
from annotations.exports.format_choices import check_offsets, file_name, known_format
from annotations.exports.models import Export
from annotations.exports.queries.records import chosen_articles
from annotations.exports.selection import Selection
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import may, require
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Conflict, NotAllowed
from corpusapp.core.locks import Lock

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

EXPORT_JOBS = FileJobs(
    Export.objects.select_related("corpus", "release__corpus"),
    task="make_export",
    queue="exports",
    argument="export_id",
    lock=Lock.EXPORT,
    fair=True,
)
# Open exports of one person in one corpus.
MOST_OPEN = 10


@transaction.atomic
def order_export(*, user: "User", corpus: Corpus, format: str, selection: Selection, strict: bool = False) -> Export:
    """Have a worker make a file of the corpus. Returns the user's open export instead if it has the same options."""
    require(user, corpus, Role.READER)
    disk.require_room()
    form = known_format(format)
    check_offsets(form, selection.offsets)
    chosen_articles(corpus, selection)
    options = {"format": form.name, "selection": selection.as_json(), "strict": strict, "release": None}
    return place_order(user, corpus, options, file_name(form, corpus.slug))


def place_order(user: "User", corpus: Corpus, options: dict[str, Any], name: str) -> Export:
    """Within a transaction: the row and its job, or the user's open export with these options."""
    # Equal orders at the same time become one.
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    mine = Export.objects.filter(corpus=corpus, user=user).open()
    if waiting := mine.filter(**options).first():
        return waiting
    if mine.count() >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} of your exports are waiting: wait until one is finished, or delete one")
    export = Export.objects.create(user=user, corpus=corpus, **options, folder=store.new_folder(), name=name)
    EXPORT_JOBS.defer(export)
    return export


@transaction.atomic
def cancel_export(*, user: "User", export: Export) -> Export:
    """Stop making the file; for its creator and managers. Raises `Conflict` if it has ended."""
    _require_creator(user, export, "cancel")
    jobs.cancel_row(export, f"export {export.pk}", f"cancelled by {user.username}; no file was kept")
    return export


@transaction.atomic
def remove_export(*, user: "User", export: Export) -> None:
    """Delete an export and its file; for its creator and managers. A running one stops."""
    _require_creator(user, export, "remove")
    folder = export.folder
    export.delete()
    _discard_on_commit([folder])


def _require_creator(user: "User", export: Export, verb: str) -> None:
    require(user, export.corpus, Role.READER)
    if export.user_id != user.pk and not may(user, export.corpus, Role.MANAGER):
        raise NotAllowed(f"{export.user} asked for this export: only they and the managers of the corpus {verb} it")


def erase_exports(*, corpus: Corpus) -> None:
    """Delete all exports of a corpus, with their files and reports."""
    _erase(Export.objects.filter(corpus=corpus), owner=corpus)


def erase_exports_of(*, release: Model) -> None:
    """Delete all exports of a release, with their files and reports. A running one stops."""
    _erase(Export.objects.filter(release_id=release.pk), owner=release)


def _erase(exports: QuerySet[Export], *, owner: Model) -> None:
    _discard_on_commit(exports.values_list("folder", flat=True))
    exports.delete()
    transaction.on_commit(lambda: store.discard_reports(owner))


def clear_away(*, corpus: Corpus | None = None) -> int:
    """Delete files older than `EXPORT_DAYS` days, and more than `EXPORTS_KEPT` of this corpus; their rows stay.

    A refused export keeps its state. Its losses are deleted after the same time. Returns the number of files.
    """
    store.sweep()
    oldest = timezone.now() - timedelta(days=settings.EXPORT_DAYS)
    for export in Export.objects.filter(state=Export.State.REFUSED, finished_at__lt=oldest).only("folder"):
        store.discard(export.folder)
    finished = Export.objects.filter(state=Export.State.FINISHED)
    newest = finished.filter(corpus=corpus).order_by("-pk").values_list("pk", flat=True)
    surplus = list(newest[max(settings.EXPORTS_KEPT, 1) :])
    folders = dict(finished.filter(Q(pk__in=surplus) | Q(finished_at__lt=oldest)).values_list("pk", "folder"))
    with transaction.atomic():
        Export.objects.filter(pk__in=folders).update(state=Export.State.CLEARED)
        _discard_on_commit(folders.values())
    return len(folders)


def _discard_on_commit(folders: Iterable[str]) -> None:
    names = list(folders)

    def discard() -> None:
        for name in names:
            store.discard(name)

    transaction.on_commit(discard)
