"""Forms are recognised by content; names only decide between several."""

import gzip
import random

import pytest

from corpusapp.intake.readers import READERS
from corpusapp.intake.readers.recognise import recognise
from corpusapp.intake.readers.registry import Reader, Registry
from tests.intake.forms import LONG, PAGE, only_failure, read, tarred, zipped

RSS = b'<?xml version="1.0"?>\n<rss version="2.0"><channel></channel></rss>'
MAIL = b"Message-ID: <1@example.org>\nFrom: a@example.org\nSubject: Floods\n\nText"

TOLD = [
    (LONG.encode(), "a.txt", "txt"),
    (LONG.encode(), "a", "txt"),
    (LONG.encode("utf-16"), "a.txt", "txt"),
    (b"[Wire] The mayor met\n\n[again]", "a.txt", "txt"),
    (b"<3 letters were found", "a.txt", "txt"),
    (b"From: the mayor\nTo the town: thanks", "a.txt", "txt"),
    (b"Floods feared, says mayor\nThe text, it goes on", "a.txt", "txt"),
    (PAGE.encode(), "a.txt", "html"),
    (PAGE.encode("utf-16"), "a.txt", "html"),
    (PAGE.encode(), "a.jsonl", "html"),
    (b"\n<!-- saved --><HTML><body>x", "page", "html"),
    (b"plain words with a <b>tag</b>", "a.html", "html"),
    (b'{"text": "One"}\n{"text": "Two"}\n', "a.txt", "jsonl"),
    (b'{"text": "One"}\n{"text": "Two"}\n', "a.json", "jsonl"),
    (b'{"text": "One"}\n', "a.ndjson", "jsonl"),
    (b"{\n", "a.jsonl", "jsonl"),
    (b'{\n "text": "One"\n}', "a.txt", "json"),
    (b'[\n {"text": "One"}]', "a.txt", "json"),
    (b'{"text": "One"}', "a.json", "json"),
    (b"title,text\na,b\n", "a.txt", "csv"),
    (b"title\ttext\na\tb\n", "a", "csv"),
    (b"first;second\n", "a.csv", "csv"),
    (RSS, "a.txt", "feed"),
    (RSS, "a.html", "feed"),
    (b'<feed xmlns="http://www.w3.org/2005/Atom"></feed>', "a.xml", "feed"),
    (MAIL, "a.txt", "eml"),
    (b"Subject: x\n\ny", "a.eml", "eml"),
    (b"WARC/1.0\r\n", "a.txt", "warc"),
    (b"%PDF-1.4", "a.txt", "pdf"),
    (gzip.compress(b"x", mtime=0), "a.txt", "gzip"),
    (zipped({"a.txt": "x"}), "a.txt", "zip"),
    (zipped({"[Content_Types].xml": "x", "word/document.xml": "x"}), "a.zip", "docx"),
    (tarred({"a.txt": b"x"}), "a.txt", "tar"),
]


@pytest.mark.parametrize(("data", "name", "form"), TOLD)
def test_recognised_by_content(data, name, form):
    assert recognise(data, name, READERS).form == form


REFUSED = [
    (b"", "a.txt", "empty"),
    (b"\x89PNG\r\n\x1a\n" + bytes(100), "a.txt", "a PNG image"),
    (b"MZ\x90\0\3", "a.txt", "a program"),
    (b"\xd0\xcf\x11\xe0", "a.doc", "save it as .docx"),
    (random.Random(1).randbytes(5000), "a.txt", "a binary file"),
    (random.Random(2).randbytes(5000), "a.csv", "a binary file"),
    (bytes(5000), "a.txt", "a binary file"),
    (LONG.encode(), "a.pdf", "named .pdf but does not begin like one"),
    (LONG.encode(), "a.zip", "named .zip"),
    (PAGE.encode(), "a.docx", "named .docx"),
    (b"<?xml version='1.0'?><orders/>", "a.xml", "unsupported file type"),
    (zipped({"mimetype": "application/epub+zip"}, method=0), "a.epub", "OpenDocument or EPUB"),
]


@pytest.mark.parametrize(("data", "name", "reason"), REFUSED)
def test_unsupported_files_are_refused_with_their_kind(data, name, reason):
    assert reason in only_failure(data, name).reason


def test_recognition_takes_bounded_time():
    for text in ("<!-- a -->" * 5000, "<?a b?>" * 5000, "<!DOCTYPE a []>" * 4000, " \n" * 30_000, "<" * 60_000):
        assert recognise(f"{text}<orders>".encode(), "a.txt", READERS).form in ("txt", "html")


def test_a_registry_refuses_duplicates():
    registry = Registry()
    registry.register(Reader("txt", (".txt",), lambda head, named: True, lambda source, reading: iter(())))
    with pytest.raises(ValueError, match="registered twice"):
        registry.register(Reader("txt", (".text",), lambda head, named: True, lambda source, reading: iter(())))
    with pytest.raises(ValueError, match="cannot take it too"):
        registry.register(Reader("html", (".html", ".txt"), lambda head, named: True, lambda source, reading: iter(())))


def test_a_mapping_to_an_unknown_key_is_refused():
    with pytest.raises(ValueError, match="'titel'"):
        read(b"x", "a.txt", mapping={"a": "titel"})
