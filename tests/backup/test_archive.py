"""The format of a backup: pieces are read as they were written, and altered ones are named."""

import base64
import errno
import io
import json
import os
import tarfile

import pyrage
import pytest

from corpusapp.backup import archive, encryption
from corpusapp.core.errors import Invalid
from corpusapp.core.public_keys import checked_recipient
from tests.processes import wait_until

BIG = bytes(range(256)) * 66_000  # 17 MB: two pieces
# Made for these tests alone.
SSH_PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIgGUbkwsXxDg89lgOefGKAZW3lcl0Y3PwN9Mm3YSkcj anna@desk"
SSH_PRIVATE = """\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW
QyNTUxOQAAACCIBlG5MLF8Q4PPZYDnnxigGVt5XJdGNz8DfTJt2EpHIwAAAIi+M/nMvjP5
zAAAAAtzc2gtZWQyNTUxOQAAACCIBlG5MLF8Q4PPZYDnnxigGVt5XJdGNz8DfTJt2EpHIw
AAAECG6Q36XgIfw161HWUslsHqJahdW653aP7B5L9R95+jTYgGUbkwsXxDg89lgOefGKAZ
W3lcl0Y3PwN9Mm3YSkcjAAAAAAECAwQF
-----END OPENSSH PRIVATE KEY-----
"""
SSH_WITH_PASSPHRASE = """\
-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDXoCHmyv
LM7frViaTKgCHUAAAAEAAAAAEAAAAzAAAAC3NzaC1lZDI1NTE5AAAAIDAMePCrw5X9eakB
bCrcKta7BVtqjijP3QJg+TK+MBrJAAAAkLJomOvzBjOLR+x9iq7eSZDsSRxSjybxJHIEhi
0pKdmFdlX+dQHHbFtGK6DPZwGQ/A+EMZIlLQpzJe6O/ISULqWrEi1gHyMhMrKHo4jP/Z0O
j4GZYShUjpyvSFlmGopQjsW/5+I9e74xjgDO2ykse4rhY16Fn7Oys1ADb67yBnMvVKkNMB
mgbIvBjrRNvmQwSg==
-----END OPENSSH PRIVATE KEY-----
"""


@pytest.fixture
def keys(tmp_path):
    """(public key, file of its private key, file of another private key)."""
    identity, other = pyrage.x25519.Identity.generate(), pyrage.x25519.Identity.generate()
    for name, key in (("mine", identity), ("other", other)):
        (tmp_path / name).write_text(f"# a comment\n{key}\n")
    return str(identity.to_public()), tmp_path / "mine", tmp_path / "other"


def write(path, **options):
    with archive.writing(path, **options) as writer:
        writer.add_json(archive.ABOUT, {"format": archive.FORMAT, "made_at": "now"})
        writer.add_stream("database", io.BytesIO(BIG))
        writer.add("files/exports/a/b.txt", 5, io.BytesIO(b"hello"))
        writer.finish(content="abc")
    return path


def pieces(path, **options):
    with archive.reading(path, **options) as found:
        return {name: file.read() for name, file in found}


def is_complete(path, found):
    assert list(found) == [
        "about.json", "database/00001", "database/00002", "files/exports/a/b.txt", "manifest.json"
    ]  # fmt: skip
    assert found["database/00001"] + found["database/00002"] == BIG
    assert found["files/exports/a/b.txt"] == b"hello"
    manifest = json.loads(found["manifest.json"])
    assert manifest["content"] == "abc" and len(manifest["pieces"]) == 4
    return True


@pytest.mark.parametrize("folder", [False, True])
def test_pieces_are_read_as_they_were_written(tmp_path, folder):
    path = write(tmp_path / "one", folder=folder)
    assert is_complete(path, pieces(path))
    assert archive.verified_manifest(path)["content"] == "abc"
    assert archive.about(path)["made_at"] == "now"
    assert list(tmp_path.iterdir()) == [path] and path.stat().st_mode & 0o077 == 0


def test_an_encrypted_backup_is_read_with_its_key_only(tmp_path, keys):
    recipient, mine, other = keys
    path = write(tmp_path / "one", recipient=recipient)
    assert b"hello" not in path.read_bytes()
    assert is_complete(path, pieces(path, identity=mine))
    assert archive.verified_manifest(path, identity=mine)["content"] == "abc"
    with pytest.raises(Invalid, match="does not match this backup's recipient"):
        archive.about(path, identity=other)
    with pytest.raises(Invalid, match="pass the private key's file with --identity"):
        archive.about(path)
    with pytest.raises(Invalid, match="contains no private key"):
        archive.about(path, identity=path)
    with pytest.raises(Invalid, match="cannot be read: No such file"):
        archive.about(path, identity=tmp_path / "absent")


def test_an_encrypted_backup_is_read_with_an_ssh_key(tmp_path):
    path = write(tmp_path / "one", recipient=SSH_PUBLIC)
    (tmp_path / "key").write_text(SSH_PRIVATE)
    assert is_complete(path, pieces(path, identity=tmp_path / "key"))
    (tmp_path / "key").write_text(SSH_WITH_PASSPHRASE)
    with pytest.raises(Invalid, match="has a passphrase: use a copy without one"):
        archive.about(path, identity=tmp_path / "key")


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_full_disk_is_reported_as_such(keys, encrypted):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    out = archive.streaming(Full(), recipient=keys[0] if encrypted else "")
    with pytest.raises(OSError, match="No space left") as message, out as writer:
        writer.add_stream("database", io.BytesIO(BIG))
    assert message.value.errno == errno.ENOSPC


def test_an_invalid_public_key_is_refused(tmp_path):
    # The base point of the curve.
    point = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20\x58" + 31 * b"\x66").decode()
    checked_recipient(f"ssh-ed25519 {point} anna@desk")
    with pytest.raises(Invalid, match="'age1no' is not a public key"):
        write(tmp_path / "one", recipient="age1no")
    with pytest.raises(Invalid, match="a folder cannot be encrypted"):
        write(tmp_path / "one", recipient="age1no", folder=True)
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_overwritten_and_none_is_left_incomplete(tmp_path):
    path = write(tmp_path / "one")
    before = path.read_bytes()
    with pytest.raises(Invalid, match="already exists"):
        write(path)
    for options in ({}, {"folder": True}):
        with pytest.raises(KeyboardInterrupt), archive.writing(tmp_path / "two", **options) as writer:
            writer.add_json(archive.ABOUT, {"format": 1})
            raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == [path] and path.read_bytes() == before


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path):
    message = r"a\.txt changed while it was read|unexpected end of data"
    with pytest.raises(OSError, match=message), archive.writing(tmp_path / "one") as writer:
        writer.add("files/a.txt", 9, io.BytesIO(b"short"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_truncated_backup_is_refused(tmp_path, keys, encrypted):
    recipient, identity = (keys[0], keys[1]) if encrypted else ("", None)
    data = write(tmp_path / "one", recipient=recipient).read_bytes()
    cut = tmp_path / "cut"
    # A tar file ends in zeros, some of which can be missing.
    for size in (0, 3, 300, 700, 5_000, 1_000_000, len(data) // 2, len(data) - 20_000):
        cut.write_bytes(data[:size])
        with pytest.raises(Invalid):
            archive.about(cut, identity=identity)
            archive.verified_manifest(cut, identity=identity)


def test_reading_may_stop_before_the_end():
    """Decrypted data may be left in a buffer."""

    taken = []

    def work(out):
        wait_until(lambda: taken and taken[0].closed)
        out.write(b"too late")

    with encryption.pipe_to_thread(work, to_thread=False) as pipe:
        taken.append(pipe)
    assert pipe.closed


@pytest.mark.parametrize("place", [0.001, 0.3, 0.9])
@pytest.mark.parametrize("encrypted", [False, True])
def test_one_altered_byte_is_found(tmp_path, keys, place, encrypted):
    recipient, identity = (keys[0], keys[1]) if encrypted else ("", None)
    path = write(tmp_path / "one", recipient=recipient)
    data = bytearray(path.read_bytes())
    data[int(len(data) * place)] ^= 1
    path.write_bytes(data)
    with pytest.raises(encryption.Damaged):
        archive.verified_manifest(path, identity=identity)


def test_missing_and_added_pieces_are_named(tmp_path):
    path = write(tmp_path / "one", folder=True)
    (path / "database" / "00002").rename(tmp_path / "away")
    with pytest.raises(encryption.Damaged, match="database/00002 is missing"):
        archive.verified_manifest(path)
    (tmp_path / "away").rename(path / "database" / "00002")
    (path / "files" / "more").write_text("more")
    with pytest.raises(encryption.Damaged, match="files/more was added"):
        archive.verified_manifest(path)
    (path / "manifest.json").unlink()
    with pytest.raises(encryption.Damaged, match="is incomplete: it has no manifest"):
        archive.verified_manifest(path)


def test_repeated_pieces_and_pieces_after_the_end_are_named(tmp_path):
    path, more = write(tmp_path / "one"), tarfile.TarInfo("database/00002")
    more.size = 5
    with tarfile.open(path, "a") as tar:
        tar.addfile(more, io.BytesIO(b"other"))
    with pytest.raises(encryption.Damaged, match=r"continues after its manifest.json with database/00002"):
        archive.verified_manifest(path)
    with archive.writing(tmp_path / "two") as writer:
        writer.add("files/a", 5, io.BytesIO(b"other"))
        writer.add("files/a", 5, io.BytesIO(b"hello"))
        writer.finish()
    with pytest.raises(encryption.Damaged, match=r"files/a is in .* twice"):
        archive.verified_manifest(tmp_path / "two")


def test_a_pipe_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Invalid, match="save it to a file first"):
        archive.about(tmp_path / "pipe")


def test_an_unwritable_path_is_refused(tmp_path):
    with pytest.raises(Invalid, match=r"absent is not a folder: create it"):
        write(tmp_path / "absent" / "one")
    with pytest.raises(Invalid, match="cannot be written: File name too long"):
        write(tmp_path / ("long" * 62))


def test_other_files_are_refused(tmp_path):
    (tmp_path / "text").write_text("no backup at all " * 100)
    (tmp_path / "folder").mkdir()
    with tarfile.open(tmp_path / "tar", "w") as tar:
        tar.add(tmp_path / "text", "text")
    for name in ("text", "folder", "tar"):
        with pytest.raises(encryption.Damaged, match="is not a backup"):
            archive.about(tmp_path / name)
    with pytest.raises(Invalid, match="cannot be read: No such file"):
        archive.about(tmp_path / "absent")


def test_a_newer_format_is_refused(tmp_path):
    with archive.writing(tmp_path / "one") as writer:
        writer.add_json(archive.ABOUT, {"format": archive.FORMAT + 1})
    with pytest.raises(Invalid, match="was created by a newer version"):
        archive.about(tmp_path / "one")


@pytest.mark.parametrize("said", [{}, {"format": None}, {"format": "1"}])
def test_a_backup_without_its_format_is_refused(tmp_path, said):
    with archive.writing(tmp_path / "one") as writer:
        writer.add_json(archive.ABOUT, said)
        writer.finish()
    with pytest.raises(encryption.Damaged, match="does not say its format"):
        archive.about(tmp_path / "one")
