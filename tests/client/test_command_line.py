"""The command `corpusapp-client`."""

import io
import json
import sys

import pytest

from corpusapp.client import SQLiteStore
from corpusapp.client.command_line import FAILED, IN_PART, USAGE, main
from tests.client.articles import articles
from tests.client.following import copy_of, export_of


@pytest.fixture
def run(desk, capsys, monkeypatch):
    """Runs the command; returns its exit code, and what it printed to standard output and error."""
    monkeypatch.setenv("CORPUSAPP_URL", desk.url)
    monkeypatch.setenv("CORPUSAPP_TOKEN", desk.token)

    def one(*arguments):
        status = main([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        assert desk.token not in printed.out + printed.err
        return status, printed.out, printed.err

    return one


def test_a_days_work(run, corpus, tmp_path, monkeypatch):
    lines = tmp_path / "articles.jsonl"
    lines.write_text("".join(json.dumps(article) + "\n" for article in articles(12)))
    status, said, _ = run("add", corpus.slug, lines, "--done")
    assert status == 0 and said.startswith("12 added, 0 updated")
    monkeypatch.setattr(sys, "stdin", io.StringIO('\n{"text": "", "title": "Empty"}\n'))
    status, said, errors = run("add", corpus.slug, "-")
    assert status == IN_PART and "1 failed" in said and "article 1 (text): the text is empty" in errors
    status, _, errors = run("export", corpus.slug, "--format", "conll", "--output", tmp_path / "a.conll")
    assert status == 0 and "B-PERSON" in (tmp_path / "a.conll").read_text()
    assert errors == "12 articles with 12 spans were written\n"
    named = ("export", corpus.slug, "--stage", "new", "--output", tmp_path / "none.jsonl")
    status, _, errors = run(*named)
    assert (
        status == 0
        and errors.startswith("0 articles with 0 spans")
        and "left out: 12 articles (of another stage" in errors
    )
    status, said, errors = run("export", corpus.slug, "--stage", "new,suggested,in_review")
    assert status == 0 and said == "" and "12 articles are not done" in errors
    assert len([json.loads(line) for line in run("export", corpus.slug)[1].splitlines()]) == 12
    corpus.make_release("May")
    assert run("releases", corpus.slug)[1] == "1\tdone\t12 articles\tMay\n"
    path = tmp_path / "may.jsonl.gz"
    assert run("releases", corpus.slug, "--download", 1, "--output", path)[0] == 0 and path.exists()
    assert run("follow", corpus.slug, "--store", tmp_path / "copy.sqlite", "--once")[0] == 0
    assert copy_of(SQLiteStore(tmp_path / "copy.sqlite")) == export_of(corpus)


def test_what_is_wrong_is_said(run, corpus, tmp_path, monkeypatch):
    status, _, errors = run("export", "nowhere")
    assert status == FAILED and errors.startswith("corpusapp-client: ") and "nowhere" in errors
    status, _, errors = run("export", corpus.slug, "--format", "conll")
    assert status == USAGE and "--output" in errors
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"text": "One."}\n[]\n')
    assert "wrong.jsonl, line 2: an article is an object" in run("add", corpus.slug, wrong)[2]
    wrong.write_text('{"text": "One."}\n{"text": \n')
    assert "wrong.jsonl, line 2" in run("add", corpus.slug, wrong)[2]
    assert not list(corpus.articles())
    assert run("add", corpus.slug, tmp_path / "none.jsonl")[0] == FAILED
    with pytest.raises(SystemExit, match="2"):
        run("dance", corpus.slug)
    monkeypatch.delenv("CORPUSAPP_TOKEN")
    status, _, errors = run("releases", corpus.slug)
    assert status == USAGE and "CORPUSAPP_TOKEN" in errors
