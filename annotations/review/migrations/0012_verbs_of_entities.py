"""Decisions also link spans to entities, and change entities."""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

VERBS = [
    "confirm", "reject", "relabel", "move", "add", "undo", "redo", "import", "finish", "reopen", "several", "link",
    "unlink", "create", "rename", "describe", "identify", "alias", "merge", "split", "distinct",
]  # fmt: skip
FIELD = models.CharField(choices=[(verb, verb.title()) for verb in VERBS], max_length=8)


class Migration(migrations.Migration):
    dependencies = [("review", "0011_comment_replies")]
    operations = [
        migrations.AlterField("decision", "verb", FIELD),
        migrations.AlterField("change", "verb", FIELD),
        migrations.RemoveConstraint("decision", "decision_verb_known"),
        AddConstraintNotValid(
            "decision",
            models.CheckConstraint(condition=models.Q(("verb__in", VERBS)), name="decision_verb_known"),
        ),
    ]
