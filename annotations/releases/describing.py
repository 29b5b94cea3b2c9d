"""The manifest of a release: its corpus, labels, guidelines and pipelines as the snapshot has them, and its files."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from annotations.exports.queries import STAGE
from annotations.exports.selection import FILTER_NAMES, Selection
from annotations.formats import jsonl
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases import store
from annotations.releases.manifest import FORM, Counts
from annotations.releases.models import Release
from annotations.releases.queries import file_stem
from annotations.releases.split import RULE
from annotations.releases.versions import versions
from annotations.review.colours import shades
from annotations.review.models import Label, Span
from corpusapp.articles.models import Corpus


def described(
    release: Release, counts: Counts, moment: datetime, file: Mapping[str, Any], others: int
) -> dict[str, Any]:
    """The manifest, read in the snapshot of `moment`; `others` are articles that only their stage keeps out."""
    corpus = Corpus.objects.get(pk=release.corpus_id)
    return {
        "form": FORM,
        "corpus": {"slug": corpus.slug, "name": corpus.name, "language": corpus.language},
        "number": release.number,
        "name": release.name,
        "notes": release.notes,
        "made_by": release.user.username,
        "asked_at": release.created_at.isoformat(),
        "snapshot_at": moment.isoformat(),
        "filter": _filter(release.chosen),
        "offsets": CODE_POINTS,
        "split": {"rule": RULE, "seed": release.seed, "shares": release.shares},
        "counts": counts.as_json(),
        "left_out": {"articles": {STAGE: others} if others else {}},
        "labels": _labels(corpus),
        "guidelines": corpus.guidelines,
        "pipelines": _pipelines(counts.of_pipelines),
        # Nobody decides on an article twice unseen, so that there is nothing to agree with.
        "agreement": None,
        "versions": versions(),
        "files": {f"{file_stem(release)}{store.SUFFIX}": {"media_type": jsonl.MEDIA_TYPE, "encoding": "gzip", **file}},
    }


def _filter(selection: Selection) -> dict[str, Any]:
    """All of it, in the words of requests."""
    held = {FILTER_NAMES.get(name, name): value for name, value in selection.as_full_json().items()}
    del held["offsets"]
    return held


def _labels(corpus: Corpus) -> list[dict[str, Any]]:
    """In their order, with the inks that draw them on light and on dark paper."""
    labels = list(Label.objects.filter(corpus=corpus))
    inks = {pk: {"light": light, "dark": dark} for pk, light, dark in shades(labels)}
    return [
        {"name": label.name, "definition": label.definition, "family": label.family, "colour": inks[label.pk]}
        for label in labels
    ]


def _pipelines(spans: Mapping[str, int]) -> list[dict[str, Any]]:
    """Those that proposed spans of the release; `digests` are several where two have one name and version."""
    digests: dict[str, list[str]] = {}
    for pipeline in Span._meta.get_field("pipeline").related_model.objects.order_by("pk").iterator():
        digests.setdefault(str(pipeline), []).append(pipeline.digest)
    return [
        {"pipeline": name, "digests": digests.get(name, []), "spans": number} for name, number in sorted(spans.items())
    ]
