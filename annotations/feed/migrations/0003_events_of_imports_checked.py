"""Check the constraint of the migration before for existing rows, beside their readers and writers."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("feed", "0002_events_of_imports")]
    operations = [ValidateConstraint("event", "event_of_several_names_decision")]
