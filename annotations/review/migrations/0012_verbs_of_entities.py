"""Decisions also link spans to entities, and change entities."""

from django.db import migrations, models

VERBS = [
    ("confirm", "Confirm"), ("reject", "Reject"), ("relabel", "Relabel"), ("move", "Move"), ("add", "Add"),
    ("undo", "Undo"), ("redo", "Redo"), ("import", "Import"), ("finish", "Finish"), ("reopen", "Reopen"),
    ("several", "Several"), ("link", "Link"), ("unlink", "Unlink"), ("create", "Create"), ("rename", "Rename"),
    ("describe", "Describe"), ("identify", "Identify"), ("alias", "Alias"), ("merge", "Merge"), ("split", "Split"),
    ("distinct", "Distinct"),
]  # fmt: skip
NAMES = ", ".join(f"'{name}'" for name, _ in VERBS)
FORMER = ", ".join(f"'{name}'" for name, _ in VERBS[:11])
# Not validated: all verbs of before are still known, and the log of a large desk is not read for that.
CHECK = (
    "ALTER TABLE review_decision DROP CONSTRAINT decision_verb_known;"
    "ALTER TABLE review_decision ADD CONSTRAINT decision_verb_known CHECK (verb IN ({})) NOT VALID;"
)


class Migration(migrations.Migration):
    dependencies = [("review", "0011_comment_replies")]
    operations = [
        migrations.AlterField("decision", "verb", models.CharField(choices=VERBS, max_length=8)),
        migrations.AlterField("change", "verb", models.CharField(choices=VERBS, max_length=8)),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(CHECK.format(NAMES), CHECK.format(FORMER))],
            [
                migrations.RemoveConstraint("decision", "decision_verb_known"),
                migrations.AddConstraint(
                    "decision",
                    models.CheckConstraint(
                        condition=models.Q(verb__in=[name for name, _ in VERBS]), name="decision_verb_known"
                    ),
                ),
            ],
        ),
    ]
