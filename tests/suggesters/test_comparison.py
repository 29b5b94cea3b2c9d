"""A model is better only if it is significantly better on held-back articles."""

from annotations.suggesters.comparison import compare, is_held_back
from annotations.suggesters.protocol import Proposal

TRUE = ((0, 5, "PERSON"), (10, 14, "GPE"))
RIGHT = [Proposal(0, 5, "PERSON"), Proposal(10, 14, "GPE")]
HALF = [Proposal(0, 5, "PERSON"), Proposal(10, 14, "ORG")]
LABELS = ("PERSON", "GPE", "ORG")


def verdict(before, after):
    return compare([TRUE] * len(before), before, after, LABELS)


def test_better_everywhere_is_better():
    found = verdict([HALF] * 6, [RIGHT] * 6)
    assert found.better
    assert "F1 0.500 before, 1.000 after, on 6 held-back articles; better in 100% of 1000 resamples" in found.reason
    assert (found.before["micro"]["f1"], found.after["micro"]["f1_interval"]) == (0.5, [1.0, 1.0])
    assert found.before["confusion"] == [["GPE", "ORG", 6], ["PERSON", "PERSON", 6]]
    assert found.before["labels"]["ORG"]["proposed"] == 6


def test_a_draw_or_a_single_win_is_not_better():
    assert not verdict([HALF] * 6, [HALF] * 6).better
    assert not verdict([HALF, *[RIGHT] * 9], [RIGHT, *[RIGHT] * 8, HALF]).better
    assert not verdict([RIGHT] * 6, [HALF] * 6).better


def test_a_few_articles_prove_nothing():
    found = verdict([HALF] * 4, [RIGHT] * 4)
    assert not found.better
    assert "4 held-back articles are done: 5" in found.reason


def test_no_articles():
    found = verdict([], [])
    assert (found.better, found.after["articles"], found.after["micro"]["f1"]) == (False, 0, 0.0)


def test_the_confusion_table_has_spans_of_one_side():
    found = verdict([[Proposal(20, 24, "ORG")]], [[]])
    assert found.before["confusion"] == [["", "ORG", 1], ["GPE", "", 1], ["PERSON", "", 1]]


def test_the_same_seed_gives_the_same_intervals():
    mixed = [HALF, RIGHT, HALF, [], RIGHT, HALF]
    assert verdict(mixed, mixed) == verdict(mixed, mixed)


def test_about_a_fifth_is_held_back_always_the_same():
    held = [n for n in range(1000) if is_held_back("7", f"text {n}")]
    assert 150 < len(held) < 250
    assert held == [n for n in range(1000) if is_held_back("7", f"text {n}")]
    assert held != [n for n in range(1000) if is_held_back("8", f"text {n}")]
