"""Scoring lists of pages with their true texts."""

import gzip
import json
import os
from pathlib import Path

import pytest

from corpusapp.intake.scoring import measure_pages, total

from .pages import PARAGRAPHS, page

SHARED = Path(os.environ.get("CORPUSAPP_SHARED", Path(__file__).parents[2].parent / "shared"))
TRUE = "\n".join(PARAGRAPHS)


def write(folder, *entries):
    source = folder / "list.jsonl"
    source.write_text("".join(f"{entry if isinstance(entry, str) else json.dumps(entry)}\n" for entry in entries))
    return source


def test_plain_and_gzip_beside_the_list_and_absolute(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text(page())
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(page().encode()))
    entries = [{"file": file, "url": None, "text": TRUE} for file in ("pages/a.html", str(tmp_path / "b.html.gz"))]
    pages = list(measure_pages(write(tmp_path, *entries, "")))
    assert [measured.match.score.f1 for measured in pages] == [1.0, 1.0]
    assert total(pages).f1 == 1.0


def test_a_refused_page_has_no_text(tmp_path):
    (tmp_path / "a.html").write_text("<html></html>")
    (measured,) = measure_pages(write(tmp_path, {"file": "a.html", "url": "", "text": TRUE}))
    assert measured.match.common == 0
    assert measured.match.missing > 0
    assert "no main text" in measured.refusal


@pytest.mark.parametrize("line", ["{", "[]", '{"file": "a.html"}', '{"file": 1, "text": ""}'])
def test_a_broken_line_is_named(tmp_path, line):
    with pytest.raises(ValueError, match="line 1 "):
        list(measure_pages(write(tmp_path, line)))


@pytest.mark.skipif(not (SHARED / "html").is_dir(), reason="the pages of ../shared/html are not here")
def test_pages_of_the_benchmark():
    score = total(list(measure_pages(SHARED / "html" / "expected.jsonl")))
    assert score.f1 >= 0.965
