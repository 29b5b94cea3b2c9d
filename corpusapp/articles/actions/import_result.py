"""What became of a chunk of drafts."""

from dataclasses import dataclass, field

from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import Draft, Failure


@dataclass
class Outcome:
    """`added` counts new versions too, which `changed` counts alone; `duplicates` name what is there already."""

    added: int = 0
    changed: int = 0
    duplicates: list[tuple[Draft, "int | New"]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@dataclass
class New:
    """A draft that will be stored, with its keys and its place among the versions of an article."""

    completed: Completed
    text_sha256: bytes
    url_sha256: bytes | None
    version: int = 1
    previous: "int | New | None" = None
    pk: int = 0

    @property
    def draft(self) -> Draft:
        return self.completed.draft
