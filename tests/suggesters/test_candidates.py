"""Candidates for names: from a base suggester, and by writing."""

import pytest

from annotations.suggesters.candidates import ACRONYM, CAPITALS, LONG, LONGEST, ROLE, find_candidates
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.words import Words


def candidates(text, *base, closed=(), by_writing=True):
    proposals = [Proposal(text.index(surface), text.index(surface) + len(surface), label) for surface, label in base]
    return find_candidates(Words(text), proposals, closed, by_writing=by_writing)


def named(text, ranges):
    return {text[start:end]: kind for (start, end), kind in ranges.items()}


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("the office (OLAF) opened", {"OLAF": ACRONYM}),
        ("the office (olaf) opened", {}),
        ("minister Karl Brandt came", {"Karl Brandt": ROLE}),
        ("“No,” said Karl Brandt.", {"Karl Brandt": ROLE}),
        ("he said Karl Brandt left", {"Karl Brandt": CAPITALS}),
        ("Minister\nKarl", {"Minister": CAPITALS, "Karl": CAPITALS}),
        ("the Hill Committee on Rivers sat", {"Hill Committee on Rivers": LONG}),
        ("Boats sank. The boats rose.", {}),
        ("she saw Leone von Trapp", {"Leone von Trapp": CAPITALS}),
        ("in Stoke-on-Trent", {"Stoke": CAPITALS, "Trent": CAPITALS}),
        ("in Aix-Marseille", {"Aix-Marseille": CAPITALS}),
        ("A B C", {}),
        (" ".join(["Capital"] * 13), {}),
    ],
)
def test_candidates_found_by_writing(text, written):
    assert named(text, candidates(text).written) == written
    assert not candidates(text, by_writing=False).written


def test_names_are_split_at_lines_and_trimmed_and_other_proposals_kept():
    text = "Prime Minister Karl Brandt\nRome's on Monday"
    found = candidates(text, ("Prime Minister Karl Brandt\nRome's", "PERSON"), ("Monday", "DATE"))
    assert named(text, found.proposed) == {"Karl Brandt": "PERSON", "Rome": "PERSON"}
    assert [text[rest.start : rest.end] for rest in found.rest] == ["Monday"]


def test_only_a_longer_proposal_replaces_a_long_name():
    text = "he saw Old Hill Committee on Rivers"
    wide = candidates(text, ("he saw Old Hill Committee on Rivers", "ORG"))
    assert (list(wide.proposed.values()), wide.written) == (["ORG"], {})
    narrow = candidates(text, ("Hill", "GPE"))
    assert (narrow.proposed, named(text, narrow.written)) == ({}, {"Old Hill Committee on Rivers": LONG})


def test_candidates_avoid_closed_ranges_and_do_not_overlap():
    text = "Karl Brandt met Ann Hill"
    found = candidates(text, ("Karl Brandt", "PERSON"), ("Brandt met", "ORG"), closed=[(16, 24)])
    assert named(text, found.proposed) == {"Karl Brandt": "PERSON"}
    assert not found.written


def test_too_long_proposals_are_kept_unchanged():
    text = "a" * (LONGEST + 1)
    assert candidates(text, (text, "ORG")).rest == [Proposal(0, LONGEST + 1, "ORG")]
