"""Runs and trainings can be cancelled."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

ITEMS = ["pending", "done", "failed", "cancelled"]
MODELS = ["queued", "training", "kept", "promoted", "retired", "failed", "cancelled"]


def choices(states: list[str]) -> list[tuple[str, str]]:
    return [(state, state.capitalize()) for state in states]


class Migration(migrations.Migration):
    dependencies = [("suggestions", "0006_dry_runs"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.AddField(
            model_name="run", name="cancelled_at", field=models.DateTimeField(editable=False, null=True)
        ),
        migrations.AddField(
            model_name="run",
            name="cancelled_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="runitem",
            name="state",
            field=models.CharField(choices=choices(ITEMS), default="pending", max_length=9),
        ),
        migrations.RemoveConstraint(model_name="runitem", name="run_item_state_known"),
        migrations.AddConstraint(
            model_name="runitem",
            constraint=models.CheckConstraint(condition=Q(state__in=ITEMS), name="run_item_state_known"),
        ),
        migrations.AddIndex(
            model_name="runitem",
            index=models.Index(condition=Q(state="pending"), fields=["run"], name="run_item_pending"),
        ),
        migrations.AlterField(
            model_name="trainedmodel",
            name="state",
            field=models.CharField(choices=choices(MODELS), default="queued", max_length=9),
        ),
        migrations.RemoveConstraint(model_name="trainedmodel", name="model_state_known"),
        migrations.AddConstraint(
            model_name="trainedmodel",
            constraint=models.CheckConstraint(condition=Q(state__in=MODELS), name="model_state_known"),
        ),
    ]
