"""Labels: the types of entities of a corpus."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from corpusapp.articles.models import Corpus

label_shape = RegexValidator(
    r"^[^\W_][\w.-]{0,63}\Z", "Use letters, digits, _, - and ., beginning with a letter or digit: WORK_OF_ART."
)


class LabelQuerySet(models.QuerySet["Label"]):
    def shown(self) -> "LabelQuerySet":
        """Labels that are offered to editors and suggesters: hidden ones keep their spans, but get no new ones."""
        return self.filter(hidden_at=None)


def suggester_name(label: str = "") -> Coalesce:
    """An expression: the name by which suggesters know a label; `label` is the path to it, such as `label__`."""
    return Coalesce(f"{label}suggester_names__0", f"{label}name")


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

    key = models.CharField(
        max_length=1, blank=True, default="", db_default="", help_text="Key in the workbench; empty for any free one."
    )
    examples = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="One a line: what to label begins with +, what not to label with -.",
    )
    hidden_at = models.DateTimeField(null=True, blank=True, editable=False)
    merged_into = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    # Suggesters know labels by name: they go on to use the former name of a renamed one, and several for one of ours.
    suggester_names = ArrayField(
        models.CharField(max_length=64), default=list, db_default=[], blank=True, editable=False
    )

    objects = LabelQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "name"], name="label_once_per_corpus"),
            # The target of the composite foreign key of spans.
            models.UniqueConstraint(fields=["id", "corpus"], name="label_id_with_corpus"),
            models.CheckConstraint(condition=~Q(name=""), name="label_named"),
            models.UniqueConstraint(
                fields=["corpus", "key"], condition=Q(hidden_at=None) & ~Q(key=""), name="label_key_once_per_corpus"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(hidden_at__isnull=False), name="label_merged_is_hidden"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hidden(self) -> bool:
        return self.hidden_at is not None

    @property
    def do(self) -> list[str]:
        """Examples of what to label."""
        return _examples(self.examples, "+")

    @property
    def dont(self) -> list[str]:
        """Examples of what not to label."""
        return _examples(self.examples, "-")


def _examples(text: str, sign: str) -> list[str]:
    return [line[1:].strip() for line in text.splitlines() if line.startswith(sign) and line[1:].strip()]
