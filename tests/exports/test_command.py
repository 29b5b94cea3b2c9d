"""`manage.py export_jsonl` writes what REST streams."""

import json

import pytest
from django.core.management import CommandError, call_command

from annotations.formats.registry import formats
from annotations.review.actions.stages import finish
from tests import factories
from tests.api.client import Rest
from tests.exports import cast


@pytest.fixture
def corpus(db):
    corpus = factories.make_corpus()
    factories.make_article(corpus, "Zarif 👨‍👩‍👧 arrived.\n", spans=[[0, 5, "PERSON"], [6, 11, "EVENT"]])
    cast.finish_all(corpus)
    return corpus


def test_stdout_and_a_file_hold_the_same_as_rest(corpus, capsysbinary, tmp_path):
    call_command("export_jsonl", "desk")
    call_command("export_jsonl", "desk", output=tmp_path / "desk.jsonl")
    streamed = Rest(factories.make_member(corpus)).get("corpora/desk/export/")
    body = b"".join(streamed.streaming_content)
    assert capsysbinary.readouterr().out == body == (tmp_path / "desk.jsonl").read_bytes() != b""
    assert [path.name for path in tmp_path.iterdir()] == ["desk.jsonl"]


def test_spans_in_chrome_only_where_asked_for(corpus, capsysbinary):
    factories.make_article(corpus, "Share Zarif", spans=[[6, 11, "PERSON"]], zones=[[0, 11, "chrome"]])
    for chrome, spans in ((False, 2), (True, 3)):
        call_command("export_jsonl", "desk", chrome=chrome, stage=["any"])
        assert capsysbinary.readouterr().out.count(b'"state"') == spans


def test_an_unknown_corpus_and_an_impossible_file_are_told_in_one_line(corpus, tmp_path):
    with pytest.raises(CommandError, match="there is no corpus 'nosuch'"):
        call_command("export_jsonl", "nosuch")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_jsonl", "desk", output=tmp_path / "absent" / "desk.jsonl")


@pytest.mark.parametrize("form", formats.written(), ids=lambda form: form.name)
def test_every_format_by_one_command(corpus, tmp_path, form):
    call_command("export_corpus", "desk", format=form.name, output=tmp_path / "file", report=tmp_path / "report")
    assert (tmp_path / "file").stat().st_size > 100
    assert json.loads((tmp_path / "report").read_text())["written"]["articles"] == 1


def test_losses_are_told_or_refused(corpus, tmp_path, capsys):
    second = factories.make_article(
        corpus, "Walid Muallem", spans=[[0, 13, "PERSON"], [6, 13, "PERSON"]], external_id="e-2"
    )
    call_command("export_corpus", "desk", output=tmp_path / "file")
    assert "1 other articles were left out: --stage any includes all" in capsys.readouterr().err
    (tmp_path / "file").unlink()
    finish(user=factories.make_superuser(), article=second)
    path = tmp_path / "desk.conll"
    call_command("export_corpus", "desk", format="conll", output=path)
    assert "e-2 [6, 13) PERSON: overlaps a longer span" in capsys.readouterr().err
    path.unlink()
    with pytest.raises(CommandError, match="cannot hold everything"):
        call_command("export_corpus", "desk", format="conll", output=path, strict=True)
    with pytest.raises(CommandError, match="offsets can only be chosen for jsonl"):
        call_command("export_corpus", "desk", format="conll", output=path, utf16=True)
    assert not list(tmp_path.iterdir())
