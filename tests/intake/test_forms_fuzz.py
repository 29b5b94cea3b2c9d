"""Damaged files yield articles and failures, never an error."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.limits import Limits
from corpusapp.intake.readers.pages import Article
from tests.intake.forms import read, tarred
from tests.intake.test_forms_documents import docx
from tests.intake.test_forms_reread import FILES

SLOW = ("a.pdf",)
NAMES = sorted(set(FILES) - set(SLOW))
FILES = {**FILES, "a.tar": tarred({"a" * 150: b"One", "b.docx": docx()})}
LIMITS = Limits(ratio_from=1_000_000, unpacked_bytes=50_000_000, text_bytes=1_000_000)


def extract(data, url):
    return Article(data.decode("utf-8", "replace").replace("\0", ""))


@pytest.mark.parametrize("name", [*NAMES, "a.tar"])
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_damaged_files(name, data):
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=12))
    content = content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content
    items = read(bytes(content), data.draw(st.sampled_from([name, "a.txt", "x"])), limits=LIMITS, extract_html=extract)
    assert items
    for item in items:
        assert isinstance(item, Draft | Failure)
        if isinstance(item, Draft):
            assert item.text.strip() and item.raw and item.form
            (item.text + item.title + item.url + item.source + item.external_id + item.language).encode()
        else:
            assert item.reason
        item.item.encode()
