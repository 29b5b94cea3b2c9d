"""Knowledge bases that entities of a corpus are looked up in, and their answers, which are kept for a while."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.entities.models.registry import MAX_SCHEME, Entity
from corpusapp.articles.models import Corpus

MAX_URL = 2000


class KnowledgeService(models.Model):
    """A service of the Reconciliation Service API, such as Wikidata's, and the scheme of its identifiers."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="knowledge_services", db_index=False)
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=MAX_URL)
    scheme = models.CharField(max_length=MAX_SCHEME, help_text="Scheme of its identifiers, such as `wikidata`.")
    types: "models.JSONField[dict[str, str]]" = models.JSONField(
        default=dict, help_text="IDs of its types by the names of labels, such as Q5 by PERSON."
    )
    alias_properties = models.CharField(
        max_length=200, blank=True, default="", db_default="",
        help_text="Its properties that have other names, separated by white space, such as `Aen Aar`.",
    )  # fmt: skip
    created_at = models.DateTimeField(db_default=Now())
    # A service that failed is not asked again at once.
    failed_at = models.DateTimeField(null=True, editable=False)
    failure = models.CharField(max_length=500, blank=True, default="", db_default="", editable=False)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "name"], name="knowledge_service_name_once"),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(url="") & ~Q(scheme=""), name="knowledge_service_says_something"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class KnowledgeAnswer(models.Model):
    """The candidates of a service for an entity, until `expires_at`."""

    service = models.ForeignKey(KnowledgeService, models.CASCADE, related_name="answers", db_index=False)
    entity = models.ForeignKey(Entity, models.CASCADE, related_name="knowledge_answers")
    query = models.BinaryField(max_length=32, help_text="SHA-256 of what was asked.")
    candidates = models.JSONField(default=list)
    fetched_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["service", "entity"], name="knowledge_answer_once")]
        indexes = [models.Index(fields=["expires_at"], name="knowledge_answer_by_age")]

    def __str__(self) -> str:
        return f"{self.service_id} on entity {self.entity_id}"
