"""Lines in many articles of a source are boilerplate; the number needed depends on their position."""

import pytest

from corpusapp.text.lines import RecurringLines, find_recurring, normalised_line, normalised_lines, split_lines

TEXT = "North Wire\n\nThe ferry stopped.\n\nBackground\n\nThe ice is old.\n\nIt will melt.\n\nNorth Wire 2019"


def found(counts, articles, text=TEXT):
    lines = split_lines(text)
    known = RecurringLines({normalised_line(line): count for line, count in counts.items()}, articles)
    return [lines[index].text for index in sorted(find_recurring(lines, known))]


def test_case_spacing_and_numbers_are_ignored():
    assert normalised_line("  News   CODE 12380 ") == normalised_line("News Code 7")
    assert normalised_lines("A 1\nA 2\n\nB") == {"a 0", "b"}


@pytest.mark.parametrize(
    ("line", "count", "articles", "is_found"),
    [
        ("North Wire", 3, 40, True),
        ("North Wire", 2, 40, False),
        ("North Wire", 3, 100, False),
        ("North Wire 2019", 5, 100, True),
        ("Background", 10, 100, False),
        ("Background", 40, 100, True),
        ("The ice is old.", 40, 100, False),
        ("The ice is old.", 70, 100, True),
        ("It will melt.", 20, 100, False),
        ("It will melt.", 40, 100, True),
    ],
)
def test_number_of_articles_needed(line, count, articles, is_found):
    assert found({line: count}, articles) == ([line] if is_found else [])


def test_few_articles_are_no_evidence():
    assert found({"North Wire": 3}, 3) == []
    assert found({}, 0) == []
