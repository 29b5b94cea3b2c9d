"""The format of a backup: a sequence of named pieces, in a folder or in a tar file, which may be encrypted.

`about.json` is the first piece and describes the backup. `manifest.json` is the last piece, with the size and the
SHA-256 of all others: an archive without it is incomplete.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from corpusapp.backup.encryption import AGE, Damaged, Identity, Readable, decrypting, encrypting, private_keys_of
from corpusapp.core import disk
from corpusapp.core.errors import Invalid

FORMAT = 1
ABOUT, MANIFEST = "about.json", "manifest.json"
# The first parts of the names of all other pieces.
DATABASE, ROWS, FILES, SECRETS = "database", "rows", "files", "secrets"
# Streams of unknown length are split into pieces of this size.
_PIECE = 16 * 1024 * 1024
_CHUNK = 1024 * 1024


class _Sink(Protocol):
    """Where pieces are written: a folder or a tar file."""

    def add(self, name: str, size: int, source: "_HashedReader") -> None: ...


class Writer:
    """Writes pieces and then the manifest. `size` is the number of bytes written so far."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink
        self.pieces: dict[str, dict[str, Any]] = {}
        self.size = 0

    def add_json(self, name: str, value: Any) -> None:
        data = json.dumps(value, indent=1, ensure_ascii=False).encode()
        self.add(name, len(data), io.BytesIO(data))

    def add(self, name: str, size: int, source: Readable) -> None:
        """Add a piece of known size. Raises OSError if the source is shorter."""
        hashed = _HashedReader(source)
        self._sink.add(name, size, hashed)
        if hashed.size != size:
            raise OSError(f"{name} changed while it was read: {hashed.size} bytes of {size}")
        self.pieces[name] = {"size": size, "sha256": hashed.hexdigest()}
        self.size += size

    def add_stream(self, name: str, source: Readable) -> None:
        """Add a stream of any length, as pieces `name/00001` and so on."""
        number = 0
        while data := _read_up_to(source, _PIECE):
            number += 1
            self.add(f"{name}/{number:05}", len(data), io.BytesIO(data))

    def finish(self, **members: Any) -> None:
        """Write the manifest, with these members in addition to the pieces."""
        self.add_json(MANIFEST, {"format": FORMAT, **members, "pieces": self.pieces})


class _HashedReader:
    def __init__(self, source: Readable) -> None:
        self._source, self._digest, self.size = source, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._digest.update(data)
        self.size += len(data)
        return data

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _read_up_to(source: Readable, size: int) -> bytes:
    """Read `size` bytes, or all until the end, from a pipe, whose `read` may return less."""
    parts, remaining = [], size
    while remaining and (data := source.read(min(remaining, _CHUNK))):
        parts.append(data)
        remaining -= len(data)
    return b"".join(parts)


class _FolderSink:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, size: int, source: _HashedReader) -> None:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
            file.flush()
            os.fsync(file.fileno())


class _TarSink:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, size: int, source: _HashedReader) -> None:
        piece = tarfile.TarInfo(name)
        piece.size, piece.mode = size, 0o600
        self._tar.addfile(piece, source)


@contextmanager
def writing(path: Path, *, recipient: str = "", folder: bool = False) -> Iterator[Writer]:
    """Write a new archive at `path`, as a tar file or a folder. It gets its name at the end; a failure leaves nothing.

    `recipient` is the public key, of age or SSH, that it is encrypted for. Raises `Invalid` if the path exists, or
    cannot be written.
    """
    if path.exists():
        raise Invalid(f"{path} already exists: choose another path, or move it away")
    if not path.parent.is_dir():
        raise Invalid(f"{path.parent} is not a folder: create it, or choose another path")
    if folder and recipient:
        raise Invalid("a folder cannot be encrypted: leave --folder out")
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        if folder:
            draft.mkdir(mode=0o700)
        else:
            draft.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}") from error
    try:
        if folder:
            yield Writer(_FolderSink(draft))
        else:
            with draft.open("wb") as file:
                with streaming(file, recipient=recipient) as writer:
                    yield writer
                file.flush()
                os.fsync(file.fileno())
        draft.rename(path)
        disk.flush_names(path.parent)
    except BaseException:
        shutil.rmtree(draft) if draft.is_dir() else draft.unlink(missing_ok=True)
        raise


@contextmanager
def streaming(file: IO[bytes], *, recipient: str = "") -> Iterator[Writer]:
    """Write an archive to an open file, such as a pipe."""
    with ExitStack() as stack:
        out = stack.enter_context(encrypting(file, recipient)) if recipient else file
        with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            yield Writer(_TarSink(tar))


# Reading.


@contextmanager
def reading(path: Path, *, identity: Identity | None = None) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """The (name, content) of all pieces in order. Each has to be read before the next.

    Raises `Damaged`, and `Invalid` if the file or the key is not the right one.
    """
    if path.is_dir():
        yield _of_folder(path)
        return
    if path.exists() and not path.is_file():
        raise Invalid(f"{path} is not a regular file, and is read more than once: save it to a file first")
    try:
        file = path.open("rb")
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error
    with file, ExitStack() as stack:
        encrypted = file.peek(len(AGE)).startswith(AGE)
        source: Readable = file
        if encrypted:
            source = stack.enter_context(decrypting(file, private_keys_of(identity)))
        try:
            yield _of_tar(source, path)
        except (tarfile.TarError, EOFError) as error:
            raise Damaged(f"{path} is not a backup, or is incomplete: {error}") from error


def _of_folder(folder: Path) -> Iterator[tuple[str, IO[bytes]]]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    if ABOUT not in names:
        raise Damaged(f"{folder} is not a backup: it has no {ABOUT}")
    # Sorted, the database comes before the files, as in a tar file.
    inner = [name for name in names if name not in (ABOUT, MANIFEST)]
    for name in [ABOUT, *inner, *([MANIFEST] if MANIFEST in names else [])]:
        with (folder / name).open("rb") as file:
            yield name, file


def _of_tar(source: Readable, path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    # Of a stream, tarfile calls only `read`.
    with tarfile.open(fileobj=source, mode="r|") as tar:  # type: ignore[call-overload]
        for piece in tar:
            file = tar.extractfile(piece)
            if file is None:
                raise Damaged(f"{path} contains {piece.name!r}, which is not a file")
            yield piece.name, file


def about(path: Path, *, identity: Identity | None = None) -> dict[str, Any]:
    """The archive's description, `about.json`. Raises `Damaged`, and `Invalid` for a newer format."""
    with reading(path, identity=identity) as pieces:
        for name, file in pieces:
            if name != ABOUT:
                break
            found = _json(file, name)
            if not isinstance(found.get("format"), int):
                raise Damaged(f"{ABOUT} of {path} does not say its format: take another backup")
            if found["format"] > FORMAT:
                raise Invalid(f"{path} was created by a newer version: restore it with that version")
            return found
    raise Damaged(f"{path} is not a backup: it does not begin with {ABOUT}")


def _json(file: IO[bytes], name: str) -> dict[str, Any]:
    try:
        found = json.loads(file.read())
    except ValueError as error:
        raise Damaged(f"{name} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise Damaged(f"{name} is not a JSON object")
    return found


def verified_manifest(path: Path, *, identity: Identity | None = None) -> dict[str, Any]:
    """The manifest, after all pieces were read and compared with it. Raises `Damaged`, naming the first wrong piece."""
    found: dict[str, dict[str, Any]] = {}
    manifest = None
    with reading(path, identity=identity) as pieces:
        for name, file in pieces:
            if manifest is not None:
                raise Damaged(f"{path} continues after its {MANIFEST} with {name}: use another backup")
            if name in found:
                raise Damaged(f"{name} is in {path} twice: use another backup")
            if name == MANIFEST:
                manifest = _json(file, name)
                continue
            hashed = _HashedReader(file)
            while hashed.read(_CHUNK):
                pass
            found[name] = {"size": hashed.size, "sha256": hashed.hexdigest()}
    if manifest is None:
        raise Damaged(f"{path} is incomplete: it has no {MANIFEST}")
    expected = manifest.get("pieces")
    if not isinstance(expected, dict):
        raise Damaged(f"{MANIFEST} of {path} lists no pieces: use another backup")
    for name in sorted(found.keys() | expected.keys()):
        if found.get(name) != expected.get(name):
            what = "is missing" if name not in found else "was added" if name not in expected else "was altered"
            raise Damaged(f"{name} {what} in {path}: use another backup")
    return manifest
