"""Order, cancel and erase releases, and order files of them."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from annotations.exports.actions.file_jobs import FileJobs
from annotations.exports.actions.order import erase_exports_of, place_order
from annotations.exports.format_choices import check_offsets, file_name, known_format
from annotations.exports.models import Export
from annotations.exports.queries.records import chosen_articles
from annotations.exports.selection import Selection
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases.models import NOTHING_LEFT, Release
from annotations.releases.queries.files import check_part
from annotations.releases.queries.manifest import entities_sha256
from annotations.releases.queries.releases import file_stem, newest_release, require_made, require_not_erased
from annotations.releases.split import PARTS
from annotations.releases.store import discard_unless_named
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.core.idempotency import check_key, digest
from corpusapp.core.locks import Lock
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

RELEASE_JOBS = FileJobs(
    Release.objects.select_related("corpus", "user"),
    task="make_release",
    queue="releases",
    argument="release_id",
    lock=Lock.RELEASE,
)
SHARES: Mapping[str, int] = {"train": 80, "dev": 10, "test": 10}
SEED = "1"
NAME_LENGTH, NOTES_LENGTH, SEED_LENGTH = 200, 10_000, 64
# Open releases of one corpus.
MOST_OPEN = 5


@transaction.atomic
def order_release(
    *,
    user: "User",
    corpus: Corpus,
    name: str = "",
    notes: str = "",
    selection: Selection | None = None,
    seed: str | None = None,
    shares: Mapping[str, int] | None = None,
    client_key: str | None = None,
) -> tuple[Release, bool]:
    """Have a worker make the next release of a corpus. Returns it, and whether the client key was used before.

    The seed and the shares default to those of the newest release, so that no article changes its part; for the first
    one, to `SEED` and `SHARES`. Raises `Invalid` if the filter matches no articles.
    """
    require(user, corpus, Role.MANAGER)
    disk.require_room()
    selection = selection or Selection()
    _check_text("name", name, NAME_LENGTH)
    _check_text("notes", notes, NOTES_LENGTH)
    # The lock makes numbers consecutive, and a repeated key find its release.
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    newest = newest_release(corpus)
    filters, seed = selection.as_json(), _seed(seed)
    shares = None if shares is None else _shares(shares)
    request = digest(name, notes, filters, seed, shares)
    if earlier := _earlier(user, corpus, client_key, request):
        return earlier, True
    _check_articles(corpus, selection)
    if Release.objects.filter(corpus=corpus).open().count() >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} releases of this corpus are waiting: wait until one is finished")
    release = Release.objects.create(
        user=user,
        corpus=corpus,
        number=newest.number + 1 if newest else 1,
        name=name,
        notes=notes,
        selection=filters,
        seed=seed or (newest.seed if newest else SEED),
        client_key=client_key,
        request_sha256=None if client_key is None else request,
        **(shares or (newest.shares if newest else SHARES)),
    )
    RELEASE_JOBS.defer(release)
    return release, False


@transaction.atomic
def order_release_export(
    *, user: "User", release: Release, format: str, part: str = "", offsets: str = CODE_POINTS, strict: bool = False
) -> Export:
    """Have a worker make a file of a release, or of one part of it, as `order_export`."""
    require(user, release.corpus, Role.READER)
    disk.require_room()
    form = known_format(format)
    check_offsets(form, offsets)
    check_part(part)
    require_made(release)
    selection = replace(release.chosen, offsets=offsets).as_json()
    options = {"format": form.name, "selection": selection, "strict": strict, "release": release, "part": part}
    return place_order(user, release.corpus, options, file_name(form, file_stem(release, part)))


@transaction.atomic
def cancel_release(*, user: "User", release: Release) -> Release:
    """Stop making the release. Its number is not reused. Raises `Conflict` if it has ended."""
    require(user, release.corpus, Role.MANAGER)
    reason = f"cancelled by {user.username}; no file was kept, and the number is not reused"
    jobs.cancel_row(release, f"release {release.number}", reason)
    return release


@transaction.atomic
def erase_release(*, user: "User", release: Release) -> None:
    """Delete a release, its manifest, its file and its exports, except its number, its creator, and who erased it when.

    The file stays if another release has the same content. Raises `Conflict` while it is being made, `Gone` if it was
    erased.
    """
    require(user, release.corpus, Role.MANAGER)
    # Nobody orders an export of it meanwhile.
    Corpus.objects.select_for_update().get(pk=release.corpus_id)
    release = Release.objects.select_for_update().get(pk=release.pk)
    require_not_erased(release)
    if release.is_open:
        raise Conflict(f"release {release.number} is {release.state}: wait until it is finished", field="state")
    _erase(release, erased_by=user, erased_at=timezone.now())


def erase_releases(*, corpus: Corpus) -> None:
    """Delete the contents of all releases of a corpus. Their numbers stay, and their files go after the commit."""
    for release in Release.objects.filter(corpus=corpus).exclude(state=Release.State.ERASED):
        _erase(release)


def _erase(release: Release, **columns: Any) -> None:
    erase_exports_of(release=release)
    found = [sha256 for sha256 in (release.sha256, entities_sha256(release.manifest or {})) if sha256]
    Release.objects.filter(pk=release.pk).update(state=Release.State.ERASED, **NOTHING_LEFT, **columns)
    for sha256 in found:
        transaction.on_commit(partial(discard_unless_named, sha256))


def _earlier(user: "User", corpus: Corpus, client_key: str | None, request: bytes) -> Release | None:
    if client_key is None:
        return None
    check_key(client_key)
    found = Release.objects.filter(user=user, corpus=corpus, client_key=client_key).first()
    if found is not None and bytes(found.request_sha256 or b"") != request:
        raise Conflict(
            f"the idempotency key {client_key!r} was used for another request: use a new key for each release",
            field="idempotency_key",
        )
    return found


def _check_articles(corpus: Corpus, selection: Selection) -> None:
    if selection.offsets != CODE_POINTS:
        raise Invalid("a release counts in code points: choose utf16 when you export it", field="offsets")
    if not chosen_articles(corpus, selection).exists():
        stages = "" if selection.any_stage else "; without a stage, it matches only done articles"
        raise Invalid(f"the filter matches no articles: widen it{stages}", field="filter")


def _seed(seed: str | None) -> str | None:
    if seed is not None:
        _check_text("seed", seed, SEED_LENGTH)
        if not seed:
            raise Invalid("the seed is empty: send one, or leave it out to keep that of the last release", field="seed")
    return seed


def _shares(shares: Mapping[str, int]) -> dict[str, int]:
    values: dict[str, Any] = {part: shares.get(part, 0) for part in PARTS}
    if unknown := set(shares) - set(PARTS):
        raise Invalid(f"there is no part {sorted(unknown)[0][:40]!r}: the parts are {', '.join(PARTS)}", field="shares")
    if any(type(share) is not int or not 0 <= share <= 100 for share in values.values()):
        raise Invalid("each share must be a whole percentage from 0 to 100", field="shares")
    if (total := sum(values.values())) != 100:
        raise Invalid(f"the shares add up to {total}: they must add up to 100", field="shares")
    return values


def _check_text(field: str, value: str, most: int) -> None:
    if reason := fault(value):
        raise Invalid(f"the {field} {reason}", field=field)
    if len(value) > most:
        raise Invalid(f"the {field} has {len(value)} characters: the limit is {most}", field=field)
