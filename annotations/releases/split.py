"""The part of a release that an article belongs to: train, dev or test.

The part depends only on the seed, the shares and the text of the first article of the family, so that an article has
the same part in every release of every desk. A family is a connected group of near copies and versions; its first
article is the oldest. A later copy joins its family and moves no other article. Articles change their part only if a
new article connects two families, or if the first one is erased or removed from its group. Copies in two parts would be
worse. Comparing two releases lists the articles that moved.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection

from corpusapp.articles.models import Article, Corpus

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
    """Shares in percent, 100 in total."""

    seed: str
    train: int
    dev: int
    test: int

    def part_of(self, text_sha256: bytes) -> Part:
        """The part of a family, by the SHA-256 of the text of its first article."""
        position = self._position(text_sha256)
        if position < self.test << 64:
            return Part.TEST
        return Part.DEV if position < (self.test + self.dev) << 64 else Part.TRAIN

    def share_for(self, part: Part, families: Iterable[bytes]) -> int | None:
        """The lowest share with which `part` holds one of these families, if the shares of the others stay in order.

        None if there is none, because the parts before it hold all families.
        """
        positions = [self._position(text_sha256) for text_sha256 in families]
        if part == Part.TRAIN:
            return 100 - (max(positions) >> 64) if positions else None
        start = self.test if part == Part.DEV else 0
        behind = [position for position in positions if position >= start << 64]
        return (min(behind) >> 64) - start + 1 if behind else None

    def _position(self, text_sha256: bytes) -> int:
        """Where a family stands, in percent, as an integer with 64 binary places: a fraction would be rounded."""
        digest = hashlib.sha256(f"{self.seed}\0{text_sha256.hex()}".encode()).digest()
        return int.from_bytes(digest[:8], "big") * 100


# Withdrawn articles count, so that hiding one moves no other. Erased articles are in no group, and only link versions.
_FIRST_OF_GROUPS = """
    SELECT copy_group_id, min(id) FROM articles_article
    WHERE corpus_id = %s AND copy_group_id IS NOT NULL GROUP BY copy_group_id
"""
_VERSIONS = """
    SELECT a.id, a.copy_group_id, a.erased_at IS NOT NULL, p.id, p.copy_group_id, p.erased_at IS NOT NULL
    FROM articles_article a JOIN articles_article p ON p.id = a.previous_id WHERE a.corpus_id = %s ORDER BY a.id
"""


class Families:
    """The first article of each article's family, in one snapshot.

    Holds two numbers for each group of copies and each version; other articles take no memory.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus_id = corpus.pk
        self._lower: dict[int, int] = {}
        self._erased: set[int] = set()
        with connection.cursor() as cursor:
            cursor.execute(_FIRST_OF_GROUPS, [corpus.pk])
            self._first_of_group = dict(cursor.fetchall())
            cursor.execute(_VERSIONS, [corpus.pk])
            for *newer, erased, older, group, older_erased in cursor:
                self._erased |= {pk for pk, gone in ((newer[0], erased), (older, older_erased)) if gone}
                self._join(self._first(*newer), self._first(older, group))

    def parts(self, ids: Sequence[int], split: Split) -> dict[int, Part]:
        """The part of each of these articles. Two queries."""
        return {pk: split.part_of(text_sha256) for pk, text_sha256 in self.digests(ids).items()}

    def digests(self, ids: Sequence[int]) -> dict[int, bytes]:
        """The SHA-256 of the text of the first article of each article's family. Two queries."""
        groups = dict(Article.objects.filter(pk__in=ids).values_list("pk", "copy_group_id").order_by())
        first = {pk: self._find(self._first(pk, group)) for pk, group in groups.items()}
        hashes = _hashes(set(first.values()))
        return {pk: hashes[leader] for pk, leader in first.items()}

    def _first(self, article: int, group: int | None) -> int:
        return article if group is None else self._first_of_group[group]

    def _find(self, article: int) -> int:
        while (lower := self._lower.get(article)) is not None:
            # Path compression: a long chain is followed once.
            self._lower[article] = self._lower.get(lower, lower)
            article = lower
        return article

    def _join(self, one: int, other: int) -> None:
        one, other = self._find(one), self._find(other)
        if one != other:
            first, second = sorted((one, other), key=lambda article: (article in self._erased, article))
            self._lower[second] = first


def _hashes(ids: Iterable[int]) -> dict[int, bytes]:
    rows = Article.objects.filter(pk__in=ids).values_list("pk", "text_sha256").order_by()
    return {pk: bytes(digest) for pk, digest in rows}
