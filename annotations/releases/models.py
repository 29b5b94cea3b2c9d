"""Releases: numbered, immutable, hashed copies of a corpus's labelled data."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from annotations.exports.models import FileJob, FileJobQuerySet
from annotations.exports.selection import Selection
from annotations.releases.split import Part, Split
from corpusapp.articles.models import Corpus


class ReleaseQuerySet(FileJobQuerySet["Release"]):
    pass


# The columns of an erased release, except its number, who created it and who erased it.
NOTHING_LEFT: dict[str, Any] = {
    "name": "", "notes": "", "selection": {}, "reason": "", "sha256": "", "size": None, "manifest": None
}  # fmt: skip


class Release(FileJob):
    """The articles and spans of a corpus in one snapshot.

    A trigger prevents changes of the options, and all changes of a release that has ended, except erasing it. An erased
    release keeps its number. The file is in the home, under its SHA-256; the manifest describes it.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        MAKING = "making"
        MADE = "made"
        FAILED = "failed"
        ERASED = "erased"
        CANCELLED = "cancelled"

    WAITING = State.QUEUED
    DONE = State.MADE

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="releases", db_index=False)
    number = models.PositiveIntegerField(help_text="1, 2, 3 … within the corpus.")
    name = models.CharField(max_length=200, blank=True)
    notes = models.TextField(blank=True)
    selection = models.JSONField(default=dict, help_text="Options that differ from the defaults.")
    seed = models.CharField(max_length=64, help_text="Another seed splits the articles differently.")
    train = models.PositiveSmallIntegerField(help_text="Percentage of the articles.")
    dev = models.PositiveSmallIntegerField(help_text="Percentage of the articles.")
    test = models.PositiveSmallIntegerField(help_text="Percentage of the articles.")
    client_key = models.CharField(max_length=100, null=True, help_text="The client's idempotency key.")
    request_sha256 = models.BinaryField(max_length=32, null=True, editable=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    reason = models.TextField(blank=True, help_text="Why it failed.")
    articles = models.PositiveIntegerField(default=0, help_text="Articles written so far.")
    sha256 = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the file, and its name.")
    size = models.PositiveBigIntegerField(null=True, help_text="Size of the file in bytes.")
    manifest = models.JSONField(null=True)
    erased_at = models.DateTimeField(null=True, help_text="Time it was erased; empty if it was erased with its corpus.")
    erased_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "number"], name="release_number_once_per_corpus"),
            models.UniqueConstraint(fields=["corpus", "user", "client_key"], name="release_once_per_key"),
            models.CheckConstraint(condition=Q(number__gte=1), name="release_numbered_from_1"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "making", "made", "failed", "erased", "cancelled"]),
                name="release_state_known",
            ),
            models.CheckConstraint(condition=Q(train=100 - F("dev") - F("test")), name="release_shares_make_100"),
            models.CheckConstraint(
                condition=~Q(state="made")
                | Q(sha256__regex="^[0-9a-f]{64}$", size__isnull=False, manifest__isnull=False, reason=""),
                name="release_has_its_file",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["failed", "cancelled"]) | ~Q(reason=""), name="release_failed_for_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="erased")
                | Q(name="", notes="", selection={}, reason="", sha256="", size__isnull=True, manifest__isnull=True),
                name="release_erased_holds_nothing",
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, erased_by__isnull=True)
                | Q(erased_at__isnull=False, erased_by__isnull=False, state="erased"),
                name="release_erased_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"release {self.number} of {self.corpus}"

    @property
    def chosen(self) -> Selection:
        return Selection.from_json(self.selection)

    @property
    def split(self) -> Split:
        return Split(self.seed, train=self.train, dev=self.dev, test=self.test)

    @property
    def shares(self) -> dict[str, int]:
        return {part: getattr(self, part) for part in Part}

    @property
    def title(self) -> str:
        return f"Release {self.number}" + (f" “{self.name}”" if self.name else "")

    @property
    def made_manifest(self) -> dict[str, Any]:
        """The manifest of a finished release. Raises ValueError if there is none."""
        if self.manifest is None:
            raise ValueError(f"{self} has no manifest")
        return self.manifest

    @property
    def snapshot_at(self) -> datetime:
        return datetime.fromisoformat(self.made_manifest["snapshot_at"])

    @property
    def counts(self) -> dict[str, Any]:
        """The counts of the manifest."""
        return self.made_manifest["counts"]

    @property
    def left_out_articles(self) -> int | None:
        """Number of articles left out only because of their stage; None if unknown."""
        left_out = (self.manifest or {}).get("left_out")
        return left_out["articles"].get("stage", 0) if left_out else None
