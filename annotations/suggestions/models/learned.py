"""What is known of names in a corpus, what each article adds to it, and which articles have still to heed it."""

from django.db import models
from django.db.models import Q

from annotations.suggestions.models.runs import Pipeline
from corpusapp.articles.models import Article, Corpus


class ArticleReading(models.Model):
    """What the suggester made of an article by itself: from it suggestions are made anew without a model."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="reading")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="readings")
    # JSON as text: it is only ever read whole.
    data = models.TextField()

    def __str__(self) -> str:
        return f"reading of article {self.article_id}"


class ArticleLesson(models.Model):
    """What the decisions on an article have added to the counts, so that a change of them can be told."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="lesson")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    data = models.TextField()
    outcomes = models.TextField(
        default="[]", help_text="What became of its suggestions: what the weights said, the label, whether confirmed."
    )

    def __str__(self) -> str:
        return f"learning record of article {self.article_id}"


class NameCount(models.Model):
    """In how many articles of a corpus a surface had a label, in shares of an article."""

    class Kind(models.TextChoices):
        SEEN = "s", "seen by a machine"
        DECIDED = "d", "decided by editors"
        IN_CONTEXT = "c", "decided, behind a certain word"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=1, choices=Kind.choices)
    first_word = models.CharField(max_length=100, help_text="What the surface is looked up by.")
    surface = models.CharField(max_length=200)
    context = models.CharField(max_length=100, blank=True)
    label = models.CharField(max_length=64, blank=True, help_text="Empty for no name.")
    articles = models.FloatField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["corpus", "kind", "surface", "context", "label"], name="name_count_once_per_corpus"
            ),
            models.CheckConstraint(condition=Q(kind__in=["s", "d", "c"]), name="name_count_kind_known"),
        ]
        indexes = [models.Index(fields=["corpus", "first_word"], name="name_count_lookup")]

    def __str__(self) -> str:
        return f"{self.surface} {self.label} {self.articles}"


class Unsettled(models.Model):
    """A mark: this article's decisions have not been learned from, or its suggestions have not heeded what was learned.

    Marks are only ever added and removed, never shared: whoever marks waits for nobody.
    """

    class Kind(models.TextChoices):
        DECIDED = "decided"
        STALE = "stale"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(kind__in=["decided", "stale"]), name="unsettled_kind_known")]
        indexes = [models.Index(fields=["corpus", "kind", "id"], name="unsettled_queue")]

    def __str__(self) -> str:
        return f"article {self.article_id} {self.kind}"


class ScoreCalibration(models.Model):
    """How the scores of a corpus follow from what the weights say, by what editors did."""

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="calibration")
    slope = models.FloatField(default=1.0)
    intercept = models.FloatField(default=0.0)
    labels: "models.JSONField[dict[str, float]]" = models.JSONField(default=dict)
    decisions = models.PositiveIntegerField(default=0, help_text="How many it was fitted to.")
    fitted_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"calibration of {self.corpus} by {self.decisions} decisions"
