"""No row holds another verb."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("review", "0012_verbs_of_entities")]
    operations = [ValidateConstraint("decision", "decision_verb_known")]
