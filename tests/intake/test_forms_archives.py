"""Archives: members in order, named archive/member; bombs, unsafe names and damage fail one by one."""

import gzip
import io
import json
import os
import stat
import struct
import tarfile
import zipfile
import zlib

import pytest

from corpusapp.intake.files import read_file
from corpusapp.intake.limits import Limits
from corpusapp.intake.readers.zips import entries_of
from tests.intake.forms import LONG, PAGE, Unseekable, drafts, failures, only_failure, read, tarred, zipped

LINES = b"".join(json.dumps({"text": f"{n} {LONG}"}).encode() + b"\n" for n in range(5000))
MEMBERS = {"folder/a.txt": b"One", "b.jsonl": b'{"text": "Two"}\n{"text": "Three"}', "c/d.htm": PAGE.encode()}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", zipped(MEMBERS)),
        ("a.zip", zipped(MEMBERS, zipfile.ZIP_STORED)),
        ("a.zip", zipped(MEMBERS, zipfile.ZIP_BZIP2)),
        ("a.tar", tarred(MEMBERS)),
        ("a.tar.gz", tarred(MEMBERS, "w:gz")),
        ("a.tgz", tarred(MEMBERS, "w:gz")),
        ("no ending", zipped(MEMBERS)),
    ],
)
def test_members_are_read_by_their_own_form(name, data):
    items = read(data, name)
    assert [(item.item, item.line, item.form) for item in items] == [
        (f"{name}/folder/a.txt", None, "txt"),
        (f"{name}/b.jsonl", 1, "json"),
        (f"{name}/b.jsonl", 2, "json"),
        (f"{name}/c/d.htm", None, "html"),
    ]
    assert items[0].raw == b"One"


def test_a_packed_file_keeps_its_name():
    items = read(gzip.compress(b'{"text": "One"}\n') + gzip.compress(b'{"text": "Two"}') + bytes(5), "a.jsonl.gz")
    assert [(item.text, item.item, item.line) for item in items] == [("One", "a.jsonl.gz", 1), ("Two", "a.jsonl.gz", 2)]


def test_archives_within_archives():
    inner = zipped({"a.txt": "One", "b.txt.gz": gzip.compress(b"Two")})
    items = read(zipped({"in/inner.zip": inner, "c.tar.gz": tarred({"d.txt": b"Three"}, "w:gz")}), "a.zip")
    assert [(item.text, item.item) for item in items] == [
        ("One", "a.zip/in/inner.zip/a.txt"),
        ("Two", "a.zip/in/inner.zip/b.txt.gz"),
        ("Three", "a.zip/c.tar.gz/d.txt"),
    ]


def test_too_deep():
    data = b"One"
    for _ in range(6):
        data = gzip.compress(data)
    assert "nested more than 4 deep" in only_failure(data, "a.gz").reason


def test_files_of_pages_are_ignored_and_unknown_files_fail():
    members = {
        "__MACOSX/._a.txt": b"\0\5\x16\7",
        ".DS_Store": b"\0",
        "img/a.png": b"\x89PNG",
        "s.css": b"a{}",
        "d/": b"",
    }
    items = read(zipped({**members, "a.bin": b"\x7fELF", "b.txt": b"", "c.txt": b"One"}), "a.zip")
    assert [failure.item for failure in failures(items)] == ["a.zip/a.bin", "a.zip/b.txt"]
    assert [draft.text for draft in drafts(items)] == ["One"]


ESCAPES = ["../a.txt", "b/../../a.txt", "/etc/passwd", "C:\\a.txt", "..\\a.txt", "\\\\host\\a.txt"]


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("name", ESCAPES)
def test_names_outside_the_archive_are_refused(pack, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    items = read(pack({name: b"One", "good.txt": b"Two"}), "a")
    assert [draft.text for draft in drafts(items)] == ["Two"]
    (failure,) = failures(items)
    assert failure.item == f"a/{name}"
    assert not list(tmp_path.iterdir())


def test_names_in_reports_are_safe():
    (item,) = read(tarred({"a\n\x1b[31m\u202egpj.txt": b"One"}), "a.tar")
    assert item.item == "a.tar/a\ufffd\ufffd[31m\ufffdgpj.txt"
    (item,) = read(tarred({"x" * 900 + ".txt": b"One"}), "a.tar")
    assert len(item.item) < 320


def test_links_and_devices_in_a_tar_are_refused():
    kinds = {b"1": "link", b"2": "link", b"3": "device", b"4": "device", b"6": "pipe"}
    members = {f"{kind.decode()}.txt": kind for kind in kinds}
    items = read(tarred({**members, "5": tarfile.DIRTYPE, "good.txt": b"One"}), "a.tar")
    assert [kinds[failure.item[6].encode()] in failure.reason for failure in failures(items)] == [True] * 5
    assert [draft.text for draft in drafts(items)] == ["One"]


def test_a_link_in_a_zip_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good.txt", "One")
    for data, prefix in ((file.getvalue(), "a.zip"), (zipped({"b.zip": file.getvalue()}), "a.zip/b.zip")):
        items = read(data, "a.zip")
        assert [(item.item, item.reason) for item in failures(items)] == [
            (f"{prefix}/link.txt", "this is a link, not a file with an article")
        ]
        assert [draft.text for draft in drafts(items)] == ["One"]


def test_a_zip_with_a_password():
    data = bytearray(zipped({"a.txt": "One", "b.txt": "Two"}))
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    items = read(bytes(data), "a.zip")
    assert "password" in failures(items)[0].reason
    assert [draft.text for draft in drafts(items)] == ["Two"]


BOMB = Limits(ratio_from=1_000_000, text_bytes=50_000_000)


def test_a_bomb_is_refused_and_other_members_are_read():
    items = read(zipped({"a.txt": "One", "bomb.txt": bytes(30_000_000), "c.txt": "Two"}), "a.zip", limits=BOMB)
    assert [draft.text for draft in drafts(items)] == ["One", "Two"]
    (failure,) = failures(items)
    assert failure.item == "a.zip/bomb.txt"


def test_a_bomb_of_good_lines_stops_at_the_ratio():
    data = gzip.compress((b'{"text": "' + b"a" * 900_000 + b'"}\n') * 60)
    items = read(data, "a.jsonl.gz", limits=BOMB)
    assert "zip bomb" in failures(items)[-1].reason
    assert len(drafts(items)) < 60
    data = zipped({"a.jsonl": (b'{"text": "' + b"a" * 900_000 + b'"}\n') * 60, "b.txt": "Two"})
    items = read(data, "a.zip", limits=BOMB)
    assert "zip bomb" in failures(items)[0].reason
    assert drafts(items)[-1].text == "Two"


def test_total_unpacked_size_has_a_limit():
    members = {f"{n}.txt": os.urandom(50).hex() + LONG for n in range(100)}
    items = read(zipped(members), "a.zip", limits=Limits(unpacked_bytes=20_000))
    assert 40 < len(drafts(items)) < 70
    (failure,) = failures(items)
    assert "more than 20000 bytes" in failure.reason


def test_members_and_nested_archives_have_limits():
    for pack in (zipped, tarred):
        items = read(pack({f"{n}.txt": b"One" for n in range(9)}), "a", limits=Limits(archive_members=5))
        assert len(drafts(items)) == 5
        assert "more than 5 members" in failures(items)[0].reason
    inner = zipped({"a.txt": os.urandom(9000)}, zipfile.ZIP_STORED)
    items = read(zipped({"in.zip": inner, "b.txt": "One"}), "a.zip", limits=Limits(nested_bytes=5000))
    assert "too large" in failures(items)[0].reason
    assert drafts(items)[0].text == "One"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["a.jsonl.gz", "a.zip", "a.tar", "a.tar.gz"])
def test_a_truncated_archive_yields_its_members_then_one_failure(name, share):
    members = {f"{n}.txt": os.urandom(3000).hex().encode() for n in range(50)}
    whole = {
        "a.jsonl.gz": lambda: gzip.compress(LINES),
        "a.zip": lambda: zipped(members),
        "a.tar": lambda: tarred(members),
        "a.tar.gz": lambda: tarred(members, "w:gz"),
    }[name]()
    items = read(whole[: int(len(whole) * share)], name)
    count = 5000 if name == "a.jsonl.gz" else 50
    assert count * share * 0.7 - 2 < len(drafts(items)) < count
    assert len(failures(items)) == 1
    assert "break" in failures(items)[0].reason
    assert items[-1] is failures(items)[0]


def test_a_truncated_text_is_not_imported():
    data = gzip.compress(os.urandom(50_000).hex().encode())
    assert "breaks off" in only_failure(data[:-5000], "a.txt.gz").reason
    assert "breaks off" in only_failure(tarred({"a.txt": b"x" * 5000})[:2000], "a.tar").reason


def test_a_zip_that_was_streamed_and_cut_off():
    class Pipe(io.RawIOBase):
        data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(4):
            archive.writestr(f"{n}.txt", f"Text {n} {LONG}")
    assert len(drafts(read(pipe.data, "a.zip"))) == 4
    items = read(pipe.data[: pipe.data.index(b"PK\1\2") + 10], "a.zip")
    assert [draft.text[:6] for draft in drafts(items)] == ["Text 0", "Text 1", "Text 2", "Text 3"]
    assert "breaks off" in failures(items)[0].reason


def test_damage_is_found_by_the_checksum():
    data = bytearray(zipped({"a.txt": "One and more", "b.txt": "Two"}, zipfile.ZIP_STORED))
    data[data.index(b"One")] ^= 1
    items = read(bytes(data), "a.zip")
    assert "checksum" in failures(items)[0].reason
    assert drafts(items)[0].text == "Two"
    packed = bytearray(gzip.compress(os.urandom(9000).hex().encode()))
    packed[3000] ^= 0xFF
    assert "damaged" in only_failure(bytes(packed), "a.txt.gz").reason


def test_a_wrong_directory():
    data = bytearray(zipped({"a.txt": "One", "b.txt": "Two"}))
    entry = data.index(b"PK\1\2")
    data[entry + 42 : entry + 46] = struct.pack("<I", 0xFFFFFFF0)
    items = read(bytes(data), "a.zip")
    assert "not there" in failures(items)[0].reason
    assert drafts(items)[0].text == "Two"
    data = zipped({f"{n}.txt": "One" for n in range(9)})
    second = data.index(b"PK\1\2", data.index(b"PK\1\2") + 1)
    items = read(data[:second] + b"XX" + data[second + 2 :], "a.zip")
    assert len(drafts(items)) == 1
    assert "directory is damaged" in failures(items)[0].reason


def test_a_zip64_and_a_zip_after_other_bytes():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive, archive.open("a.txt", "w", force_zip64=True) as member:
        member.write(b"One")
    assert [draft.text for draft in drafts(read(file.getvalue(), "a.zip"))] == ["One"]
    behind = b"#!/bin/sh\n" + zipped({"a.txt": "One"})
    entries = list(entries_of(io.BytesIO(behind)))
    assert [entry.name for entry in entries] == ["a.txt"]
    assert behind[entries[0].start :].startswith(zlib.compress(b"One", wbits=-15))
    assert [draft.text for draft in drafts(read(file.getvalue()[:40] + file.getvalue()[40:-22], "a.zip"))] == ["One"]


def test_a_zip_of_more_members_than_its_old_directory_can_count():
    data = zipped({f"{n}.txt": "One" for n in range(66_000)}, zipfile.ZIP_STORED)
    assert sum(1 for _ in entries_of(io.BytesIO(data))) == 66_000


def test_an_unknown_method_is_refused():
    items = read(zipped({"a.txt": "One"}, zipfile.ZIP_LZMA), "a.zip")
    assert "method 14" in failures(items)[0].reason


def test_names_in_other_alphabets():
    name = "новости/статья.txt"
    for pack in (zipped, tarred):
        (item,) = read(pack({name: "Текст".encode()}), "a")
        assert item.item == f"a/{name}"


def test_an_endless_tar_is_read_as_a_stream():
    block = tarred({"a.txt": b"One " * 400})[: 512 + 2048]

    def endless():
        while True:
            yield block * 10

    items = read_file(Unseekable(endless()), "a.tar")
    assert [next(items).item for _ in range(100)] == ["a.tar/a.txt"] * 100


def test_attributes_of_a_tar_cannot_fill_memory():
    data = bytearray(tarred({"a.txt": b"One"}))
    data[156:157] = b"x"
    data[124:136] = b"77777777777\0"
    data[148:156] = b"%06o\0 " % sum(data[:148] + b" " * 8 + data[156:512])
    assert "bytes of attributes" in only_failure(bytes(data), "a.tar").reason


def test_deflate_of_a_huge_window():
    """One long run of a byte is unpacked in pieces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    data = packer.compress(bytes(100_000_000)) + packer.flush()
    assert failures(read(data, "a.txt.gz", limits=Limits(ratio_from=100_000)))
