"""The index of assigned articles, created beside writers."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("review", "0009_assignment_and_saved_filters")]
    operations = [
        AddIndexConcurrently(
            "review",
            models.Index(
                fields=["assignee", "corpus", "-article"],
                condition=models.Q(assignee__isnull=False),
                name="review_by_assignee",
            ),
        ),
    ]
