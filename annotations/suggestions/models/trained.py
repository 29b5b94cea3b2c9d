"""The suggester of a corpus, and the models that were trained on it or added to it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.suggesters.by_language import USUAL_LABELS
from corpusapp.articles.models import Corpus
from corpusapp.core.job_states import JobState


def default_label_map() -> dict[str, str]:
    """How the labels of pipelines for most languages are called here."""
    return dict(USUAL_LABELS)


class TrainedModelQuerySet(models.QuerySet["TrainedModel"]):
    def open(self) -> "TrainedModelQuerySet":
        """Models whose training waits or runs."""
        return self.filter(state__in=OPEN)

    def promoted(self) -> "TrainedModelQuerySet":
        return self.filter(state=TrainedModel.State.PROMOTED)


class TrainedModel(models.Model):
    """A training and its result, or a pipeline that was added from the command line.

    The promoted model of a corpus is used for its suggestions. The weights are in the home, in a folder named by
    `digest`.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        TRAINING = "training"
        KEPT = "kept"
        PROMOTED = "promoted"
        RETIRED = "retired"
        FAILED = "failed"
        CANCELLED = "cancelled"

    class Origin(models.TextChoices):
        TRAINED = "trained", "trained in this corpus"
        ADDED = "added", "added by command"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="trained_models")
    origin = models.CharField(max_length=7, choices=Origin.choices, default=Origin.TRAINED)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    reason = models.TextField(blank=True, help_text="Reason of its state.")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="Empty if it started automatically.",
    )
    base = models.CharField(
        max_length=500, help_text="Base that it was trained from: the name of a pipeline, or a digest."
    )
    name = models.CharField(max_length=200, blank=True, help_text="Name and version of the pipeline.")
    digest = models.CharField(max_length=64, blank=True, help_text="SHA-256 of its weights.")
    seed = models.PositiveIntegerField(default=0)
    last_decision = models.BigIntegerField(
        default=0, help_text="ID of the last decision when the training was requested."
    )
    decisions = models.PositiveIntegerField(default=0, help_text="Number of decided spans in its training data.")
    articles = models.PositiveIntegerField(default=0, help_text="Number of articles in its training data.")
    held_back = models.PositiveIntegerField(default=0, help_text="Number of done articles that it was evaluated on.")
    before = models.JSONField(null=True, help_text="Scores of the previous model on the held-back articles.")
    after = models.JSONField(null=True, help_text="Scores of this model on the same articles.")
    course = models.JSONField(default=dict, help_text="Epochs, words, misaligned spans, seconds.")
    former = models.ForeignKey(
        "self", models.SET_NULL, null=True, related_name="+", help_text="Model in use before it."
    )
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    promoted_at = models.DateTimeField(null=True)

    objects = TrainedModelQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["corpus"], condition=Q(state="promoted"), name="model_promoted_once"),
            models.UniqueConstraint(
                fields=["corpus"], condition=Q(state__in=["queued", "training"]), name="model_trained_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "training", "kept", "promoted", "retired", "failed", "cancelled"]),
                name="model_state_known",
            ),
            models.CheckConstraint(condition=Q(origin__in=["trained", "added"]), name="model_origin_known"),
            models.CheckConstraint(
                condition=~Q(state__in=["kept", "promoted", "retired"]) | ~Q(digest=""), name="model_has_its_weights"
            ),
        ]

    def __str__(self) -> str:
        return f"model {self.pk} of {self.corpus}: {self.state}"

    @property
    def job_state(self) -> JobState:
        """The state of its training, as for all jobs."""
        return _JOB_STATES.get(self.state, JobState.DONE)

    @property
    def former_state(self) -> str:
        """Its state for older clients, which do not know `cancelled`."""
        return self.State.FAILED if self.state == self.State.CANCELLED else self.state


OPEN = (TrainedModel.State.QUEUED, TrainedModel.State.TRAINING)
_JOB_STATES: dict[str, JobState] = {
    TrainedModel.State.QUEUED: JobState.WAITING,
    TrainedModel.State.TRAINING: JobState.RUNNING,
    TrainedModel.State.FAILED: JobState.FAILED,
    TrainedModel.State.CANCELLED: JobState.CANCELLED,
}
PROMOTABLE = (TrainedModel.State.KEPT, TrainedModel.State.RETIRED)


class CorpusSuggester(models.Model):
    """The suggester of a corpus. Without a row, a corpus has the one of the settings."""

    class ServiceKind(models.TextChoices):
        PLAIN = "plain", "the protocol of corpusapp"
        LABEL_STUDIO = "label-studio", "a machine learning backend of Label Studio"

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="suggester")
    name = models.CharField(max_length=100, default="spacy", help_text="Name of an installed suggester.")
    option = models.CharField(
        max_length=500, blank=True, help_text="Option of the suggester. For spacy: the name of an installed pipeline."
    )
    service_url = models.CharField(
        max_length=2000, blank=True, help_text="URL of an additional service; empty for none."
    )
    service_kind = models.CharField(
        max_length=12, choices=ServiceKind.choices, default=ServiceKind.PLAIN, help_text="Protocol of the service."
    )
    languages: "models.JSONField[dict[str, str]]" = models.JSONField(
        default=dict, blank=True, db_default={}, help_text="Names of installed spaCy pipelines by language."
    )
    label_map: "models.JSONField[dict[str, str]]" = models.JSONField(
        default=default_label_map,
        blank=True,
        db_default=default_label_map(),
        help_text="Labels of the corpus by labels of pipelines that do not have PERSON; empty to leave one out.",
    )
    bylines = models.BooleanField(
        default=True, db_default=True, help_text="Whether the names in bylines and credits are suggested."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(service_kind__in=["plain", "label-studio"]), name="corpus_suggester_service_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.option}".strip()
