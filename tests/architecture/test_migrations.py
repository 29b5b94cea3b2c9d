"""Migrations leave a desk in use: what is large is indexed beside its writers, and changed batch by batch."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader

from corpusapp.backup import archive

LARGE = {
    "article", "original", "sketch", "sketchband", "zone", "importproblem", "span", "change", "decision", "review",
    "event", "waiting", "runitem", "articlereading", "articlelearningrecord", "pendingupdate", "namecount",
    "alias", "aliaskey", "link",
}  # fmt: skip
ROOT = Path(__file__).parents[2]
# As `sha256sum` writes them, by paths from the top.
RELEASED = Path(__file__).with_name("released_migrations.sha256")
OURS = {"accounts", "articles", "review", "entities", "suggestions", "exports", "releases", "feed"}


def known():
    """The migrations of the oldest kept desk: no desk needs to have been without them."""
    kept = sorted((Path(__file__).parents[1] / "upgrade").glob("*.tar"))[0]
    return set(archive.about(kept)["migrations"])


def faults(migration):
    """What would hold up the writers of a large table for as long as it is read."""
    made = {
        operation.name.lower() for operation in migration.operations if isinstance(operation, migrations.CreateModel)
    }
    for operation in migration.operations:
        model = getattr(operation, "model_name", "").lower()
        if model not in LARGE - made:
            continue
        if isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
            yield f"an index of {model}: use AddIndexConcurrently"
        checked_at_once = isinstance(operation, migrations.AddConstraint)
        checked_at_once = checked_at_once and not isinstance(operation, AddConstraintNotValid)
        if checked_at_once and not isinstance(operation.constraint, models.UniqueConstraint):
            yield f"a constraint of {model}: use AddConstraintNotValid, and ValidateConstraint in the next one"
    if migration.atomic and any(isinstance(each, migrations.RunPython) for each in migration.operations):
        yield "Python that runs in one transaction: use corpusapp.core.migrating.in_batches, with atomic = False"


def is_in(old, key, migration):
    """Whether a desk with the migrations `old` has this one; a squashed one by those that it replaces."""
    return {".".join(key)} <= old or (
        bool(migration.replaces) and {".".join(each) for each in migration.replaces} <= old
    )


def test_no_later_migration_holds_up_a_desk():
    loader, old = MigrationLoader(None), known()
    later = {
        key: found for key, found in loader.disk_migrations.items() if key[0] in OURS and not is_in(old, key, found)
    }
    assert {key: list(faults(found)) for key, found in later.items() if list(faults(found))} == {}


@pytest.mark.parametrize(
    ("operation", "fault"),
    [
        (migrations.AddIndex("span", models.Index(fields=["state"], name="x")), "AddIndexConcurrently"),
        (AddIndexConcurrently("span", models.Index(fields=["state"], name="x")), None),
        (migrations.AddIndex("corpus", models.Index(fields=["slug"], name="x")), None),
        (
            migrations.AddConstraint("Span", models.CheckConstraint(condition=models.Q(), name="x")),
            "AddConstraintNotValid",
        ),
        (migrations.RunPython(migrations.RunPython.noop), "in_batches"),
    ],
)
def test_the_rule_itself(operation, fault):
    migration = migrations.Migration("x", "review")
    migration.operations = [operation]
    found = list(faults(migration))
    assert (fault is None and not found) or fault in found[0]


def test_no_migration_that_was_released_is_edited():
    """Desks have applied them. A new one is added to the list with the release that brings it."""
    listed = dict(line.split()[::-1] for line in RELEASED.read_text().splitlines())
    found = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in listed if (ROOT / name).exists()}
    assert found == listed
