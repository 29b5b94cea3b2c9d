"""Labels have a key and examples, can be hidden, and merged; suggesters may know them by other names."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


def _label() -> models.ForeignKey:
    return models.ForeignKey(
        blank=True,
        db_index=False,
        editable=False,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="review.label",
    )


class Migration(migrations.Migration):
    dependencies = [("review", "0006_possible_spans_taken")]
    operations = [
        migrations.AddField("decision", "merged_label", _label()),
        migrations.AddField("decision", "merged_into", _label()),
        migrations.AddField(
            "label",
            "examples",
            models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="One a line: what to label begins with +, what not to label with -.",
            ),
        ),
        migrations.AddField("label", "hidden_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField(
            "label",
            "key",
            models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="Key in the workbench; empty for any free one.",
                max_length=1,
            ),
        ),
        migrations.AddField(
            "label",
            "merged_into",
            models.ForeignKey(
                blank=True,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="review.label",
            ),
        ),
        migrations.AddField(
            "label",
            "suggester_names",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=64),
                blank=True,
                db_default=[],
                default=list,
                editable=False,
                size=None,
            ),
        ),
        migrations.AddConstraint(
            "label",
            models.UniqueConstraint(
                condition=Q(hidden_at=None) & ~Q(key=""), fields=["corpus", "key"], name="label_key_once_per_corpus"
            ),
        ),
        migrations.AddConstraint(
            "label",
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(hidden_at__isnull=False), name="label_merged_is_hidden"
            ),
        ),
    ]
