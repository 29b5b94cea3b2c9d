"""What an article was made from, byte for byte, and how alike articles are."""

from django.db import models
from django.db.models.functions import Now

from corpusapp.articles.models.article import Article
from corpusapp.articles.models.corpus import Corpus


class Original(models.Model):
    """The bytes of one item as it came in, compressed by zlib."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="original")
    form = models.CharField(max_length=16, help_text="txt, html, jsonl, csv, rss, warc, eml, pdf, docx …")
    encoding = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=400)
    size = models.PositiveBigIntegerField(help_text="In bytes, before compression.")
    data = models.BinaryField(editable=False)
    extractor = models.CharField(max_length=100, help_text="What made the text of it, with its version.")

    def __str__(self) -> str:
        return f"{self.name} ({self.form}, {self.size} bytes)"


class CopyGroup(models.Model):
    """Near copies of one another: one story in several papers."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="copy_groups")
    counted_once = models.BooleanField(default=False, help_text="An editor says that statistics count it once.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"near copies {self.pk}"


class Sketch(models.Model):
    """An article's MinHash, by which near copies are known."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="sketch")
    values = models.BinaryField(editable=False, help_text="64 unsigned 32-bit numbers, little-endian.")

    def __str__(self) -> str:
        return f"sketch of article {self.article_id}"


class SketchBand(models.Model):
    """One key under which an article is looked up as a candidate copy. The key alone is the row."""

    pk = models.CompositePrimaryKey("corpus_id", "key", "article_id")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False, db_constraint=False)
    key = models.BigIntegerField()
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"band {self.key} of article {self.article_id}"
