"""Labels: the types of entities of a corpus."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from corpusapp.articles.models import Corpus

label_shape = RegexValidator(
    r"^[^\W_][\w.-]{0,63}\Z", "Use letters, digits, _, - and ., beginning with a letter or digit: WORK_OF_ART."
)


class Label(models.Model):
    """A type of entity, such as PERSON, ORG or GPE, with its definition."""

    class Family(models.TextChoices):
        """Groups of labels, each with a hue."""

        PEOPLE = "people"
        PLACES = "places"
        ORGANISATIONS = "organisations"
        THINGS = "things"
        NUMBERS = "numbers", "numbers and times"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="labels")
    name = models.CharField(max_length=64, validators=[label_shape])
    definition = models.TextField(blank=True)
    family = models.CharField(max_length=16, choices=Family.choices, default=Family.THINGS)
    position = models.PositiveSmallIntegerField(
        default=100, help_text="Order in lists and on the number keys 1 to 9 and 0."
    )

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "name"], name="label_once_per_corpus"),
            # The target of the composite foreign key of spans.
            models.UniqueConstraint(fields=["id", "corpus"], name="label_id_with_corpus"),
            models.CheckConstraint(condition=~Q(name=""), name="label_named"),
        ]

    def __str__(self) -> str:
        return self.name
