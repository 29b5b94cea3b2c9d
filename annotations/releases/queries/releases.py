"""Releases of a corpus."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.db.models.fields.json import KeyTransform

from annotations.releases.models import Release
from corpusapp.articles.models import Corpus
from corpusapp.articles.ports import Holding
from corpusapp.core import keyset
from corpusapp.core.errors import Conflict, Gone, NotFound

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class SpanCount(TypedDict):
    """The number of spans of a release, or None if it is not finished."""

    spans: int | None


_ROWS = Release.objects.select_related("user", "corpus", "erased_by")


def newest_release(corpus: Corpus) -> Release | None:
    return Release.objects.filter(corpus=corpus).order_by("-number").first()


def made_releases(corpus: Corpus) -> list[Release]:
    """The finished releases, newest first, without their manifests."""
    made = Release.objects.filter(corpus=corpus, state=Release.State.MADE)
    return list(made.defer("manifest").order_by("-number"))


def releases_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[WithAnnotations[Release, SpanCount]]:
    """The releases of a corpus, newest first, with their number of `spans` instead of their manifests."""
    counted = KeyTransform("spans", KeyTransform("counts", "manifest"))
    rows = _ROWS.filter(corpus=corpus).defer("manifest").annotate(spans=counted)
    return keyset.newest_first(rows, cursor=cursor, size=size)


def get_release(corpus: Corpus, number: int) -> Release:
    """A release of this corpus. The caller checks permissions. Raises `NotFound`, and `Gone` if it was erased."""
    release = _ROWS.filter(corpus=corpus, number=number).first() if number < 2**31 else None
    if release is None:
        raise NotFound(f"there is no release {number} of {corpus.slug!r}")
    require_not_erased(release)
    return release


def get_made_release(corpus: Corpus, number: int) -> Release:
    """As `get_release`. Raises `Conflict` if the release is not finished, failed or was cancelled."""
    release = get_release(corpus, number)
    require_made(release)
    return release


def require_not_erased(release: Release) -> None:
    if release.state == Release.State.ERASED:
        when = f" on {release.erased_at:%Y-%m-%d} by {release.erased_by}" if release.erased_at else " with its corpus"
        raise Gone(f"release {release.number} was erased{when}: its number is not reused")


def erasure_counts(release: Release) -> list[Holding]:
    """Counts of what erasing the release deletes, and of what stays."""
    made = release.manifest is not None
    others = Release.objects.filter(sha256=release.sha256).exclude(pk=release.pk) if made else Release.objects.none()
    counts = [
        Holding("articles in its file", release.articles if made else 0),
        Holding("spans in its file", release.counts["spans"] if made else 0),
        Holding("files in other formats, existing or waiting", release.exports.count()),
        Holding("other releases with the same content, which keep the file", others.count(), goes=False),
    ]
    return [holding for holding in counts if holding.count]


def require_made(release: Release) -> None:
    require_not_erased(release)
    if release.is_open:
        raise Conflict(
            f"release {release.number} is not finished: it is {release.state}; try again later", field="state"
        )
    if release.state in (Release.State.FAILED, Release.State.CANCELLED):
        raise Conflict(f"release {release.number} is {release.state}: {release.reason}", field="state")


def file_stem(release: Release, part: str = "") -> str:
    """The beginning of the names of the release's files."""
    return f"{release.corpus.slug}-r{release.number}" + (f"-{part}" if part else "")
