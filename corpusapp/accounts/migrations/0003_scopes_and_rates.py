import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_preferences"),
        ("articles", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("key", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("count", models.PositiveIntegerField()),
                ("ends_at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(
            # Counts outlive no crash and go into no log; rows change in place, beside room that is left for it.
            "ALTER TABLE accounts_ratecount SET (fillfactor = 50); ALTER TABLE accounts_ratecount SET UNLOGGED",
            migrations.RunSQL.noop,
        ),
        # What the tokens that there are could do until now, they can do from now on.
        migrations.AddField(
            model_name="token",
            name="scope",
            field=models.CharField(
                choices=[("read", "Read"), ("annotate", "Annotate"), ("manage", "Manage")],
                default="manage",
                max_length=8,
            ),
        ),
        migrations.AlterField(
            model_name="token",
            name="scope",
            field=models.CharField(
                choices=[("read", "Read"), ("annotate", "Annotate"), ("manage", "Manage")], default="read", max_length=8
            ),
        ),
        migrations.AddField(
            model_name="token",
            name="corpus",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty for all.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="articles.corpus",
            ),
        ),
        migrations.AddField(
            model_name="token",
            name="expires_at",
            field=models.DateTimeField(blank=True, help_text="Empty for never.", null=True),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ["read", "annotate", "manage"])), name="token_scope_known"
            ),
        ),
    ]
