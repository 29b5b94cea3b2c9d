"""What changed between two releases of a corpus. Both files are read in parallel, one article at a time.

Files are ordered by the ids of articles, so memory does not grow with them. A line that is equal in both is not parsed.
Spans are matched by id, else by offsets and label, because a machine may have suggested a span again.
"""

import json
import re
from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from annotations.formats.records import DONE
from annotations.releases import store
from annotations.releases.models import Release
from annotations.releases.queries.manifest import entities_sha256
from annotations.releases.queries.releases import require_made

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
CHANGES = (ADDED, CHANGED, REMOVED)
# Without the revision, which is not data.
_OF_SPAN = ("start", "end", "label", "state", "score", "pipeline")
# Without the revision and the score of the link.
_OF_LINK = ("id", "state")
_OF_ENTITY = ("name", "label", "description", "identifiers", "aliases", "state", "merged_into")
_OF_ARTICLE = ("external_id", "title", "language", "split", "zones", "meta")
_ID = re.compile(rb'\{"id":(\d+)')
EXAMPLES = 50

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """An article that differs, with its changed fields and spans."""

    article: Line
    change: str
    fields: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    spans: tuple[tuple[str, Line | None, Line | None], ...] = ()

    def as_json(self) -> dict[str, Any]:
        about = {name: self.article[name] for name in ("id", "external_id", "title")}
        spans = [{"change": change, "before": before, "after": after} for change, before, after in self.spans]
        fields = {name: {"before": before, "after": after} for name, (before, after) in self.fields.items()}
        return {"article": about, "change": self.change, "fields": fields, "spans": spans}


@dataclass(slots=True)
class Comparison:
    """Counts of differences, and the first ones."""

    articles: Counter[str] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    of_labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    moved: int = 0
    examples: list[Difference] = field(default_factory=list)

    def add(self, difference: Difference) -> None:
        self.articles[difference.change] += 1
        self.moved += "split" in difference.fields
        for change, before, after in difference.spans:
            self.spans[change] += 1
            self.of_labels[(after or before or {})["label"], change] += 1
            if link := _link_change(before, after):
                self.links[link] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(difference)

    def as_json(self) -> dict[str, Any]:
        labels = sorted({label for label, _ in self.of_labels})
        return {
            "articles": {change: self.articles[change] for change in CHANGES},
            "spans": {change: self.spans[change] for change in CHANGES},
            "links": {change: self.links[change] for change in CHANGES},
            "entities": {change: self.entities[change] for change in CHANGES},
            "labels": {label: {change: self.of_labels[label, change] for change in CHANGES} for label in labels},
            "moved": self.moved,
            "examples": [difference.as_json() for difference in self.examples],
        }


def compare(before: Release, after: Release) -> Comparison:
    """Count what changed. Reads both files. Raises `Altered` if one has changed."""
    found = Comparison()
    for difference in differences(before, after):
        found.add(difference)
    found.entities.update(change for _, change, _, _ in changed_entities(before, after))
    return found


def changed_entities(before: Release, after: Release) -> Iterator[tuple[int, str, Line | None, Line | None]]:
    """(id, change, before, after) of each entity that differs, by id. Their mentions are no difference."""
    old, new = (entities_sha256(release.made_manifest) for release in (before, after))
    if old == new:
        return
    for pk, first, second in _pairs(*(store.lines(sha256) if sha256 else _nothing() for sha256 in (old, new))):
        one, other = (json.loads(line) if line is not None else None for line in (first, second))
        if _differ(one, other, _OF_ENTITY):
            yield pk, _change(one, other), one, other


def _nothing() -> Generator[bytes]:
    yield from ()


def _differ(one: Line | None, other: Line | None, names: Sequence[str]) -> bool:
    """Whether one of two, or a value of these names, is not there in the other."""
    if one is None or other is None:
        return one is not other
    return any(one.get(name) != other.get(name) for name in names)


def _link_change(before: Line | None, after: Line | None) -> str:
    """What happened to the link of a span; empty for nothing."""
    one, other = ((span or {}).get("entity") for span in (before, after))
    return _change(one, other) if _differ(one, other, _OF_LINK) else ""


def differences(before: Release, after: Release) -> Iterator[Difference]:
    """Each article that differs, by id. Raises at once if a release is not finished or a file is missing."""
    require_made(before)
    require_made(after)
    old, new = store.lines(before.sha256), store.lines(after.sha256)
    return iter(()) if before.sha256 == after.sha256 else _merged(old, new)


def changed_labels(before: Release, after: Release) -> list[dict[str, Any]]:
    """Labels that only one of the manifests has, or that are defined differently."""
    old, new = ({label["name"]: label for label in release.made_manifest["labels"]} for release in (before, after))
    return [
        {"name": name, "change": _change(old.get(name), new.get(name))}
        for name in sorted(old.keys() | new.keys())
        if _meaning(old.get(name)) != _meaning(new.get(name))
    ]


def _meaning(label: Line | None) -> Any:
    return label and (label["definition"], label["family"])


def _change(before: Any, after: Any) -> str:
    return ADDED if before is None else REMOVED if after is None else CHANGED


def _merged(old: Generator[bytes], new: Generator[bytes]) -> Iterator[Difference]:
    for _, before, after in _pairs(old, new):
        if before is None or after is None:
            yield _whole_article(before or after, ADDED if before is None else REMOVED)
        elif found := _difference(json.loads(before), json.loads(after)):
            yield found


def _pairs(old: Generator[bytes], new: Generator[bytes]) -> Iterator[tuple[int, bytes | None, bytes | None]]:
    """(id, line before, line after) of each line that differs, of two files that are ordered by ids."""
    with closing(old), closing(new):
        before, after = next(old, None), next(new, None)
        while before is not None or after is not None:
            first, second = _id(before), _id(after)
            if after is None or (before is not None and first < second):
                yield first, before, None
                before = next(old, None)
            elif before is None or second < first:
                yield second, None, after
                after = next(new, None)
            else:
                if before != after:
                    yield first, before, after
                before, after = next(old, None), next(new, None)


def _id(line: bytes | None) -> int:
    match = _ID.match(line or b"")
    return int(match[1]) if match else 0


def _whole_article(line: bytes | None, change: str) -> Difference:
    article = json.loads(line or b"{}")
    pairs = [(None, span) if change == ADDED else (span, None) for span in article["spans"]]
    return Difference(article, change, {}, tuple((change, before, after) for before, after in pairs))


def _difference(before: Line, after: Line) -> Difference | None:
    """None if only revisions differ."""
    fields = {name: (before.get(name), after.get(name)) for name in _OF_ARTICLE if before.get(name) != after.get(name)}
    stages = before.get("stage"), after.get("stage")
    # Files of older releases have no stages. Only stages from or to done are changes of the data.
    if None not in stages and stages[0] != stages[1] and DONE in stages:
        fields["stage"] = stages
    spans = tuple(_spans(before["spans"], after["spans"]))
    return Difference(after, CHANGED, fields, spans) if fields or spans else None


def _spans(before: list[Line], after: list[Line]) -> Iterator[tuple[str, Line | None, Line | None]]:
    left = {span["id"]: span for span in before}
    pairs: list[tuple[Line | None, Line]] = [(left.pop(span["id"], None), span) for span in after]
    same_triple = {_triple(span): key for key, span in left.items()}
    for old, new in pairs:
        if old is None and _triple(new) in same_triple:
            old = left.pop(same_triple.pop(_triple(new)))
        if old is None:
            yield ADDED, None, new
        elif any(old[name] != new[name] for name in _OF_SPAN) or _link_change(old, new):
            yield CHANGED, old, new
    yield from ((REMOVED, old, None) for old in left.values())


def _triple(span: Line) -> tuple[int, int, str]:
    return span["start"], span["end"], span["label"]
