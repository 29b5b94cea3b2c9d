"""Which suggester a corpus has."""

from django.db import models
from django.db.models import Q

from corpusapp.articles.models import Corpus


class CorpusSuggester(models.Model):
    """A corpus without a row has the suggester and the pipeline that the settings name."""

    class ServiceKind(models.TextChoices):
        PLAIN = "plain", "the desk's own protocol"
        LABEL_STUDIO = "label-studio", "a machine learning backend of Label Studio"

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="suggester")
    name = models.CharField(max_length=100, default="spacy", help_text="An installed suggester.")
    option = models.CharField(
        max_length=500, blank=True, help_text="What it works with: for spacy, the name of an installed pipeline."
    )
    service_url = models.CharField(
        max_length=2000, blank=True, help_text="The address of a service that proposes beside it; empty for none."
    )
    service_kind = models.CharField(
        max_length=12, choices=ServiceKind.choices, default=ServiceKind.PLAIN, help_text="What the service speaks."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(service_kind__in=["plain", "label-studio"]), name="corpus_suggester_service_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.option}".strip()
