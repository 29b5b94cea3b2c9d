"""Each suggester reads what is written in its language, with the labels of the corpus."""

import pytest

from annotations.suggesters.by_language import USUAL_LABELS, ByLanguage, Relabelled
from annotations.suggesters.protocol import Doubts, Proposal, SourceText, pieces


class Words:
    """Proposes every word in capitals outside of boilerplate, with one label."""

    version = "1"

    def __init__(self, name, label, language=None):
        self.name, self.digest, self.label = name, name, label
        if language is not None:
            self.language = language

    def propose(self, texts):
        for source in texts:
            yield [
                Proposal(offset + piece.index(word), offset + piece.index(word) + len(word), self.label)
                for offset, piece in pieces(source)
                for word in piece.split()
                if word.isupper()
            ]


ENGLISH, FRENCH = Words("english", "ORG", "en"), Words("french", "PERSON", "fr")


def found(suggester, *sources):
    return [
        [(source.text[p.start : p.end], p.label) for p in proposals]
        for source, proposals in zip(sources, suggester.propose(iter(sources)), strict=True)
    ]


def test_each_text_is_read_in_its_language_and_in_order():
    sources = [SourceText(text, language=code) for text, code in
               [("a ONE", "en"), ("b TWO", "fr"), ("c THREE", "ar"), ("d FOUR", ""), ("e FIVE", "fr")]]  # fmt: skip
    assert found(ByLanguage(ENGLISH, {"fr": FRENCH}), *sources) == [
        [("ONE", "ORG")], [("TWO", "PERSON")], [], [("FOUR", "ORG")], [("FIVE", "PERSON")],
    ]  # fmt: skip
    assert found(ByLanguage(ENGLISH, {}), *sources)[1] == []


def test_a_main_suggester_without_a_language_reads_all_others():
    sources = [SourceText("a ONE", language=code) for code in ("de", "fr", "")]
    both = ByLanguage(Words("any", "ORG"), {"fr": FRENCH})
    assert found(both, *sources) == [[("ONE", "ORG")], [("ONE", "PERSON")], [("ONE", "ORG")]]


def test_parts_of_a_text_are_read_in_theirs():
    text = "one ONE\ndeux TWO\nthree THREE\nvier FOUR"
    parts = ((8, 16, "fr"), (29, 38, "de"))
    source = SourceText(text, language="en", parts=parts)
    both = ByLanguage(ENGLISH, {"fr": FRENCH})
    assert found(both, source) == [[("ONE", "ORG"), ("TWO", "PERSON"), ("THREE", "ORG")]]


def test_its_digest_names_all_suggesters_and_their_languages():
    digests = {ByLanguage(ENGLISH, others).digest for others in ({}, {"fr": FRENCH}, {"de": FRENCH}, {"fr": ENGLISH})}
    assert len(digests) == 4


class Four:
    """A suggester with the four labels of most languages."""

    name, version, digest = "four", "1", "four"

    def propose_with_doubts(self, texts):
        for source in texts:
            spans = [("Marie", "PER"), ("Oslo", "LOC"), ("mer Noire", "LOC"), ("Coupe", "MISC"), ("AFP", "ORG")]
            proposals = [
                Proposal(source.text.index(name), source.text.index(name) + len(name), label, 0.8, shares={label: 0.8})
                for name, label in spans
            ]
            yield proposals, Doubts([Proposal(0, 1, "LOC", 0.1, shares={"LOC": 0.1, "PER": 0.05, "MISC": 0.3})])


def test_labels_become_those_of_the_corpus():
    source = SourceText("Marie Oslo mer Noire Coupe AFP")
    ((proposals, doubts),) = Relabelled(Four(), USUAL_LABELS).propose_with_doubts([source])
    assert [proposal.label for proposal in proposals] == ["PERSON", "GPE", "LOC", "ORG"]
    assert [proposal.shares for proposal in proposals][:2] == [{"PERSON": 0.8}, {"GPE": 0.8}]
    assert [(doubt.label, doubt.shares) for doubt in doubts.beginnings] == [("GPE", {"GPE": 0.1, "PERSON": 0.05})]


@pytest.mark.parametrize("labels", [{}, {"PER": "PERSON"}, {"PER": ""}])
def test_another_table_is_another_suggester(labels):
    assert Relabelled(Four(), labels).digest != Relabelled(Four(), USUAL_LABELS).digest
