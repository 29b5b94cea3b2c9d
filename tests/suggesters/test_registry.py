"""Suggesters by name."""

from importlib.metadata import EntryPoint

import pytest

from annotations.suggesters.protocol import Proposal
from annotations.suggesters.registry import GROUP, DuplicateSuggester, Registry, UnknownSuggester, installed


class Everything:
    """Proposes each complete text."""

    version, digest = "1", "0" * 64

    def __init__(self, option):
        self.name = f"everything as {option}"
        self._label = option

    def propose(self, texts):
        return ([Proposal(0, len(source.text), self._label)] for source in texts)


def test_a_package_adds_a_suggester_by_an_entry_point():
    point = EntryPoint("everything", f"{__name__}:Everything", GROUP)
    made = installed([point]).make("everything", "ORG")
    assert made.name == "everything as ORG"


def test_suggesters_are_imported_on_first_use():
    registry = installed([EntryPoint("broken", "no.such.module:Maker", GROUP)])
    assert {"broken", "spacy"} <= set(registry.names())
    with pytest.raises(ModuleNotFoundError):
        registry.make("broken", "")


def test_duplicate_names_are_refused():
    registry = Registry()
    registry.register("one", lambda: Everything)
    with pytest.raises(DuplicateSuggester, match="two suggesters named 'one'"):
        registry.register("one", lambda: Everything)
    with pytest.raises(DuplicateSuggester, match="'spacy'"):
        installed([EntryPoint("spacy", f"{__name__}:Everything", GROUP)])


def test_an_unknown_name_lists_the_known_ones():
    registry = Registry()
    registry.register("one", lambda: Everything)
    registry.register("another", lambda: Everything)
    with pytest.raises(UnknownSuggester, match="no suggester 'third': use one of another, one"):
        registry.make("third", "")
