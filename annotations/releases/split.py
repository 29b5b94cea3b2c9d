"""Which part of a release an article belongs to: train, dev or test.

The rule looks at nothing but the seed, the shares and the text of the article's family, so an article has the same
part in every release, on every desk, whatever else the corpus holds. A family is all that hangs together as near
copies or versions of one another; it goes where the text of its first article, that which came in first, goes. An
article that comes in later as a copy of others therefore joins them, and moves none of them. Only where a new article
connects two families, or the first one is erased or taken out of its group by an editor, do some change their part,
since copies in two parts would be worse; comparing two releases tells which.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

RULE = (
    "SHA-256 over seed, NUL, and the SHA-256 (hexadecimal) of the UTF-8 text of the first article of the family (near "
    "copies and versions of one another); its first 8 bytes, big-endian, as a fraction of 2^64: below test/100 test, "
    "else below (test+dev)/100 dev, else train."
)


class Part(StrEnum):
    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


PARTS = tuple(str(part) for part in Part)


@dataclass(frozen=True, slots=True)
class Split:
    """Shares in percent, 100 together."""

    seed: str
    train: int
    dev: int
    test: int

    def part_of(self, text_sha256: bytes) -> Part:
        """The part of a family, by the hash of its first article's text."""
        digest = hashlib.sha256(f"{self.seed}\0{text_sha256.hex()}".encode()).digest()
        # In whole numbers: a fraction would be rounded.
        position = int.from_bytes(digest[:8], "big") * 100
        if position < self.test << 64:
            return Part.TEST
        return Part.DEV if position < (self.test + self.dev) << 64 else Part.TRAIN
