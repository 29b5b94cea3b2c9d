"""Licence, version, citation and contact of a corpus."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0004_invitations"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="corpus",
            name="corpus_erased_holds_nothing",
        ),
        migrations.AddField(
            model_name="corpus",
            name="citation",
            field=models.TextField(blank=True, help_text="How to cite the data, as text or BibTeX."),
        ),
        migrations.AddField(
            model_name="corpus",
            name="contact",
            field=models.CharField(
                blank=True, help_text="Whom to ask: a name, with an address or a URL.", max_length=500
            ),
        ),
        migrations.AddField(
            model_name="corpus",
            name="licence",
            field=models.CharField(
                blank=True,
                help_text="Of the articles and spans: an SPDX id such as CC-BY-4.0, a URL, or text.",
                max_length=500,
            ),
        ),
        migrations.AddField(
            model_name="corpus",
            name="version",
            field=models.CharField(blank=True, help_text="Of the data, such as 1.2.0.", max_length=100),
        ),
        migrations.AddConstraint(
            model_name="corpus",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("erased_at__isnull", True),
                    models.Q(
                        ("citation", ""),
                        ("contact", ""),
                        ("guidelines", ""),
                        ("licence", ""),
                        ("name", models.F("slug")),
                        ("version", ""),
                        ("withdrawn_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="corpus_erased_holds_nothing",
            ),
        ),
    ]
