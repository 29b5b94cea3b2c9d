"""Allow events of changed metadata. The constraint is replaced at once, and checked beside readers and writers."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations, models

KINDS = [
    ("article.added", "Added"),
    ("article.version", "Version"),
    ("article.withdrawn", "Withdrawn"),
    ("article.restored", "Restored"),
    ("article.erased", "Erased"),
    ("corpus.withdrawn", "Corpus Withdrawn"),
    ("corpus.restored", "Corpus Restored"),
    ("corpus.erased", "Corpus Erased"),
    ("article.stage", "Stage"),
    ("article.metadata", "Metadata"),
    ("article.zones", "Zones"),
    ("label", "Label"),
    ("span", "Span"),
]
NEW = "article.metadata"


def _replace(kinds: list[str]) -> str:
    named = ", ".join(f"'{kind}'" for kind in kinds)
    return f"""
        ALTER TABLE feed_event DROP CONSTRAINT event_kind_known,
        ADD CONSTRAINT event_kind_known CHECK (kind IN ({named})) NOT VALID
    """


class Migration(migrations.Migration):
    # So that the check of existing rows holds no lock of the statement before.
    atomic = False
    dependencies = [("feed", "0003_events_of_imports_checked")]
    operations = [
        migrations.AlterField("event", "kind", models.CharField(choices=KINDS, max_length=20)),
        migrations.AlterField("waiting", "kind", models.CharField(choices=KINDS, max_length=20)),
        migrations.RunSQL(
            _replace([kind for kind, _ in KINDS]),
            _replace([kind for kind, _ in KINDS if kind != NEW]),
            state_operations=[
                migrations.RemoveConstraint("event", "event_kind_known"),
                migrations.AddConstraint(
                    "event",
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="event_kind_known"
                    ),
                ),
            ],
        ),
        ValidateConstraint("event", "event_kind_known"),
    ]
