"""What an import says over REST: its counts, what failed, what was a duplicate of what."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F
from rest_framework import serializers

from corpusapp.articles.actions.uploads import kept_files
from corpusapp.articles.models import ImportBatch, ImportProblem
from corpusapp.articles.queries import duplicates, failed_items, notes

SHOWN = 1000


class ImportNote(serializers.Serializer):
    item = serializers.CharField(help_text="The article: `articles[3]`, counted from 0, or a file name.")
    line = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()


class ImportProblemShape(ImportNote):
    id = serializers.IntegerField()
    field = serializers.CharField(
        help_text="Field of the record, such as `spans[0].label`; empty if no field is wrong."
    )
    retryable = serializers.BooleanField(help_text="Whether `problems/{id}/retry/` can read it again.")


class Repeat(serializers.Serializer):
    item = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    duplicate_of = serializers.IntegerField(allow_null=True, help_text="The existing article; null if it is erased.")


class ImportReport(serializers.Serializer):
    batch = serializers.IntegerField()
    added = serializers.IntegerField(help_text="New articles, including new versions.")
    duplicates = serializers.IntegerField()
    changed = serializers.IntegerField(help_text="New versions of existing articles.")
    failed = serializers.IntegerField()
    problems = ImportProblemShape(
        many=True, help_text="Items that failed and were not imported since; the first 1,000."
    )
    repeats = Repeat(many=True, help_text="Duplicates, each with its article; the first 1,000.")
    notes = ImportNote(many=True, help_text="What was changed in imported items; the first 1,000.")


def import_report(batch: ImportBatch) -> dict[str, Any]:
    """What became of an import, as far as it has come."""
    repeats = duplicates(batch).values("item", "line", duplicate_of=F("article_id"))
    return {
        "batch": batch.pk,
        "added": batch.added,
        "duplicates": batch.duplicates,
        "changed": batch.changed,
        "failed": batch.failed,
        "problems": list(_problems(batch)),
        "repeats": list(repeats[:SHOWN]),
        "notes": list(notes(batch).values("item", "line", "reason")[:SHOWN]),
    }


def problem_json(problem: ImportProblem, *, retryable: bool) -> dict[str, Any]:
    return {
        "id": problem.pk,
        "item": problem.item,
        "line": problem.line,
        "field": problem.field,
        "reason": problem.reason,
        "retryable": retryable,
    }


def _problems(batch: ImportBatch) -> Iterator[dict[str, Any]]:
    files = bool(kept_files(batch))
    for problem in failed_items(batch)[:SHOWN]:
        yield problem_json(problem, retryable=files or problem.kept)
