"""`manage.py evaluate` prints scores. No test here may use the database."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.services import BACKEND, serving

ARTICLES = [
    "Ingrid Solberg, the Norwegian minister, flew to Moscow on Monday. Solberg met Sergei Lavrov in Moscow.",
    "Ships left Hamburg for Moscow. The mayor of Hamburg, Karl Brandt, spoke in Berlin on Friday.",
]
# The base does not recognize the second name, which is in another script.
TWO_SCRIPTS = "Talks went on in Damascus. In دمشق they wrote otherwise."


def line(text, spans):
    return json.dumps({"text": text, "spans": spans}, ensure_ascii=False) + "\n"


def span(text, surface, label):
    start = text.index(surface)
    return [start, start + len(surface), label]


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.jsonl"
    names = (("Ingrid Solberg", "PERSON"), ("Norwegian", "NORP"), ("Moscow", "GPE"), ("Hamburg", "GPE"))
    path.write_text(
        "".join(
            line(text, [span(text, surface, label) for surface, label in names if surface in text]) for text in ARTICLES
        ),
        encoding="utf-8",
    )
    return path


def evaluate(*arguments, **options):
    out = StringIO()
    call_command("evaluate", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def test_json_output_has_the_documented_keys(gold):
    figures = json.loads(evaluate(gold, json=True))
    assert list(figures) == ["micro", "labels", "possible", "words_per_second"]
    assert set(figures["micro"]) == {"precision", "recall", "f1"}
    assert {"PERSON", "NORP", "GPE"} <= set(figures["labels"])
    assert all(set(row) == {"precision", "recall", "f1"} for row in figures["labels"].values())
    assert figures["words_per_second"] > 0


def test_labels_are_ignored_on_both_sides(gold):
    figures = json.loads(evaluate(gold, labels="NORP, LAW", json=True))
    assert list(figures["labels"]) == ["LAW", "NORP"]
    assert figures["micro"] == figures["labels"]["NORP"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


@pytest.mark.parametrize("options", [{"isolated": True}, {"suggester": "spacy"}])
def test_isolated_articles_and_a_base_suggester_can_be_scored(gold, options):
    figures = json.loads(evaluate(gold, labels="GPE", json=True, **options))
    assert figures["labels"]["GPE"]["recall"] == 1.0


def test_text_output_is_a_table(gold):
    table = evaluate(gold, suggester="spacy")
    assert table.splitlines()[0].split() == ["label", "precision", "recall", "F1"]
    assert "micro" in table
    assert table.rstrip().endswith("words/s")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"suggester": "third"}, "no suggester 'third': use one of .*spacy.*, or news"),
        ({"pipeline": "xx_absent_sm"}, "'xx_absent_sm' is not installed: install it"),
        ({"pipeline": "xx_absent_sm", "suggester": "spacy"}, "is not installed"),
    ],
)
def test_unknown_suggesters_and_pipelines_are_refused(gold, options, message):
    with pytest.raises(CommandError, match=message):
        evaluate(gold, **options)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{\n", "line 1: not JSON"),
        (line("Ann", []) + line("Ann", [[0, 9, "PERSON"]]), "line 2, span 0"),
        ("", "contains no articles"),
        (b"\xff\xfe", "utf-8"),
    ],
)
def test_invalid_gold_is_refused(tmp_path, content, message):
    path = tmp_path / "gold.jsonl"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(CommandError, match=message):
        evaluate(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CommandError, match=r"none\.jsonl"):
        evaluate(tmp_path / "none.jsonl")


def test_after_scores_the_rest_with_and_without_learning(gold):
    found = json.loads(evaluate(gold, "--after", 1, "--no-training", "--labels", "GPE", "--json"))
    assert found["without"]["micro"]["f1"] > 0
    assert (found["learned"]["after"], found["learned"]["epochs"], found["learned"]["digest"]) == (1, 0, "")
    trained = evaluate(gold, "--after", 1, "--labels", "GPE", "--suggester", "spacy")
    assert "without learning from the first 1 articles" in trained


def test_after_must_leave_articles_to_score(gold):
    for number in (2, -1):
        with pytest.raises(CommandError, match="leaves no articles to score"):
            evaluate(gold, "--after", number)


@pytest.fixture(scope="module")
def address():
    with serving(BACKEND) as found:
        yield found


@pytest.fixture
def gold_in_two_scripts(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"text": TWO_SCRIPTS, "spans": [[17, 25, "GPE"], [30, 34, "GPE"]]}) + "\n")
    return path


def f1(*arguments, **options):
    return json.loads(evaluate(*arguments, labels="GPE", json=True, **options))["micro"]["f1"]


@pytest.mark.parametrize("suggester", ["news", "spacy"])
@pytest.mark.parametrize("path, kind", [("steady", "plain"), ("backend", "label-studio")])
def test_a_service_improves_the_score(gold_in_two_scripts, address, suggester, path, kind):
    alone = f1(gold_in_two_scripts, suggester=suggester)
    assert f1(gold_in_two_scripts, suggester=suggester, service=f"{address}/{path}", service_kind=kind) == 1.0 > alone


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"service": "ftp://host"}, "with http or https"),
        ({"service": "http://host", "service_kind": "soap"}, "use one of plain, label-studio"),
        ({"service": "http://127.0.0.1:9"}, "the service at http://127.0.0.1:9 does not answer: connection refused"),
    ],
)
def test_invalid_services_are_refused(gold, options, reason):
    with pytest.raises(CommandError, match=reason):
        f1(gold, **options)
