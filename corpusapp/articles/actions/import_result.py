"""What became of a chunk of drafts, and what an import says of its items."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from corpusapp.articles.models import ImportBatch, ImportProblem
from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import DONE, Draft, Failure


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


Kind = ImportProblem.Kind
_ITEM_LENGTH, _FIELD_LENGTH = 400, 200
# Bytes of a failed item that are kept for another try; what is larger has to be sent again.
_KEPT = 5_000_000
_NOT_DONE = "not marked done: the file says so, or some spans are undecided or have moved"


def log_problems(batch: ImportBatch, outcome: Outcome, drafts: Sequence[Draft]) -> None:
    """One row for each failure, each duplicate, and each note."""
    problems = [_failure(batch, failure) for failure in outcome.failures]
    for draft, twin in outcome.duplicates:
        # One that came in with the same chunk has its id only by now.
        article_id = twin.pk if isinstance(twin, New) else twin
        problems.append(
            _row(batch, Kind.DUPLICATE, draft, "an article with the same text already exists", article_id=article_id)
        )
    asked = batch.options.get("done", False)
    for draft in drafts:
        problems += [_row(batch, Kind.NOTE, draft, note) for note in draft.notes]
        if (asked or draft.stage == DONE) and draft.spans_given and not draft.is_done(asked):
            problems.append(_row(batch, Kind.NOTE, draft, _NOT_DONE))
    ImportProblem.objects.bulk_create(problems, 1000)


def _failure(batch: ImportBatch, failure: Failure) -> ImportProblem:
    raw = failure.raw if failure.raw is not None and len(failure.raw) <= _KEPT else None
    row = _row(batch, Kind.FAILED, failure, failure.reason, field=storable(failure.field)[:_FIELD_LENGTH])
    row.form, row.data = failure.form, zlib.compress(raw) if raw is not None else None
    return row


def _row(batch: ImportBatch, kind: Kind, item: Draft | Failure, reason: str, **more: object) -> ImportProblem:
    name = storable(item.item)[:_ITEM_LENGTH]
    return ImportProblem(batch=batch, kind=kind, item=name, line=item.line, reason=storable(reason), **more)


def storable(text: str) -> str:
    """A reason may quote what could not be stored."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\0")
