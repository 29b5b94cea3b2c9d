"""Articles are assigned to people, and filters of the article list are saved."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now

_USER, _CORPUS = settings.AUTH_USER_MODEL, "articles.corpus"
_PROTECT, _CASCADE = django.db.models.deletion.PROTECT, django.db.models.deletion.CASCADE


def _id() -> models.BigAutoField:
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0003_lighter_band_guard"),
        ("review", "0008_set_aside"),
        migrations.swappable_dependency(_USER),
    ]
    operations = [
        migrations.AddField(
            "review",
            "assignee",
            models.ForeignKey(
                _USER,
                _PROTECT,
                null=True,
                blank=True,
                related_name="assigned_reviews",
                db_index=False,
                help_text="Who is asked to review it; others are not offered it next.",
            ),
        ),
        migrations.CreateModel(
            "Assignment",
            [
                ("id", _id()),
                (
                    "before",
                    models.JSONField(help_text="The former assignee's id by article id; null for nobody."),
                ),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("undone_at", models.DateTimeField(null=True)),
                (
                    "assignee",
                    models.ForeignKey(_USER, _PROTECT, null=True, related_name="+", help_text="Empty: nobody."),
                ),
                ("corpus", models.ForeignKey(_CORPUS, _PROTECT, related_name="assignments")),
                ("user", models.ForeignKey(_USER, _PROTECT, related_name="+", help_text="Who assigned them.")),
            ],
            {"ordering": ["-id"]},
        ),
        migrations.CreateModel(
            "SavedFilter",
            [
                ("id", _id()),
                ("name", models.CharField(max_length=80)),
                ("query", models.CharField(max_length=2000, help_text="Query string of the list, without the page.")),
                (
                    "shared",
                    models.BooleanField(default=False, help_text="All members of the corpus can use it."),
                ),
                ("created_at", models.DateTimeField(db_default=Now())),
                ("corpus", models.ForeignKey(_CORPUS, _CASCADE, related_name="saved_filters")),
                ("user", models.ForeignKey(_USER, _CASCADE, related_name="saved_filters")),
            ],
            {"ordering": ["name", "id"]},
        ),
        migrations.AddConstraint(
            "savedfilter",
            models.UniqueConstraint(fields=["user", "corpus", "name"], name="saved_filter_once_per_name"),
        ),
        migrations.AddConstraint(
            "savedfilter",
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(query=""), name="saved_filter_named"),
        ),
    ]
