"""A release can be cancelled while it waits or is made; from then on it is as immutable as a failed one."""

from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

emptied = import_module("annotations.releases.migrations.0006_erased_singly_guards")
STATES = ["queued", "making", "made", "failed", "erased", "cancelled"]
WITHOUT = "DROP TRIGGER release_made_once ON releases_release"
MADE_ONCE = """
    CREATE TRIGGER release_made_once BEFORE UPDATE ON releases_release
        FOR EACH ROW WHEN (OLD.state IN (%s)) EXECUTE FUNCTION releases_refuse_change();
"""
BEFORE = MADE_ONCE % "'made', 'failed', 'erased'"
FORWARDS = emptied.FORWARDS.replace("IN ('made', 'failed')", "IN ('made', 'failed', 'cancelled')")


class Migration(migrations.Migration):
    dependencies = [("releases", "0006_erased_singly_guards")]
    operations = [
        # A column's type cannot change under a trigger that names it.
        migrations.RunSQL(WITHOUT, BEFORE),
        migrations.AlterField(
            model_name="release",
            name="state",
            field=models.CharField(
                choices=[(state, state.capitalize()) for state in STATES], default="queued", max_length=9
            ),
        ),
        migrations.RunSQL(MADE_ONCE % "'made', 'failed', 'erased', 'cancelled'", WITHOUT),
        migrations.RunSQL(FORWARDS, emptied.FORWARDS),
        migrations.RemoveConstraint(model_name="release", name="release_state_known"),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(condition=Q(state__in=STATES), name="release_state_known"),
        ),
        migrations.RemoveConstraint(model_name="release", name="release_failed_for_a_reason"),
        migrations.AddConstraint(
            model_name="release",
            constraint=models.CheckConstraint(
                condition=~Q(state__in=["failed", "cancelled"]) | ~Q(reason=""), name="release_failed_for_a_reason"
            ),
        ),
    ]
