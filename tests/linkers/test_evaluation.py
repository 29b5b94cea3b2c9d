"""Figures of linking, checked against another implementation and reviewed articles."""

import json
import random
from collections import defaultdict
from pathlib import Path

import pytest
import scorch.scores
from django.core.management import CommandError, call_command

from annotations.linkers.evaluation import Scored, b_cubed, ceaf_e, evaluate, pairs, read_gold

GOLD = Path(__file__).parents[3] / "shared" / "gold"


def _clusters(mentions, side):
    found = defaultdict(set)
    for number, mention in enumerate(mentions):
        found[getattr(mention, side)].add(number)
    return list(found.values())


@pytest.mark.parametrize("seed", range(20))
def test_b_cubed_and_ceaf_are_those_of_scorch(seed):
    dice = random.Random(seed)
    size = dice.choice([1, 5, 30, 120])
    mentions = [Scored(dice.randrange(4), "ORG", dice.randrange(size), dice.randrange(size)) for _ in range(2 * size)]
    key, response = _clusters(mentions, "true"), _clusters(mentions, "linked")
    for ours, theirs in ((b_cubed, scorch.scores.b_cubed), (ceaf_e, scorch.scores.ceaf_e)):
        recall, precision, f1 = theirs(key, response)
        expected = {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}
        assert ours(mentions).as_json() == pytest.approx(expected, abs=2e-4)


def test_pairs_across_articles_leave_out_those_within():
    mentions = [Scored(1, "ORG", "a", 1), Scored(1, "ORG", "a", 1), Scored(2, "ORG", "a", 2), Scored(2, "ORG", "b", 2)]
    assert pairs(mentions).as_json() == {"precision": 0.5, "recall": 0.3333, "f1": 0.4}
    assert pairs(mentions, across=True).as_json() == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def _line(**values):
    text = "Ada Byron wrote. Byron slept."
    row = {"text": text, "spans": [[0, 9, "PERSON"], [17, 22, "PERSON"]], "entities": [[0, 9, "ada"], [17, 22, "ada"]]}
    return json.dumps({**row, **values})


def test_the_command_prints_all_figures(tmp_path, capsys):
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{_line()}\n\n{_line()}\n")
    call_command("evaluate_entities", str(path), "--json")
    result = json.loads(capsys.readouterr().out)
    perfect = {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert result.keys() == {
        "articles", "mentions", "b3", "ceafe", "pairs", "cross_article_pairs", "labels", "mentions_per_second",
    }  # fmt: skip
    assert result["cross_article_pairs"] == result["labels"]["PERSON"]["b3"] == perfect and result["mentions"] == 4
    call_command("evaluate_entities", str(path))
    assert "pairs across articles" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("{", "line 1: no JSON"),
        ("[]", "needs an object"),
        (_line(entities=[[0, 9]]), "is no"),
        (_line(entities=[[0, 99, "ada"]]), "within the text"),
        (_line(entities=[[0, 3, "ada"]]), "has no span"),
        (_line(spans=[[0, True, "PERSON"]]), "is no"),
        (_line(entities=[]), 'no "entities"'),
        ("", 'no "entities"'),
    ],
)
def test_what_cannot_be_scored_is_refused(tmp_path, lines, fault):
    path = tmp_path / "gold.jsonl"
    path.write_text(lines)
    with pytest.raises(CommandError, match=fault):
        call_command("evaluate_entities", str(path))


def test_an_unknown_label_is_refused(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(_line())
    with pytest.raises(CommandError, match="name others"):
        call_command("evaluate_entities", str(path), "--labels", "GPE")


@pytest.mark.parametrize(("name", "across", "b3"), [("news_dev.jsonl", 0.95, 0.97), ("seeds_dev.jsonl", 0.97, 0.97)])
def test_reviewed_articles_are_linked_well(name, across, b3):
    if not (GOLD / name).exists():
        pytest.skip(f"the reviewed articles {name} are not at hand")
    result = evaluate(read_gold(GOLD / name)).as_json()
    assert result["cross_article_pairs"]["f1"] >= across and result["cross_article_pairs"]["precision"] >= 0.99
    assert result["b3"]["f1"] >= b3
