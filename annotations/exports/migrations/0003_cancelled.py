"""An export can be cancelled while it waits or is made."""

from django.db import migrations, models
from django.db.models import Q

STATES = [
    ("waiting", "Waiting"),
    ("making", "Making"),
    ("finished", "Finished"),
    ("refused", "refused: the format cannot hold all of it"),
    ("failed", "Failed"),
    ("cleared", "cleared away"),
    ("cancelled", "Cancelled"),
]


class Migration(migrations.Migration):
    dependencies = [("exports", "0002_of_releases")]
    operations = [
        migrations.AlterField(
            model_name="export",
            name="state",
            field=models.CharField(choices=STATES, default="waiting", max_length=9),
        ),
        migrations.RemoveConstraint(model_name="export", name="export_state_known"),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=Q(state__in=[state for state, _ in STATES]), name="export_state_known"
            ),
        ),
    ]
