"""Which suggester a corpus has."""

from django.db import models

from corpusapp.articles.models import Corpus


class CorpusSuggester(models.Model):
    """A corpus without a row has the suggester and the pipeline that the settings name."""

    corpus = models.OneToOneField(Corpus, models.CASCADE, primary_key=True, related_name="suggester")
    name = models.CharField(max_length=100, default="spacy", help_text="An installed suggester.")
    option = models.CharField(
        max_length=500, blank=True, help_text="What it works with: for spacy, the name of an installed pipeline."
    )

    def __str__(self) -> str:
        return f"{self.name} {self.option}".strip()
