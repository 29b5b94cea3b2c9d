"""Encryption of a backup for a public key of age or SSH, and decryption, as streams."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Protocol

import pyrage

from corpusapp.core.errors import Invalid
from corpusapp.core.public_keys import checked_recipient

# The first bytes of an encrypted file.
AGE = b"age-encryption.org/"
# The file of the private keys, or the parsed keys.
Identity = Path | tuple[Any, ...]


class Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class Damaged(Invalid):
    """The archive is not a complete and unchanged backup; the message says why."""

    title = "The backup is damaged"


def private_keys_of(identity: Identity | None) -> tuple[Any, ...]:
    if identity is None:
        raise Invalid("the backup is encrypted: pass the private key's file with --identity")
    return read_private_keys(identity) if isinstance(identity, Path) else identity


def read_private_keys(path: Path) -> tuple[Any, ...]:
    """The private keys in a file, of age or SSH. Raises `Invalid` if it has none."""
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
def encrypting(file: IO[bytes], recipient: str) -> Iterator[IO[bytes]]:
    key, out = checked_recipient(recipient), _ErrorRecorder(file)

    def encrypt(source: IO[bytes]) -> None:
        try:
            pyrage.encrypt_io(source, out, [key])
        except pyrage.EncryptError as error:
            raise out.error or error from error

    with pipe_to_thread(encrypt, to_thread=True) as pipe:
        yield pipe


class _ErrorRecorder:
    """A file that keeps the error of its writes, since the library raises only its text."""

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
def pipe_to_thread(work: Callable[[IO[bytes]], None], *, to_thread: bool) -> Iterator[IO[bytes]]:
    """One end of a pipe; a thread runs `work` on the other. Its error is raised at the end of the block."""
    reader, writer = os.pipe()
    theirs: IO[bytes] = os.fdopen(reader, "rb")
    ours: IO[bytes] = os.fdopen(writer, "wb")
    if not to_thread:
        theirs, ours = ours, theirs
    raised: list[BaseException] = []

    def run() -> None:
        try:
            with theirs:
                work(theirs)
        except BaseException as error:
            # A block that reads may stop before the end.
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


@contextmanager
def decrypting(file: IO[bytes], private_keys: tuple[Any, ...]) -> Iterator[Readable]:
    errors: list[Exception] = []

    def decrypt(out: IO[bytes]) -> None:
        try:
            pyrage.decrypt_io(file, out, list(private_keys))
        except BrokenPipeError:
            pass
        except (pyrage.DecryptError, OSError) as error:
            # The library raises OSError for truncated and altered data, and if the pipe is closed early.
            errors.append(error)

    try:
        with pipe_to_thread(decrypt, to_thread=False) as pipe:
            yield _DecryptedReader(pipe, errors)
    except Damaged:
        if errors and "No matching keys" in str(errors[0]):
            raise Invalid("the private key does not match this backup's recipient") from errors[0]
        raise


class _DecryptedReader:
    """The decrypted data. Raises `Damaged` at the end of the pipe if the decryption failed."""

    def __init__(self, pipe: IO[bytes], errors: list[Exception]) -> None:
        self._pipe, self._errors = pipe, errors

    def read(self, size: int = -1) -> bytes:
        data = self._pipe.read(size)
        if len(data) < size and self._errors:
            raise Damaged(f"it cannot be decrypted completely ({self._errors[0]})")
        return data
