"""A row for all events of the spans that an import decided in an article: it names their decision and their number."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


def _decision() -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=True,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="review.decision",
    )


class Migration(migrations.Migration):
    dependencies = [("feed", "0001_squashed_tables"), ("review", "0002_squashed_guards")]

    operations = [
        migrations.AddField("event", "decision", _decision()),
        migrations.AddField("event", "events", models.PositiveIntegerField(db_default=1)),
        migrations.AddField("waiting", "decision", _decision()),
        migrations.AddField("waiting", "events", models.PositiveIntegerField(db_default=1)),
        AddConstraintNotValid(
            "event",
            models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", None), ("events", 1)),
                    models.Q(("decision__isnull", False), ("events__gt", 1), ("kind", "span")),
                    _connector="OR",
                ),
                name="event_of_several_names_decision",
            ),
        ),
    ]
