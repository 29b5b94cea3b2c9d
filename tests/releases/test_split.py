"""The part of an article: by its text, permanent, and shared with its copies and versions."""

import pytest

from annotations.releases.split import Part, Split
from corpusapp.articles.models import Article
from tests import factories
from tests.releases import cast

STORY = (
    "The foreign ministers of Iran and Syria met in Damascus on Monday and spoke about the reconstruction of roads, "
    "ports and power stations that were destroyed in seven years of war, the agency said. Trade between the two "
    "countries is to grow, and a bank is to be founded. Neither of them answered the questions of reporters{}."
)


def parts(corpus, **asked) -> dict[str, str]:
    """By external id."""
    return {line["external_id"]: line["split"] for line in cast.lines(cast.make(corpus, **asked))}


def test_the_shares_are_kept_and_the_rule_is_fixed():
    split = Split("1", train=80, dev=10, test=10)
    found = [split.part_of(number.to_bytes(32)) for number in range(5000)]
    assert [pytest.approx(found.count(part) / 50, abs=1.5) for part in Part] == [80, 10, 10]
    # The rule in manifests always gives the same parts.
    assert [number for number in range(24) if found[number] != Part.TRAIN] == [0, 1, 20]
    assert found[0] == Part.TEST
    assert {Split("1", train=0, dev=0, test=100).part_of(bytes([byte])) for byte in range(99)} == {Part.TEST}
    assert {Split("1", train=100, dev=0, test=0).part_of(bytes([byte])) for byte in range(99)} == {Part.TRAIN}


def test_an_article_keeps_its_part_while_the_corpus_grows(db):
    corpus = factories.make_corpus()
    for number in range(12):
        factories.make_article(corpus, f"Report {number * 7919} from Damascus.", external_id=f"e-{number}")
    # The articles are in different parts.
    first = parts(corpus, seed="s", shares={"train": 34, "dev": 33, "test": 33})
    assert len(set(first.values())) > 1
    for number in range(12, 20):
        factories.make_article(corpus, f"Report {number * 7919} from Damascus.", external_id=f"e-{number}")
    Article.objects.filter(external_id="e-3").update(withdrawn_at="2026-01-01T00:00:00Z")
    # The seed and shares default to those of the last release.
    second = parts(corpus)
    assert {key: part for key, part in first.items() if key != "e-3"}.items() <= second.items() and len(second) == 19
    assert parts(corpus, seed="t") != second
    # Also in another corpus, in another order.
    again = factories.make_corpus("again")
    for number in reversed(range(12)):
        factories.make_article(again, f"Report {number * 7919} from Damascus.", external_id=f"e-{number}")
    assert parts(again, seed="s", shares={"train": 34, "dev": 33, "test": 33}) == first


def test_copies_and_versions_are_in_one_part(db):
    corpus = factories.make_corpus()
    thirds = {"train": 34, "dev": 33, "test": 33}
    factories.make_article(corpus, STORY.format(""), external_id="one")
    alone = {seed: parts(corpus, seed=seed, shares=thirds)["one"] for seed in "123"}
    factories.make_article(corpus, STORY.format(", as before"), external_id="copy")
    factories.make_article(corpus, "Corrected: nothing of the kind took place.", external_id="one")
    factories.make_article(corpus, STORY.format(", again"), external_id="other")
    assert Article.objects.filter(copy_group=None).count() == 1
    # A later article joins, and moves no other.
    for seed, part in alone.items():
        lines = cast.lines(cast.make(corpus, seed=seed))
        assert len(lines) == 4 and {line["split"] for line in lines} == {part}
    # A withdrawn first article still counts.
    Article.objects.filter(external_id="one", version=1).update(withdrawn_at="2026-01-01T00:00:00Z")
    assert set(parts(corpus).values()) == {alone["3"]}
