"""A base suggester with fixed proposals by text."""

from annotations.suggesters.protocol import Doubts, Proposal


class FixedSuggester:
    """`found` has (surface, label) pairs by text. The first occurrence of each surface is proposed."""

    name, version, digest = "fixed", "1", "0" * 64

    def __init__(self, found):
        self._found = found
        self.read = 0

    def propose(self, texts):
        for source in texts:
            self.read += 1
            pairs = self._found.get(source.text, ())
            yield [_proposal(source.text, surface, label) for surface, label in pairs]


class UnsureSuggester:
    """Takes a name for an organisation, and thinks that it may be a person, with these `shares`."""

    name, version, digest = "unsure", "1", "unsure"

    def __init__(self, surface, shares):
        self._surface, self._shares = surface, shares

    def propose_with_doubts(self, texts):
        for source in texts:
            start = source.text.find(self._surface)
            end = start + len(self._surface)
            yield [Proposal(start, end, "ORG", 0.5, shares=self._shares)], Doubts()

    def propose(self, texts):
        return (proposals for proposals, _ in self.propose_with_doubts(texts))


def _proposal(text, surface, label):
    start = text.index(surface)
    return Proposal(start, start + len(surface), label)
