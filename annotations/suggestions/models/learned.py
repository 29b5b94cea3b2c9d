"""Name statistics of a corpus, what each article contributes to them, and which articles are still to be updated."""

from django.db import models
from django.db.models import Q

from annotations.suggestions.models.runs import Pipeline
from corpusapp.articles.models import Article, Corpus


class ArticleReading(models.Model):
    """Cached NER output of one article, so that suggestions can be recomputed without running the model again."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="reading")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    pipeline = models.ForeignKey(Pipeline, models.PROTECT, related_name="readings")
    # JSON as text: it is always read whole.
    data = models.TextField()

    def __str__(self) -> str:
        return f"reading of article {self.article_id}"


class PossibleSpans(models.Model):
    """What may be right where the suggestions of an article are wrong: other labels and edges, and less likely names.

    They are never exported, and never confirmed in bulk: a decision that takes one is a decision like any other.
    """

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="possible_spans")
    # JSON as text, since it is always read whole: [start, end, label, score] of each, the likeliest first.
    data = models.TextField()

    class Meta:
        verbose_name_plural = "possible spans"

    def __str__(self) -> str:
        return f"possible spans of article {self.article_id}"


class ArticleLearningRecord(models.Model):
    """What the decisions on an article contribute to the name statistics, so that a later change can be computed."""

    article = models.OneToOneField(Article, models.CASCADE, primary_key=True, related_name="learning_record")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+")
    data = models.TextField()
    outcomes = models.TextField(default="[]", help_text="Outcomes of its suggestions: score, label, whether confirmed.")

    class Meta:
        db_table = "suggestions_articlelesson"

    def __str__(self) -> str:
        return f"learning record of article {self.article_id}"


class NameCount(models.Model):
    """The number of articles of a corpus in which a surface has a label, in fractions of an article."""

    class Kind(models.TextChoices):
        SEEN = "s", "suggested"
        DECIDED = "d", "decided by editors"
        IN_CONTEXT = "c", "decided, after a certain word"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=1, choices=Kind.choices)
    first_word = models.CharField(max_length=100, help_text="Key by which the surface is looked up.")
    surface = models.CharField(max_length=200)
    context = models.CharField(max_length=100, blank=True)
    label = models.CharField(max_length=64, blank=True, help_text="Empty if it is not a name.")
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


class PendingUpdate(models.Model):
    """A mark: the decisions on this article are not learned yet, or its suggestions do not reflect what was learned.

    Marks are only added and deleted, never shared, so that writers do not wait for each other.
    """

    class Kind(models.TextChoices):
        DECIDED = "decided"
        STALE = "stale"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=Kind.choices)

    class Meta:
        db_table = "suggestions_unsettled"
        constraints = [models.CheckConstraint(condition=Q(kind__in=["decided", "stale"]), name="unsettled_kind_known")]
        indexes = [models.Index(fields=["corpus", "kind", "id"], name="unsettled_queue")]

    def __str__(self) -> str:
        return f"article {self.article_id} {self.kind}"


class CorpusAdaptation(models.Model):
    """How the weights of the evidence are adapted to the house style of a corpus, fitted to its done articles."""

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="adaptation")
    # JSON as text: it is always read whole.
    changes = models.TextField(help_text="Changes of the weights by feature.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the changes.")
    articles = models.PositiveIntegerField(help_text="Number of done articles that it was fitted to.")
    spread = models.PositiveIntegerField(help_text="Number of done articles when it was last applied to all others.")
    fitted_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"adaptation of {self.corpus} to {self.articles} articles"


class ScoreCalibration(models.Model):
    """How the scores of the model are calibrated in a corpus, fitted to decisions of its editors."""

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="calibration")
    slope = models.FloatField(default=1.0)
    intercept = models.FloatField(default=0.0)
    labels: "models.JSONField[dict[str, float]]" = models.JSONField(default=dict)
    decisions = models.PositiveIntegerField(default=0, help_text="Number of decisions that it was fitted to.")
    fitted_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"calibration of {self.corpus} by {self.decisions} decisions"
