"""How the articles of a release would be split, before it is created."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.exports.queries.preview import MOST_COUNTED
from annotations.exports.queries.records import CHUNK, chosen_articles
from annotations.exports.selection import Selection
from annotations.releases.split import Families, Part, Split
from corpusapp.articles.models import Corpus


@dataclass(frozen=True)
class PartPreview:
    """A part of the split with its number of articles. `helps` is the lowest share with which it would not be empty."""

    part: Part
    share: int
    articles: int
    helps: int | None = None

    @property
    def empty(self) -> bool:
        """Whether the part has a share, but no article."""
        return self.share > 0 and self.articles == 0

    @property
    def warning(self) -> str:
        if self.helps is None:
            return f"{self.part.capitalize()} will be empty. No share helps: the other parts hold all articles."
        return f"{self.part.capitalize()} will be empty. With {self.helps} % or more it has an article."


def preview_split(corpus: Corpus, selection: Selection, split: Split) -> list[PartPreview]:
    """The parts with their articles as of now; none for more articles than are counted, which leave no part empty."""
    ids = list(chosen_articles(corpus, selection).values_list("pk", flat=True)[: MOST_COUNTED + 1])
    if len(ids) > MOST_COUNTED:
        return []
    digests = _digests(corpus, ids)
    parts = [split.part_of(text_sha256) for text_sha256 in digests]
    return [_part(part, split, parts.count(part), digests) for part in Part]


def _digests(corpus: Corpus, ids: Sequence[int]) -> list[bytes]:
    families = Families(corpus)
    chunks = (families.digests(ids[start : start + CHUNK]) for start in range(0, len(ids), CHUNK))
    return [text_sha256 for chunk in chunks for text_sha256 in chunk.values()]


def _part(part: Part, split: Split, articles: int, digests: Sequence[bytes]) -> PartPreview:
    share = getattr(split, part)
    return PartPreview(part, share, articles, split.share_for(part, digests) if share and not articles else None)
