"""Releases of a corpus, and what is read of them later: always from their files, never from the corpus."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from django.db.models.fields.json import KeyTransform

from annotations.formats.protocol import Context
from annotations.formats.records import Record
from annotations.releases import store
from annotations.releases.models import OPEN, Release
from annotations.releases.split import PARTS
from annotations.releases.versions import differences
from corpusapp.articles.models import Corpus
from corpusapp.articles.ports import Holding
from corpusapp.core import keyset
from corpusapp.core.errors import Conflict, Gone, Invalid, NotFound

WHOLE, ALTERED, MISSING = "whole", "altered", "missing"
_ROWS = Release.objects.select_related("user", "corpus", "erased_by")


@dataclass(frozen=True)
class Check:
    """Whether a release's file is the one that was made; `found` is its SHA-256 now."""

    state: str
    expected: str
    found: str = ""


def newest_release(corpus: Corpus) -> Release | None:
    return Release.objects.filter(corpus=corpus).order_by("-number").first()


def made_releases(corpus: Corpus) -> list[Release]:
    """Those that can be read, newest first, without their manifests."""
    made = Release.objects.filter(corpus=corpus, state=Release.State.MADE)
    return list(made.defer("manifest").order_by("-number"))


def releases_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[Release]:
    """The releases of a corpus, newest first, with their `spans` and without their manifests."""
    counted = KeyTransform("spans", KeyTransform("counts", "manifest"))
    rows = _ROWS.filter(corpus=corpus).defer("manifest").annotate(spans=counted).order_by("-number")
    if cursor:
        (last,) = keyset.decode(cursor, int)
        rows = rows.filter(number__lt=last)
    found = list(rows[: size + 1])
    return keyset.Page(found[:size], keyset.encode(found[size - 1].number) if len(found) > size else None)


def get_release(corpus: Corpus, number: int) -> Release:
    """A release of this corpus, which the caller has looked up for the user. Refuses `Gone` one that was erased."""
    release = _ROWS.filter(corpus=corpus, number=number).first() if number < 2**31 else None
    if release is None:
        raise NotFound(f"there is no release {number} of {corpus.slug!r}")
    require_not_erased(release)
    return release


def get_made_release(corpus: Corpus, number: int) -> Release:
    """One whose file is there. Refuses `Conflict` where it is not made yet, or failed."""
    release = get_release(corpus, number)
    require_made(release)
    return release


def require_not_erased(release: Release) -> None:
    if release.state == Release.State.ERASED:
        when = f" on {release.erased_at:%Y-%m-%d} by {release.erased_by}" if release.erased_at else " with its corpus"
        raise Gone(f"release {release.number} was erased{when}: its number is not reused")


def account(release: Release) -> list[Holding]:
    """What would go with the release, and what would stay, were it erased; counted."""
    made = release.manifest is not None
    others = Release.objects.filter(sha256=release.sha256).exclude(pk=release.pk) if made else Release.objects.none()
    held = [
        Holding("articles in its file", release.articles if made else 0),
        Holding("spans in its file", release.counts["spans"] if made else 0),
        Holding("files in other formats, existing or waiting", release.exports.count()),
        Holding("other releases with the same content, which keep the file", others.count(), goes=False),
    ]
    return [holding for holding in held if holding.count]


def require_made(release: Release) -> None:
    require_not_erased(release)
    if release.state in OPEN:
        raise Conflict(
            f"release {release.number} is not finished: it is {release.state}; try again later", field="state"
        )
    if release.state in (Release.State.FAILED, Release.State.CANCELLED):
        raise Conflict(f"release {release.number} is {release.state}: {release.reason}", field="state")


def check_release(release: Release) -> Check:
    """Read the file of a made release again, whole, and compare its hash."""
    require_made(release)
    path = store.path_of(release.sha256)
    try:
        found = store.hash_of(path)
    except FileNotFoundError:
        return Check(MISSING, release.sha256)
    return Check(WHOLE if found == release.sha256 else ALTERED, release.sha256, found)


def open_file(release: Release) -> BinaryIO:
    """The file of a made release. Refuses `Altered` where it is missing, or of another size."""
    require_made(release)
    return store.opened(release.sha256, release.size)


def release_records(release: Release, part: str = "") -> Iterator[Record]:
    """The articles of a made release, of one part or of all, in the order of their ids."""
    require_made(release)
    return store.records(release.sha256, part)


def context_of_release(release: Release, offsets: str, scratch: str | None = None) -> Context:
    """What the formats say about the corpus, as it stood then."""
    manifest: dict[str, Any] = release.manifest
    return Context(
        name=manifest["corpus"]["slug"],
        title=manifest["corpus"]["name"],
        description=manifest["guidelines"],
        version=str(release.number),
        language=manifest["corpus"]["language"],
        labels={label["name"]: label["definition"] for label in manifest["labels"]},
        plain_states=release.chosen.plain_states,
        offsets=offsets,
        scratch=scratch,
    )


def check_part(part: str) -> None:
    """Refuse what is no part; empty stands for all of a release."""
    if part and part not in PARTS:
        raise Invalid(f"there is no part {part[:40]!r}: the parts are {', '.join(PARTS)}", field="part")


def file_stem(release: Release, part: str = "") -> str:
    """What files of the release are called."""
    return f"{release.corpus.slug}-r{release.number}" + (f"-{part}" if part else "")


def versions_differ(release: Release, form: str = "") -> list[str]:
    """Where this desk's versions, as far as a format needs them, are no longer those of a made release."""
    return differences(release.manifest["versions"], form)


def manifest_bytes(release: Release) -> bytes:
    """The manifest as a file: the same bytes each time."""
    return (json.dumps(release.manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def part_total(release: Release, part: str) -> int:
    """How many articles a part has; all, where none is named."""
    counts = release.counts
    return counts["parts"][part]["articles"] if part else counts["articles"]
