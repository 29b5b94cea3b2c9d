"""Allow events of entities and links, and one row for the links of a decision.

The constraints are replaced at once, and checked beside readers and writers.
"""

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
    ("entity", "Entity"),
    ("link", "Link"),
]
NEW = ("entity", "link")
SEVERAL = "event_of_several_names_decision"


def _replace(kinds: list[str], several: list[str]) -> str:
    named, parts = (", ".join(f"'{kind}'" for kind in listed) for listed in (kinds, several))
    return f"""
        ALTER TABLE feed_event DROP CONSTRAINT event_kind_known, DROP CONSTRAINT {SEVERAL},
        ADD CONSTRAINT event_kind_known CHECK (kind IN ({named})) NOT VALID,
        ADD CONSTRAINT {SEVERAL} CHECK (
            (decision_id IS NULL AND events = 1) OR (decision_id IS NOT NULL AND events > 1 AND kind IN ({parts}))
        ) NOT VALID
    """


class Migration(migrations.Migration):
    # So that the check of existing rows holds no lock of the statement before.
    atomic = False
    dependencies = [("feed", "0004_events_of_metadata"), ("entities", "0001_tables")]
    operations = [
        migrations.AlterField("event", "kind", models.CharField(choices=KINDS, max_length=20)),
        migrations.AlterField("waiting", "kind", models.CharField(choices=KINDS, max_length=20)),
        migrations.RunSQL(
            _replace([kind for kind, _ in KINDS], ["span", "link"]),
            _replace([kind for kind, _ in KINDS if kind not in NEW], ["span"]),
            state_operations=[
                migrations.RemoveConstraint("event", "event_kind_known"),
                migrations.RemoveConstraint("event", SEVERAL),
                migrations.AddConstraint(
                    "event",
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", [kind for kind, _ in KINDS])), name="event_kind_known"
                    ),
                ),
                migrations.AddConstraint(
                    "event",
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decision", None), ("events", 1)),
                            models.Q(("decision__isnull", False), ("events__gt", 1), ("kind__in", ["span", "link"])),
                            _connector="OR",
                        ),
                        name=SEVERAL,
                    ),
                ),
            ],
        ),
        ValidateConstraint("event", "event_kind_known"),
        ValidateConstraint("event", SEVERAL),
    ]
