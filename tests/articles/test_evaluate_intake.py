"""The command that measures the intake."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.intake.pages import PARAGRAPHS, page


def run(*arguments):
    out = StringIO()
    call_command("evaluate_intake", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def source(tmp_path):
    (tmp_path / "a.html").write_text(page())
    source = tmp_path / "list.jsonl"
    source.write_text(json.dumps({"file": "a.html", "url": "", "text": "\n".join(PARAGRAPHS)}) + "\n")
    return source


def test_json_is_three_figures_and_nothing_else(source):
    assert json.loads(run(str(source), "--json")) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_pages_are_listed_on_request(source):
    assert "a.html  0 superfluous, 0 missing" in run(str(source), "--pages")
    assert "a.html" not in run(str(source))


def test_a_list_that_is_none_is_refused_with_its_name(tmp_path):
    with pytest.raises(CommandError, match=r"absent\.jsonl"):
        run(str(tmp_path / "absent.jsonl"))
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(CommandError, match="nothing to measure against"):
        run(str(tmp_path / "empty.jsonl"))
