"""Ask for an export as a file, and take one away: rows and the jobs that serve them, in one transaction."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from annotations.exports import files
from annotations.exports.format_choices import check_offsets, file_name, known_format
from annotations.exports.models import Export
from annotations.exports.queries import chosen_articles
from annotations.exports.selection import Selection
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import may, require
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Conflict, NotAllowed

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAKE = "make_export"
QUEUE = "exports"
# One person's exports of a corpus that may wait at a time.
MOST_OPEN = 10


@transaction.atomic
def order_export(*, user: "User", corpus: Corpus, format: str, selection: Selection, strict: bool = False) -> Export:
    """Have a worker make a file of the corpus; the same one that still waits is answered instead of a second."""
    require(user, corpus, Role.READER)
    disk.require_room()
    form = known_format(format)
    check_offsets(form, selection.offsets)
    chosen_articles(corpus, selection)
    wanted = {"format": form.name, "selection": selection.as_json(), "strict": strict, "release": None}
    return place_order(user, corpus, wanted, file_name(form, corpus.slug))


def place_order(user: "User", corpus: Corpus, wanted: dict[str, Any], name: str) -> Export:
    """Within a transaction: the row and its job; one like it that waits already is answered instead of a second."""
    # One order at a time, so that two equal ones at once are one.
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    mine = Export.objects.filter(corpus=corpus, user=user).open()
    if waiting := mine.filter(**wanted).first():
        return waiting
    if mine.count() >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} of your exports are waiting: wait until one is finished, or delete one")
    export = Export.objects.create(user=user, corpus=corpus, **wanted, folder=files.new_name(), name=name)
    _defer(export)
    return export


def _defer(export: Export) -> None:
    """One export of a corpus at a time, and corpora take turns."""
    waiting = Export.objects.filter(corpus=export.corpus_id, state=Export.State.WAITING).exclude(pk=export.pk).count()
    lock = f"{QUEUE} {export.corpus_id}"
    jobs.defer(MAKE, queue=QUEUE, lock=lock, priority=-min(waiting, 100), export_id=export.pk)


@transaction.atomic
def order_again(*, corpus: Corpus) -> None:
    """Have what waited while the corpus was withdrawn made now."""
    for export in Export.objects.filter(corpus=corpus).open():
        _defer(export)


@transaction.atomic
def remove_export(*, user: "User", export: Export) -> None:
    """Take an export and its file away; its maker and the managers of the corpus may. One in the making is stopped."""
    _require_maker(user, export, "remove")
    folder = export.folder
    export.delete()
    transaction.on_commit(lambda: files.discard(folder))


@transaction.atomic
def cancel_export(*, user: "User", export: Export) -> Export:
    """Stop making it; its maker and the managers of the corpus may. Refuses `Conflict` one that has ended."""
    _require_maker(user, export, "cancel")
    jobs.cancel_row(export, f"export {export.pk}", f"cancelled by {user.username}; no file was kept")
    return export


def end_lost_exports() -> int:
    """Fail those whose job was given up; returns how many."""
    return jobs.fail_lost_rows(Export.objects.filter(corpus__withdrawn_at=None).open(), MAKE, "export_id")


def _require_maker(user: "User", export: Export, what: str) -> None:
    require(user, export.corpus, Role.READER)
    if export.user_id != user.pk and not may(user, export.corpus, Role.MANAGER):
        raise NotAllowed(f"{export.user} asked for this export: only they and the managers of the corpus {what} it")


def clear_away(*, corpus: Corpus | None = None) -> int:
    """Delete the files that are older than the settings keep, and this corpus's that are more; their rows say so.

    What was refused keeps its state, and its losses for as long.
    """
    files.sweep()
    oldest = timezone.now() - timedelta(days=settings.EXPORT_DAYS)
    for folder in Export.objects.filter(state=Export.State.REFUSED, finished_at__lt=oldest).values_list("folder"):
        files.discard(*folder)
    finished = Export.objects.filter(state=Export.State.FINISHED)
    here = finished.filter(corpus=corpus).order_by("-pk").values_list("pk", flat=True)
    more = list(here[max(settings.EXPORTS_KEPT, 1) :])
    gone = finished.filter(Q(pk__in=more) | Q(finished_at__lt=oldest))
    folders = dict(gone.values_list("pk", "folder"))
    with transaction.atomic():
        Export.objects.filter(pk__in=folders).update(state=Export.State.CLEARED)
        for folder in folders.values():
            transaction.on_commit(lambda folder=folder: files.discard(folder))
    return len(folders)
