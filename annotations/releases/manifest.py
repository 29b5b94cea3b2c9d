"""What a release says of itself: counts that are taken while its articles pass, and everything else by name."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from annotations.formats.records import STATES, Record
from annotations.releases.split import PARTS

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
