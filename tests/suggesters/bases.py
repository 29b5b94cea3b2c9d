"""A base suggester that proposes what it was told to, by text."""

from annotations.suggesters.protocol import Proposal


class Told:
    """`found` gives (surface, label) pairs by text; each surface is proposed where it stands first."""

    name, version, digest = "told", "1", "0" * 64

    def __init__(self, found):
        self._found = found
        self.read = 0

    def propose(self, texts):
        for source in texts:
            self.read += 1
            pairs = self._found.get(source.text, ())
            yield [_proposal(source.text, surface, label) for surface, label in pairs]


def _proposal(text, surface, label):
    start = text.index(surface)
    return Proposal(start, start + len(surface), label)
