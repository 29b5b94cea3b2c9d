"""What archives share: safe names of members, what is passed over, and the guard against bombs."""

import re
from collections.abc import Iterator
from dataclasses import replace

from corpusapp.intake.draft import Unfit
from corpusapp.intake.limits import Limits
from corpusapp.intake.readers.recognise import suffix_of
from corpusapp.intake.readers.registry import Source
from corpusapp.intake.readers.streams import Broken, stream_of

_CONTROL = re.compile("[\0-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
_LONGEST = 300
# What pages bring along, and what systems leave behind; no one means it as an article.
_BESIDE_SUFFIXES = (
    ".css .js .mjs .map .json5 .svg .png .jpg .jpeg .gif .webp .avif .ico .bmp .tif .tiff .woff .woff2 .ttf .otf .eot "
    ".mp3 .mp4 .m4a .webm .ogg .wav .avi .mov .pyc .ds_store"
)
_BESIDE = frozenset(_BESIDE_SUFFIXES.split())


def shown(name: str) -> str:
    """A member's name as it stands in reports: one line, no tricks of direction, of bounded length."""
    name = _CONTROL.sub("\ufffd", name)
    return name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}"


def passed_over(name: str) -> bool:
    """Whether a file beside the articles is left out in silence: media, styles, scripts, hidden files."""
    parts = name.replace("\\", "/").split("/")
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts) or "__MACOSX" in parts
    return hidden or suffix_of(name) in _BESIDE


def unsafe(name: str) -> str | None:
    """Why a member of this name is refused; nothing is written by a name, but a hostile archive is not trusted."""
    path = name.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "its name is an absolute path: a member of an archive has a relative one"
    if ".." in path.split("/"):
        return "its name leads out of the archive (../)"
    return "its name contains a NUL character" if "\0" in name else None


class Member:
    """The chunks of one member, which remember whether the archive broke under them."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._broken: Broken | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._chunks)
        except Broken as broken:
            self._broken = broken
            raise

    def finish(self, *, drain: bool) -> None:
        """Read what is left, where only that leads to the next member; raises `Broken` where the archive broke."""
        try:
            for _ in self if drain else ():
                pass
        except Unfit:
            pass
        if self._broken:
            raise self._broken


def member_source(source: Source, name: str, chunks: Iterator[bytes]) -> Source:
    """The member as a file one level deeper."""
    item = f"{source.item}/{shown(name)}"
    return Source(item, name, stream_of(chunks), source.depth + 1)


def inner_source(source: Source, name: str, chunks: Iterator[bytes]) -> Source:
    """What a packed file holds, under the same item."""
    return replace(source, name=name, stream=stream_of(chunks), depth=source.depth + 1, file=None)


def not_too_deep(source: Source, limits: Limits) -> None:
    """Raises `Unfit` for archives within archives within archives."""
    if source.depth >= limits.archive_depth:
        raise Unfit(f"archives are nested more than {limits.archive_depth} deep: unpack it")


class Ratio:
    """Raises `Unfit` when one packed stream unpacks to suspiciously more than it takes."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._packed = 0
        self._unpacked = 0

    def packed(self, size: int) -> None:
        self._packed += size

    def unpacked(self, size: int) -> None:
        self._unpacked += size
        if self._unpacked > self._limits.ratio_from and self._unpacked > self._limits.ratio * self._packed:
            raise Unfit(f"it unpacks to more than {self._limits.ratio} times its size: it looks like a zip bomb")
