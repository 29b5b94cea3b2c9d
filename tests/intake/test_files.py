"""Files and folders; an error in one does not stop the others."""

import json
import os

import pytest

from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.files import read_paths, size_of


def read(folder):
    return list(read_paths([folder]))


def test_a_folder_in_the_order_of_names(tmp_path):
    (tmp_path / "b.txt").write_text("Two")
    (tmp_path / "a.TXT").write_text("One")
    (tmp_path / "c.png").write_text("no")
    (tmp_path / ".hidden.txt").write_text("no")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "d.jsonl").write_text('{"text": "Three"}\n\n{"text": "Four"}')
    items = read(tmp_path)
    assert [item.text for item in items] == ["One", "Two", "Three", "Four"]
    assert [(item.item, item.line) for item in items][2:] == [("sub/d.jsonl", 1), ("sub/d.jsonl", 3)]


def test_bad_lines_fail_and_the_others_are_read(tmp_path):
    lines = [
        b'\xef\xbb\xbf{"text": "Good"}',
        b"{",
        b"\xff\xfe",
        b'{"text": "\\ud800"}',
        b'{"text": "x", "metadata": {"n": NaN}}',
        b"[" * 100_000,
        b'"text"',
        json.dumps({"text": "abc", "spans": [[2, 1, "ORG"]]}).encode(),
        b'{"text": "x", "metadata": {"n": [1e999]}}',
        b'{"text": "x", "text": "y"}',
        b'{"text": "Last"}',
    ]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    items = read(tmp_path)
    assert [item.text for item in items if isinstance(item, Draft)] == ["Good", "Last"]
    failures = {item.line: f"{item.field}: {item.reason}" for item in items if isinstance(item, Failure)}
    assert sorted(failures) == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert failures[2].startswith(": not valid JSON")
    assert failures[3].startswith(": not UTF-8: byte 0xFF at position 0")
    assert failures[4].startswith("text: text holds a lone surrogate")
    assert "NaN" in failures[5]
    assert "nested too deep" in failures[6]
    assert failures[8].startswith("spans[0].end: ")
    assert "1e999 is too large" in failures[9]
    assert "'text' stands twice" in failures[10]


def test_files_that_cannot_be_read_are_named_without_their_folder(tmp_path):
    (tmp_path / "false.pdf").write_text("no")
    (tmp_path / "empty.txt").write_bytes(b"")
    items = list(read_paths([tmp_path, tmp_path / "absent.txt", tmp_path / "a.pdf"]))
    assert all(isinstance(item, Failure) for item in items)
    assert [item.item for item in items] == ["empty.txt", "false.pdf", "absent.txt", "a.pdf"]
    assert str(tmp_path) not in " ".join(item.reason for item in items)


def test_nul_and_byte_order_mark_in_a_text_file_are_removed_and_noted(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbfZa\0rif\r\n")
    (draft,) = read(tmp_path)
    assert draft.text == "Zarif\n"
    assert len(draft.notes) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_an_unreadable_folder_does_not_stop_the_others(tmp_path):
    (tmp_path / "b").mkdir(mode=0o000)
    (tmp_path / "a.txt").write_text("One")
    (tmp_path / "c.txt").write_text("Two")
    first, refused, second = read_paths([tmp_path])
    assert (first.text, second.text) == ("One", "Two")
    assert refused.item == f"{tmp_path.name}/b" and "cannot be read" in refused.reason
    assert size_of([tmp_path]) == 6
