"""Decisions say how many actions their possible spans spared."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0005_read_by_index")]
    operations = [
        migrations.AddField(
            "decision",
            "spared_actions",
            models.PositiveIntegerField(
                default=0,
                db_default=0,
                help_text="Actions of the editor that taking possible spans spared: one for each.",
            ),
        ),
    ]
