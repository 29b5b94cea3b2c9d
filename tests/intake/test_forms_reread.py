"""Reading the original of an article again yields the article."""

import gzip

import pytest

from corpusapp.intake.draft import Failure
from corpusapp.intake.readers import Reading
from tests.intake.forms import LONG, PAGE, drafts, read, tarred, zipped
from tests.intake.test_forms_documents import docx, pdf
from tests.intake.test_forms_feeds import ATOM, RSS
from tests.intake.test_forms_mail import mail
from tests.intake.test_forms_tables import table
from tests.intake.test_forms_warc import ANSWERS, warc

FILES = {
    "a.txt": "Präsident Zarif\r\n".encode("utf-16"),
    "b.txt": ("Le ministère a déclaré que la côte serait évacuée. " * 2).encode("cp1252"),
    "a.html": PAGE.encode(),
    "a.jsonl": b'\xef\xbb\xbf{"text": "One", "body": "x"}\n{"content": "Two"}\n',
    "a.json": b'[{"text": "One"},\n {"content": "Two", "spans": [[0, 3, "ORG"]]}]',
    "w.jsonl": '{"text": "Évacuée"}\n'.encode("utf-16"),
    "a.csv": table(("title", "body"), ('Says "no"', "One,\ntwo;\tthree"), ("ends in \\", "b\\")),
    "e.csv": b'title;text\n"a";"He said \\"no\\""\n"b";c\n',
    "a.rss": RSS.encode(),
    "a.xml": ATOM.encode(),
    "a.eml": mail(f"Été. {LONG}", PAGE).as_bytes(),
    "a.warc": warc(*ANSWERS),
    "a.pdf": pdf(LONG, "Second page."),
    "a.docx": docx(),
    "a.zip": zipped({"a.txt": "One", "b.tgz": tarred({"c.jsonl": b'{"text": "x"}'}, "w:gz")}),
    "a.txt.gz": gzip.compress(b"One"),
}


@pytest.mark.parametrize("name", FILES)
def test_an_original_yields_its_article(name):
    found = drafts(read(FILES[name], name))
    assert found
    for draft in found:
        again = Reading().reread(draft.raw, draft.form, item=draft.item, url=draft.url, charset=draft.encoding)
        assert again.text == draft.text
        assert again.spans == draft.spans
        assert again.title == draft.title
        assert again.published_on == draft.published_on


def test_an_empty_original():
    assert isinstance(Reading().reread(b"", "json"), Failure)
    assert isinstance(Reading().reread(b"<html></html>", "html"), Failure)
