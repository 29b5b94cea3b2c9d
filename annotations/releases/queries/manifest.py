"""The manifest of a release: counts, corpus, labels, guidelines, pipelines, files and versions, from its snapshot."""

import hashlib
import json
import platform
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

import corpusapp
from annotations import formats
from annotations.exports.queries.records import STAGE
from annotations.exports.selection import FILTER_NAMES, Selection
from annotations.formats import jsonl
from annotations.formats.records import STATES, Record, entities_of
from annotations.formats.utf16 import CODE_POINTS
from annotations.releases import store
from annotations.releases.models import Release
from annotations.releases.queries.releases import file_stem
from annotations.releases.split import PARTS, RULE
from annotations.review.colours import label_colours
from annotations.review.models import Label
from annotations.suggestions.models import Pipeline
from corpusapp.articles.models import Corpus
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS

FORM = "corpusapp release 1"
NO_SOURCE = ""


@dataclass(slots=True)
class Counts:
    """Counts of articles and their spans. The memory grows only with the number of names."""

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
    of_entities: Counter[int | str] = field(default_factory=Counter)

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
        self.of_entities.update([entity.id for entity in entities_of(record.spans)])

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
        """The spans of one label, by state and by part."""
        states = {state: self._spans(label=label, state=state) for state in STATES}
        return {"spans": sum(states.values())} | states | {part: self._spans(label=label, part=part) for part in PARTS}

    def _spans(self, *, label: str = "", state: str = "", part: str = "") -> int:
        wanted = (label, state, part)
        return sum(
            number
            for key, number in self.of_labels.items()
            if all(value in ("", has) for value, has in zip(wanted, key, strict=True))
        )


def describe(
    release: Release,
    counts: Counts,
    moment: datetime,
    file: Mapping[str, Any],
    others: int,
    entities: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest, read in the snapshot of `moment`. `others` articles are left out only because of their stage.

    `entities` describes the file of the entities; it is empty if there is none.
    """
    corpus = Corpus.objects.get(pk=release.corpus_id)
    files = {f"{file_stem(release)}{store.SUFFIX}": file}
    listed: dict[str, Any] = {}
    if entities:
        named = {name: value for name, value in entities.items() if name != "entities"}
        files[entities_name(release)] = named
        listed["entities"] = {
            "file": entities_name(release),
            "sha256": entities["sha256"],
            "entities": entities["entities"],
            "linked": len(counts.of_entities),
            "spans": counts.of_entities.total(),
        }
    return {
        "form": FORM,
        "corpus": {name: getattr(corpus, name) for name in ("slug", "name", "language", *PUBLICATION_FIELDS)},
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
        # Articles are not annotated twice independently.
        "agreement": None,
        "versions": versions(),
        **listed,
        "files": {
            name: {"media_type": jsonl.MEDIA_TYPE, "encoding": "gzip", **described} for name, described in files.items()
        },
    }


def entities_name(release: Release) -> str:
    """The name of the file of the entities."""
    return f"{file_stem(release)}.entities{store.SUFFIX}"


def entities_sha256(manifest: Mapping[str, Any]) -> str:
    """The SHA-256 of the file of the entities; empty if the release has none."""
    return str(manifest.get("entities", {}).get("sha256", ""))


def _filter(selection: Selection) -> dict[str, Any]:
    """The complete filter, with the names of requests."""
    values = {FILTER_NAMES.get(name, name): value for name, value in selection.as_full_json().items()}
    del values["offsets"]
    return values


def _labels(corpus: Corpus) -> list[dict[str, Any]]:
    """The labels in order, with their colours for the light and the dark theme."""
    labels = list(Label.objects.filter(corpus=corpus))
    colours = {pk: {"light": light, "dark": dark} for pk, light, dark in label_colours(labels)}
    return [
        {"name": label.name, "definition": label.definition, "family": label.family, "colour": colours[label.pk]}
        for label in labels
    ]


def _pipelines(spans: Mapping[str, int]) -> list[dict[str, Any]]:
    """The pipelines that suggested spans of the release. Several can have one name and version, with own `digests`."""
    digests: dict[str, list[str]] = {}
    for pipeline in Pipeline.objects.order_by("pk").iterator():
        digests.setdefault(str(pipeline), []).append(pipeline.digest)
    return [
        {"pipeline": name, "digests": digests.get(name, []), "spans": number} for name, number in sorted(spans.items())
    ]


def manifest_bytes(release: Release) -> bytes:
    """The manifest as a file, always with the same bytes."""
    return (json.dumps(release.manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


# Library -> the formats whose bytes can change with it. All formats depend on corpusapp and Python.
_USED_BY = {
    "spacy": {"jsonl-tokens", "docbin", "conll"},
    "numpy": {"docbin"},
    "orjson": {"jsonl", "jsonl-tokens"},
    "pyarrow": {"parquet"},
    "zlib": {"docbin", "brat", "cas-xmi", "parquet"},
}


@cache
def versions() -> dict[str, str]:
    """The installed versions, by name. `formats` is a digest of the code of the formats."""
    return {
        "corpusapp": corpusapp.__version__,
        "formats": _of_code(Path(formats.__file__).parent),
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **{name: _installed(name) for name in ("spacy", "numpy", "orjson", "pyarrow")},
    }


def versions_differ(release: Release, form: str = "") -> list[str]:
    """The installed versions that differ from those of the manifest, as sentences; only those that `form` needs."""
    known, now = release.made_manifest["versions"], versions()
    return [
        f"{name} was {known.get(name, 'unknown')} and is {now[name]}"
        for name in now
        if known.get(name) != now[name] and (not form or form in _USED_BY.get(name, {form}))
    ]


def _installed(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "absent"


def _of_code(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
