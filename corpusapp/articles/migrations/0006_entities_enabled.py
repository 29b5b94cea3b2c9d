"""Corpora that link names to entities. Those of before do so once a manager turns it on."""

from django.db import migrations, models

HELP = "Link names to entities: who and what they are, across articles."


class Migration(migrations.Migration):
    dependencies = [("articles", "0005_publication")]
    operations = [
        migrations.AddField(
            "corpus", "entities_enabled", models.BooleanField(default=False, help_text=HELP, verbose_name="entities")
        ),
        migrations.AlterField(
            "corpus", "entities_enabled", models.BooleanField(default=True, help_text=HELP, verbose_name="entities")
        ),
    ]
