"""Files of reviewed articles, and scores of proposals against them."""

import json

import pytest

from annotations.suggesters.gold import GoldArticle, UnfitGold, read_gold, scored
from annotations.suggesters.protocol import Proposal

GOOD = json.dumps({"text": "Ann Hill 👩 Oslo", "spans": [[0, 8, "PERSON"], [11, 15, "GPE"]]})


def read(tmp_path, *lines):
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return list(read_gold(path))


def test_articles_with_their_spans(tmp_path):
    first, second = read(tmp_path, GOOD, "", '{"text": "", "spans": []}')
    assert first == GoldArticle("Ann Hill 👩 Oslo", ((0, 8, "PERSON"), (11, 15, "GPE")))
    assert second.spans == ()
    assert first.source.text == first.text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", r"line 2: not JSON .*: write one object per line"),
        ("[1]", "line 2: no text"),
        ('{"text": 1, "spans": []}', "line 2: no text"),
        ('{"text": "Ann"}', "line 2: no list of spans"),
        ('{"text": "Ann", "spans": [[0, 3]]}', r"line 2, span 0: give \[start, end, label\]"),
        ('{"text": "Ann", "spans": [[0, 3, "PERSON"], [0, 3, ""]]}', "line 2, span 1: give"),
        ('{"text": "Ann", "spans": [[0, 4, "PERSON"]]}', "line 2, span 0: .*4"),
        ('{"text": "Ann", "spans": [["0", 3, "PERSON"]]}', "line 2, span 0: "),
        ('{"text": "Ann", "spans": [[2, 2, "PERSON"]]}', "line 2, span 0: "),
    ],
)
def test_each_refusal_names_its_line_and_what_to_give(tmp_path, line, message):
    with pytest.raises(UnfitGold, match=message):
        read(tmp_path, GOOD, line)


def test_scores_are_of_exact_span_and_label():
    gold = [GoldArticle("Ann Hill Oslo", ((0, 8, "PERSON"), (9, 13, "GPE")))]
    proposals = [
        [Proposal(0, 8, "PERSON", 0.4), Proposal(0, 3, "PERSON"), Proposal(9, 13, "ORG"), Proposal(4, 8, "NORP")]
    ]
    figures = scored(gold, proposals)
    assert figures["micro"] == {"precision": 0.25, "recall": 0.5, "f1": 0.3333}
    assert list(figures["labels"]) == ["GPE", "NORP", "ORG", "PERSON"]
    assert figures["labels"]["PERSON"] == {"precision": 0.5, "recall": 1.0, "f1": 0.6667}
    assert figures["labels"]["GPE"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_other_labels_are_ignored_on_both_sides():
    gold = [GoldArticle("Ann Hill Oslo", ((0, 8, "PERSON"), (9, 13, "GPE")))]
    figures = scored(gold, [[Proposal(0, 8, "PERSON"), Proposal(9, 13, "ORG")]], ["PERSON", "LAW"])
    assert figures["micro"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert list(figures["labels"]) == ["LAW", "PERSON"]


def test_a_list_of_proposals_for_each_article_is_needed():
    with pytest.raises(ValueError, match="shorter"):
        scored([GoldArticle("", ())], [])
