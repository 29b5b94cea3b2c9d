"""Members of archives: safe names, ignored files, limits against archive bombs."""

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
# Parts of web pages and files of operating systems, which are never articles.
_IGNORED_SUFFIX_LIST = (
    ".css .js .mjs .map .json5 .svg .png .jpg .jpeg .gif .webp .avif .ico .bmp .tif .tiff .woff .woff2 .ttf .otf .eot "
    ".mp3 .mp4 .m4a .webm .ogg .wav .avi .mov .pyc .ds_store"
)
_IGNORED_SUFFIXES = frozenset(_IGNORED_SUFFIX_LIST.split())


def display_name(name: str) -> str:
    """A member's name for reports: one line, without direction marks, of limited length."""
    name = _CONTROL.sub("\ufffd", name)
    return name if len(name) <= _LONGEST else f"…{name[1 - _LONGEST :]}"


def is_ignored(name: str) -> bool:
    """Whether a file is skipped without a report: media, styles, scripts, hidden files."""
    parts = name.replace("\\", "/").split("/")
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts) or "__MACOSX" in parts
    return hidden or suffix_of(name) in _IGNORED_SUFFIXES


def unsafe_reason(name: str) -> str | None:
    """Why a member with this name is refused, if it is. Names are never used as paths, but these are suspicious."""
    path = name.replace("\\", "/")
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return "its name is an absolute path: a member of an archive has a relative one"
    if ".." in path.split("/"):
        return "its name leads out of the archive (../)"
    return "its name contains a NUL character" if "\0" in name else None


class Member:
    """The chunks of one member; keeps the error if the archive breaks off."""

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
        """Read the rest if `drain`, to get to the next member; raises `Broken` if the archive broke off."""
        try:
            for _ in self if drain else ():
                pass
        except Unfit:
            pass
        if self._broken:
            raise self._broken


def member_source(source: Source, name: str, chunks: Iterator[bytes]) -> Source:
    """The member as a source one level deeper."""
    item = f"{source.item}/{display_name(name)}"
    return Source(item, name, stream_of(chunks), source.depth + 1)


def inner_source(source: Source, name: str, chunks: Iterator[bytes]) -> Source:
    """The content of a packed file, with the same item name."""
    return replace(source, name=name, stream=stream_of(chunks), depth=source.depth + 1, file=None)


def check_depth(source: Source, limits: Limits) -> None:
    """Raise `Unfit` for archives nested too deep."""
    if source.depth >= limits.archive_depth:
        raise Unfit(f"archives are nested more than {limits.archive_depth} deep: unpack it")


class Ratio:
    """Raises `Unfit` if a packed stream unpacks to much more than its size."""

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
