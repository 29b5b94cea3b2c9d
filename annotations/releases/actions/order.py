"""Ask for a release: its number, and the job that makes it, in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from annotations.exports.actions.order import place_order
from annotations.exports.format_choices import check_offsets, file_name, known_format
from annotations.exports.models import Export
from annotations.exports.queries import chosen_articles
from annotations.exports.selection import Selection
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases.models import Release
from annotations.releases.queries import check_part, file_stem, newest_release, require_made
from annotations.releases.split import PARTS
from annotations.review.actions.decisions import check_key, digest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core import disk, jobs
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAKE, QUEUE = "make_release", "releases"
SHARES: Mapping[str, int] = {"train": 80, "dev": 10, "test": 10}
SEED = "1"
NAME_LENGTH, NOTES_LENGTH, SEED_LENGTH = 200, 10_000, 64
# Of one corpus that may wait at a time.
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
    """The next release of a corpus, for a worker to make; and whether this key had asked for it before.

    Without seed and shares, those of the newest release are taken, so that no article changes its part: at first
    `SEED` and `SHARES`. Refuses a filter that lets no article pass.
    """
    require(user, corpus, Role.MANAGER)
    disk.require_room()
    selection = selection or Selection()
    _check_text("name", name, NAME_LENGTH)
    _check_text("notes", notes, NOTES_LENGTH)
    # Under this lock numbers follow one another, and a repeated key finds what it made.
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    newest = newest_release(corpus)
    asked = {
        "name": name,
        "notes": notes,
        "selection": selection.as_json(),
        "seed": _seed(seed),
        "shares": None if shares is None else _shares(shares),
    }
    request = digest(*asked.values())
    if earlier := _earlier(user, corpus, client_key, request):
        return earlier, True
    _check_articles(corpus, selection)
    if Release.objects.filter(corpus=corpus).open().count() >= MOST_OPEN:
        raise Conflict(f"{MOST_OPEN} releases of this corpus are waiting: wait until one is finished")
    dealt = asked.pop("shares") or (newest.shares if newest else SHARES)
    asked["seed"] = asked["seed"] or (newest.seed if newest else SEED)
    number = newest.number + 1 if newest else 1
    key = {"client_key": client_key, "request_sha256": request} if client_key is not None else {}
    release = Release.objects.create(user=user, corpus=corpus, number=number, **asked, **dealt, **key)
    _defer(release)
    return release, False


def _defer(release: Release) -> None:
    """One release of a corpus at a time, in the order of their numbers."""
    jobs.defer(MAKE, queue=QUEUE, lock=f"{QUEUE} {release.corpus_id}", release_id=release.pk)


@transaction.atomic
def order_release_export(
    *, user: "User", release: Release, format: str, part: str = "", offsets: str = CODE_POINTS, strict: bool = False
) -> Export:
    """Have a worker make a file of a made release, or of one part of it, in any format; else as `order_export`."""
    require(user, release.corpus, Role.READER)
    disk.require_room()
    form = known_format(format)
    check_offsets(form, offsets)
    check_part(part)
    require_made(release)
    selection = replace(release.chosen, offsets=offsets).as_json()
    wanted = {"format": form.name, "selection": selection, "strict": strict, "release": release, "part": part}
    return place_order(user, release.corpus, wanted, file_name(form, file_stem(release, part)))


@transaction.atomic
def order_again(*, corpus: Corpus) -> None:
    """Have what waited while the corpus was withdrawn made now."""
    for release in Release.objects.filter(corpus=corpus).open():
        _defer(release)


@transaction.atomic
def cancel_release(*, user: "User", release: Release) -> Release:
    """Stop making it; its number stays taken. Refuses `Conflict` one that has ended."""
    require(user, release.corpus, Role.MANAGER)
    reason = f"cancelled by {user.username}; no file was kept, and the number is not reused"
    jobs.cancel_row(release, f"release {release.number}", reason)
    return release


def end_lost_releases() -> int:
    """Fail those whose job was given up; returns how many. One that a command makes has a job too."""
    return jobs.fail_lost_rows(Release.objects.filter(corpus__withdrawn_at=None).open(), MAKE, "release_id")


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
