"""The corpus of a token, which comes after the corpora; and a table of counts that no log keeps."""

import django.db.models.deletion
from django.db import migrations, models

# Counts of requests may be lost in a crash. Rows change in place, so each page keeps room for their new versions.
UNLOGGED = "ALTER TABLE accounts_ratecount SET (fillfactor = 50); ALTER TABLE accounts_ratecount SET UNLOGGED"
LOGGED = "ALTER TABLE accounts_ratecount SET LOGGED; ALTER TABLE accounts_ratecount RESET (fillfactor)"


class Migration(migrations.Migration):
    replaces = [("accounts", "0003_scopes_and_rates")]
    dependencies = [("accounts", "0001_squashed_tables"), ("articles", "0001_squashed_tables")]
    operations = [
        migrations.AddField(
            model_name="token",
            name="corpus",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty for all corpora.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="articles.corpus",
            ),
        ),
        migrations.RunSQL(UNLOGGED, LOGGED),
    ]
