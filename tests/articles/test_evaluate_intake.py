"""The command that scores the intake."""

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


def test_json_has_three_figures_and_nothing_else(source):
    assert json.loads(run(str(source), "--json")) == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_pages_are_listed_on_request(source):
    assert "a.html  0 superfluous, 0 missing" in run(str(source), "--pages")
    assert "a.html" not in run(str(source))


def test_an_invalid_list_is_refused_with_its_name(tmp_path):
    with pytest.raises(CommandError, match=r"absent\.jsonl"):
        run(str(tmp_path / "absent.jsonl"))
    (tmp_path / "empty.jsonl").write_text("")
    with pytest.raises(CommandError, match="add at least one"):
        run(str(tmp_path / "empty.jsonl"))


STORY = "Zarif met Muallem in Damascus on Monday, and both spoke of the reconstruction of the country.\n"
FORM = "Your Comment\nPlease enter the captcha\n"


def chrome_list(tmp_path, *entries):
    source = tmp_path / "chrome.jsonl"
    source.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return str(source)


def test_boilerplate_is_scored_over_characters(tmp_path):
    text = STORY * 3 + FORM
    source = chrome_list(tmp_path, {"text": text, "chrome": [[len(STORY) * 3, len(text)]]}, {"text": STORY})
    figures = json.loads(run(source, "--chrome", "--json"))
    assert list(figures) == ["precision", "recall", "f1", "running_text_lost"]
    assert figures == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "running_text_lost": 0}
    assert "running_text_lost   0" in run(source, "--chrome").splitlines()


def test_running_text_marked_as_boilerplate_is_counted(tmp_path):
    figures = json.loads(run(chrome_list(tmp_path, {"text": STORY * 3 + FORM, "chrome": []}), "--chrome", "--json"))
    assert figures["precision"] == 0.0
    assert figures["running_text_lost"] == len("".join(FORM.split()))


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"chrome": []}, "line 1 has no text"),
        ({"text": "abc", "chrome": [[0, 4]]}, "line 1: chrome"),
        ({"text": "abc", "chrome": [7]}, "line 1"),
        ({"text": "abc", "chrome": [["a", 2]]}, "line 1"),
        ([], "line 1 must be an object"),
    ],
)
def test_an_invalid_line_is_named(tmp_path, entry, reason):
    with pytest.raises(CommandError, match=reason):
        run(chrome_list(tmp_path, entry), "--chrome")
