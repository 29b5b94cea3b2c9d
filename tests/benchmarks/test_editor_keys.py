"""What the benchmark of keys types to find words, and a whole run of it."""

import json
import os
import subprocess
import sys

import pytest

from tests.benchmarks.economy.keyboard import found, typed_for, words_of

TEXT = "The Harbour Board met Hana Sørby, and the board of the Harbour Board left on the 3rd."
WORDS = words_of(TEXT)


def place(words, nth=0):
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(words, start + 1)
    return start, start + len(words)


@pytest.mark.parametrize(
    ("pieces", "after", "first"),
    [
        (["h"], 0, place("Harbour")),
        (["h"], 10, place("Hana")),
        (["h"], 80, place("Harbour")),
        (["H", "b"], 10, place("Harbour Board", 1)),
        (["B"], 0, place("Board")),
        (["b"], 20, place("board")),
        (["S"], 0, place("Sørby")),
    ],
)
def test_the_first_place_after_the_present_one_is_found(pieces, after, first):
    assert found(WORDS, pieces, after)[0] == first


@pytest.mark.parametrize(
    ("words", "nth", "keys"),
    [
        ("Harbour Board", 0, ["h", " ", "b"]),
        ("3rd", 0, ["3"]),
        ("Hana Sørby", 0, ["h", " ", "s"]),
        ("board", 0, ["b", "ArrowDown"]),
        ("Harbour Board", 1, ["h", " ", "b", "ArrowDown"]),
    ],
)
def test_the_fewest_keys_are_typed(words, nth, keys):
    assert typed_for(WORDS, *place(words, nth), 0, whole=True) == keys


def test_what_is_no_word_cannot_be_typed():
    assert typed_for(WORDS, TEXT.index(","), TEXT.index(",") + 1, 0, whole=True) is None


@pytest.mark.slow
def test_articles_are_worked_to_their_gold_in_a_browser(tmp_path):
    articles = [
        {
            "text": "Norwegian minister Ingrid Solberg flew to Tallinn. Solberg met the Harbour Board there.",
            "spans": [[0, 9, "NORP"], [19, 33, "PERSON"], [42, 49, "GPE"], [51, 58, "PERSON"], [67, 80, "ORG"]],
        },
        {"text": "Nothing is named in this story of two lines.\nOnly words.", "spans": []},
    ]
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(article) + "\n" for article in articles))
    command = [sys.executable, "-m", "tests.benchmarks.editor_keys", gold, "--labels", "NORP,PERSON,GPE,ORG", "--json"]
    ours = ("DATABASE_URL", "CORPUSAPP_HOME", "PYTEST_XDIST_WORKER")
    own = {name: value for name, value in os.environ.items() if name not in ours}
    done = subprocess.run(command, env=own, check=True, capture_output=True, text=True, timeout=300)
    figures = json.loads(done.stdout)
    assert figures["exact"]
    assert figures["gold_spans"] == 5
    for article in figures["articles"]:
        assert article["keys"] == article["walking"] + article["deciding"] > 0
