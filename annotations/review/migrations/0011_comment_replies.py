"""Comments can be replies to comments on the same article."""

import django.db.models.deletion
from django.db import migrations, models

SAME_ARTICLE = """
    ALTER TABLE review_comment ADD CONSTRAINT comment_reply_on_same_article
        FOREIGN KEY (parent_id, article_id) REFERENCES review_comment (id, article_id) DEFERRABLE INITIALLY DEFERRED
"""
ANY_ARTICLE = "ALTER TABLE review_comment DROP CONSTRAINT comment_reply_on_same_article"


class Migration(migrations.Migration):
    dependencies = [("review", "0010_review_by_assignee")]
    operations = [
        migrations.AddField(
            "comment",
            "parent",
            models.ForeignKey(
                blank=True,
                db_constraint=False,
                help_text="Replied to.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="review.comment",
            ),
        ),
        migrations.AddConstraint(
            "comment", models.UniqueConstraint(fields=["id", "article"], name="comment_id_with_article")
        ),
        migrations.AddConstraint(
            "comment",
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | models.Q(span_id__isnull=True, resolved_by__isnull=True),
                name="comment_reply_follows_its_parent",
            ),
        ),
        migrations.RunSQL(SAME_ARTICLE, ANY_ARTICLE),
    ]
