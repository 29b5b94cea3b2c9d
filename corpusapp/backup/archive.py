"""The form of a backup: named pieces one after the other, in a folder or in one tar file, which may be encrypted.

`about.json` comes first, so that whoever reads knows at once what it is; `manifest.json` comes last, with the size and
the SHA-256 of every piece: an archive without it was broken off.
"""

import hashlib
import io
import json
import os
import shutil
import tarfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

import pyrage

from corpusapp.core import disk
from corpusapp.core.errors import Invalid
from corpusapp.core.public_keys import checked_recipient

FORMAT = 1
ABOUT, MANIFEST = "about.json", "manifest.json"
# The first part of the names of the others.
DATABASE, ROWS, FILES, SECRETS = "database", "rows", "files", "secrets"
# What comes as a stream of unknown length is cut into pieces of this size.
_PIECE = 16 * 1024 * 1024
_CHUNK = 1024 * 1024
_AGE = b"age-encryption.org/"
# The file of the private keys, or the keys.
Identity = Path | tuple[Any, ...]


class Damaged(Invalid):
    """The archive is not what was written; the message says where."""

    title = "The backup is damaged"


class _Sink(Protocol):
    def add(self, name: str, size: int, source: BinaryIO) -> None: ...


class Writer:
    """Writes pieces and remembers them for the manifest."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink
        self.pieces: dict[str, dict[str, Any]] = {}
        self.size = 0

    def add_json(self, name: str, value: Any) -> None:
        data = json.dumps(value, indent=1, ensure_ascii=False).encode()
        self.add(name, len(data), io.BytesIO(data))

    def add(self, name: str, size: int, source: BinaryIO) -> None:
        """A piece of known size. Raises OSError where the source ends before."""
        hashed = _Hashed(source)
        self._sink.add(name, size, hashed)
        if hashed.size != size:
            raise OSError(f"{name} changed while it was read: {hashed.size} bytes of {size}")
        self.pieces[name] = {"size": size, "sha256": hashed.hexdigest()}
        self.size += size

    def add_stream(self, name: str, source: IO[bytes]) -> None:
        """A stream of any length, as pieces `name/00001` and so on."""
        number = 0
        while data := _read_up_to(source, _PIECE):
            number += 1
            self.add(f"{name}/{number:05}", len(data), io.BytesIO(data))

    def finish(self, **said: Any) -> None:
        self.add_json(MANIFEST, {"format": FORMAT, **said, "pieces": self.pieces})


class _Hashed(io.RawIOBase):
    def __init__(self, source: IO[bytes]) -> None:
        self._source, self._digest, self.size = source, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        data = self._source.read(size)
        self._digest.update(data)
        self.size += len(data)
        return data

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _read_up_to(source: IO[bytes], size: int) -> bytes:
    """As `read`, from a pipe that gives less at a time."""
    parts, left = [], size
    while left and (data := source.read(min(left, _CHUNK))):
        parts.append(data)
        left -= len(data)
    return b"".join(parts)


class _FolderSink:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, name: str, size: int, source: BinaryIO) -> None:
        path = self._folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("xb") as file:
            shutil.copyfileobj(source, file, _CHUNK)
            file.flush()
            os.fsync(file.fileno())


class _TarSink:
    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar

    def add(self, name: str, size: int, source: BinaryIO) -> None:
        piece = tarfile.TarInfo(name)
        piece.size, piece.mode = size, 0o600
        self._tar.addfile(piece, source)


@contextmanager
def writing(path: Path, *, recipient: str = "", folder: bool = False) -> Iterator[Writer]:
    """Write a new archive: it has its name when it is whole, and leaves nothing where it was broken off.

    `recipient` is the public key, of age or SSH, of whoever may read it. Refuses what is there already.
    """
    if path.exists():
        raise Invalid(f"{path} already exists: choose another path, or move it away")
    if not path.parent.is_dir():
        raise Invalid(f"{path.parent} is not a folder: create it, or choose another path")
    if folder and recipient:
        raise Invalid("a folder cannot be encrypted: leave --folder out")
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        opened = draft.mkdir(mode=0o700) if folder else os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Invalid(f"{path} cannot be written: {error.strerror}") from error
    try:
        if opened is None:
            yield Writer(_FolderSink(draft))
        else:
            with os.fdopen(opened, "wb") as file:
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
    """Write an archive into an open file, such as a pipe."""
    with ExitStack() as stack:
        out = stack.enter_context(_encrypting(file, recipient)) if recipient else file
        with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            yield Writer(_TarSink(tar))


# encryption


def _identities(identity: Identity | None) -> tuple[Any, ...]:
    if identity is None:
        raise Invalid("the backup is encrypted: pass the private key's file with --identity")
    return keys_in(identity) if isinstance(identity, Path) else identity


def keys_in(path: Path) -> tuple[Any, ...]:
    """The private keys in a file, of age or SSH. Refuses a file without any."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error
    lines = [line.strip() for line in text.decode(errors="replace").splitlines()]
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-")]
        return tuple(found or [pyrage.ssh.Identity.from_buffer(text)])
    except Exception as error:
        if "must be decrypted" in str(error) or "Encrypted" in str(error):
            raise Invalid(
                f"the key in {path} has a passphrase: use a copy without one (cp {path} copy; ssh-keygen -p -f copy)"
            ) from error
        raise Invalid(f"{path} contains no private key of age or SSH") from error


@contextmanager
def _encrypting(file: IO[bytes], recipient: str) -> Iterator[IO[bytes]]:
    key, out = checked_recipient(recipient), _Noted(file)

    def work(source: IO[bytes]) -> None:
        try:
            pyrage.encrypt_io(source, out, [key])
        except pyrage.EncryptError as error:
            raise out.error or error from error

    with _threaded(work, to_thread=True) as pipe:
        yield pipe


class _Noted:
    """A file that remembers why it could not be written: the library hands on the text alone."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.error: OSError | None = None

    def write(self, data: bytes) -> int:
        try:
            return self._file.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._file.flush()


@contextmanager
def _threaded(work: Any, *, to_thread: bool) -> Iterator[IO[bytes]]:
    """One end of a pipe, whose other end a thread works on. What it raises is raised at the end of the block."""
    read, write = os.pipe()
    theirs, ours = (os.fdopen(read, "rb"), os.fdopen(write, "wb"))
    if not to_thread:
        theirs, ours = ours, theirs
    raised: list[BaseException] = []

    def run() -> None:
        try:
            with theirs:
                work(theirs)
        except BaseException as error:
            # Whoever reads may stop before the end: what waits in the buffer then is missed by nobody.
            if to_thread or not isinstance(error, BrokenPipeError):
                raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield ours
    except BrokenPipeError:
        pass
    finally:
        with suppress(BrokenPipeError):
            ours.close()
        thread.join()
    if raised:
        raise raised[0]


# reading


@contextmanager
def reading(path: Path, *, identity: Identity | None = None) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """The pieces in their order, each to be read before the next. Raises `Damaged`; refuses a key that does not fit."""
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
        encrypted = file.peek(len(_AGE)).startswith(_AGE)
        source = stack.enter_context(_decrypting(file, _identities(identity))) if encrypted else file
        try:
            yield _of_tar(source, path)
        except (tarfile.TarError, EOFError) as error:
            raise Damaged(f"{path} is not a backup, or is incomplete: {error}") from error


@contextmanager
def _decrypting(file: IO[bytes], identities: tuple[Any, ...]) -> Iterator[IO[bytes]]:
    failed: list[Exception] = []

    def work(out: IO[bytes]) -> None:
        try:
            pyrage.decrypt_io(file, out, list(identities))
        except BrokenPipeError:
            pass
        except (pyrage.DecryptError, OSError) as error:
            # The library hands on as OSError what is cut off or altered, and that nobody reads on.
            failed.append(error)

    try:
        with _threaded(work, to_thread=False) as pipe:
            yield _Checked(pipe, failed)
    except Damaged:
        if failed and "No matching keys" in str(failed[0]):
            raise Invalid("the private key does not match this backup's recipient") from failed[0]
        raise


class _Checked(io.RawIOBase):
    """What was decrypted. Its end is one only where the decryption came to its end."""

    def __init__(self, pipe: IO[bytes], failed: list[Exception]) -> None:
        self._pipe, self._failed = pipe, failed

    def read(self, size: int = -1) -> bytes:
        data = self._pipe.read(size)
        if len(data) < size and self._failed:
            raise Damaged(f"it cannot be decrypted completely ({self._failed[0]})")
        return data


def _of_folder(folder: Path) -> Iterator[tuple[str, IO[bytes]]]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    if ABOUT not in names:
        raise Damaged(f"{folder} is not a backup: it has no {ABOUT}")
    # The parts of the database before the files, as in a tar; the manifest at the end.
    inner = [name for name in names if name not in (ABOUT, MANIFEST)]
    for name in [ABOUT, *inner, *([MANIFEST] if MANIFEST in names else [])]:
        with (folder / name).open("rb") as file:
            yield name, file


def _of_tar(source: IO[bytes], path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(fileobj=source, mode="r|") as tar:
        for piece in tar:
            file = tar.extractfile(piece)
            if file is None:
                raise Damaged(f"{path} contains {piece.name!r}, which is not a file")
            yield piece.name, file


def about(path: Path, *, identity: Identity | None = None) -> dict[str, Any]:
    """What the archive says of itself. Refuses what is no backup, and one of a newer form."""
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


def checked(path: Path, *, identity: Identity | None = None) -> dict[str, Any]:
    """The manifest, after every piece was read and found to be what it says. Raises `Damaged`, naming the piece."""
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
            hashed = _Hashed(file)
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
