"""The manifest of a release: counts, corpus, labels, guidelines, pipelines and files, as its snapshot has them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from annotations.exports.queries import STAGE
from annotations.exports.selection import FILTER_NAMES, Selection
from annotations.formats import jsonl
from annotations.formats.records import STATES, Record
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases import store
from annotations.releases.models import Release
from annotations.releases.queries import file_stem
from annotations.releases.split import PARTS, RULE
from annotations.releases.versions import versions
from annotations.review.colours import shades
from annotations.review.models import Label, Span
from corpusapp.articles.models import Corpus

FORM = "corpusapp release 1"
NO_SOURCE = ""


@dataclass(slots=True)
class Counts:
    """Counts over articles and their spans. What is counted by name grows with the names alone."""

    articles: int = 0
    characters: int = 0
    spans: int = 0
    of_parts: Counter[tuple[str, str]] = field(default_factory=Counter)
    of_labels: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    of_sources: Counter[tuple[str, str]] = field(default_factory=Counter)
    of_stages: Counter[str] = field(default_factory=Counter)
    of_years: Counter[str] = field(default_factory=Counter)
    of_languages: Counter[str] = field(default_factory=Counter)
    of_pipelines: Counter[str] = field(default_factory=Counter)

    def add(self, record: Record) -> None:
        number, part = len(record.spans), record.split
        self.articles += 1
        self.characters += len(record.text)
        self.spans += number
        self.of_parts.update({(part, "articles"): 1, (part, "spans"): number, (part, "characters"): len(record.text)})
        source = str(record.meta.get("source") or NO_SOURCE)
        self.of_sources.update({(source, "articles"): 1, (source, "spans"): number})
        self.of_stages[record.stage] += 1
        self.of_years[str(record.meta.get("published_on") or "")[:4]] += 1
        self.of_languages[record.language] += 1
        for span in record.spans:
            self.of_labels[span.label, span.state, part] += 1
            if span.pipeline is not None:
                self.of_pipelines[span.pipeline] += 1

    def as_json(self) -> dict[str, Any]:
        return {
            "articles": self.articles,
            "characters": self.characters,
            "spans": self.spans,
            "parts": {
                part: {what: self.of_parts[part, what] for what in ("articles", "spans", "characters")}
                for part in PARTS
            },
            "states": {state: self._spans(state=state) for state in STATES},
            "labels": {label: self._label(label) for label in sorted({label for label, _, _ in self.of_labels})},
            "sources": {
                source: {what: self.of_sources[source, what] for what in ("articles", "spans")}
                for source in sorted({source for source, _ in self.of_sources})
            },
            "stages": dict(sorted(self.of_stages.items())),
            "years": dict(sorted(self.of_years.items())),
            "languages": dict(sorted(self.of_languages.items())),
        }

    def _label(self, label: str) -> dict[str, Any]:
        """Of one label: spans by state, and by part."""
        states = {state: self._spans(label=label, state=state) for state in STATES}
        return {"spans": sum(states.values())} | states | {part: self._spans(label=label, part=part) for part in PARTS}

    def _spans(self, *, label: str = "", state: str = "", part: str = "") -> int:
        wanted = (label, state, part)
        return sum(
            number
            for key, number in self.of_labels.items()
            if all(value in ("", has) for value, has in zip(wanted, key, strict=True))
        )


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
