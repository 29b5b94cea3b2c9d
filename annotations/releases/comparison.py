"""What changed from one release of a corpus to another: both files are read side by side, an article of each at a time.

Files are in the order of articles' ids, so memory stays flat; an article whose line is the same in both is not even
parsed. Spans are the same by their id, else by place and label: a machine may have proposed one anew.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from annotations.formats.records import DONE
from annotations.releases import store
from annotations.releases.models import Release
from annotations.releases.queries import require_made

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
CHANGES = (ADDED, CHANGED, REMOVED)
# A revision alone is no change of the data.
_OF_SPAN = ("start", "end", "label", "state", "score", "pipeline")
_OF_ARTICLE = ("external_id", "title", "language", "split", "zones", "meta")
_ID = re.compile(rb'\{"id":(\d+)')
EXAMPLES = 50

Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One article that is not the same in both; `fields` and `spans` say in what."""

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
class Tally:
    """How much is not the same; the first differences one by one."""

    articles: Counter[str] = field(default_factory=Counter)
    spans: Counter[str] = field(default_factory=Counter)
    of_labels: Counter[tuple[str, str]] = field(default_factory=Counter)
    moved: int = 0
    examples: list[Difference] = field(default_factory=list)

    def add(self, difference: Difference) -> None:
        self.articles[difference.change] += 1
        self.moved += "split" in difference.fields
        for change, before, after in difference.spans:
            self.spans[change] += 1
            self.of_labels[(after or before or {})["label"], change] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(difference)

    def as_json(self) -> dict[str, Any]:
        labels = sorted({label for label, _ in self.of_labels})
        return {
            "articles": {change: self.articles[change] for change in CHANGES},
            "spans": {change: self.spans[change] for change in CHANGES},
            "labels": {label: {change: self.of_labels[label, change] for change in CHANGES} for label in labels},
            "moved": self.moved,
            "examples": [difference.as_json() for difference in self.examples],
        }


def compare(before: Release, after: Release) -> Tally:
    """Count what changed. Reads both files whole; refuses `Altered` where one is not the one that was made."""
    tally = Tally()
    for difference in differences(before, after):
        tally.add(difference)
    return tally


def differences(before: Release, after: Release) -> Iterator[Difference]:
    """Each article that is not the same in both, by id. Refuses at once what is not made, or is missing."""
    require_made(before)
    require_made(after)
    old, new = store.lines(before.sha256), store.lines(after.sha256)
    return iter(()) if before.sha256 == after.sha256 else _merged(old, new)


def changed_labels(before: Release, after: Release) -> list[dict[str, Any]]:
    """Labels that one of the manifests has and the other has not, or defines otherwise."""
    old, new = ({label["name"]: label for label in release.manifest["labels"]} for release in (before, after))
    return [
        {"name": name, "change": _change(old.get(name), new.get(name))}
        for name in sorted(old.keys() | new.keys())
        if _meaning(old.get(name)) != _meaning(new.get(name))
    ]


def _meaning(label: Line | None) -> Any:
    return label and (label["definition"], label["family"])


def _change(before: Any, after: Any) -> str:
    return ADDED if before is None else REMOVED if after is None else CHANGED


def _merged(old: Iterator[bytes], new: Iterator[bytes]) -> Iterator[Difference]:
    with closing(old), closing(new):
        before, after = next(old, None), next(new, None)
        while before is not None or after is not None:
            first, second = _id(before), _id(after)
            if after is None or (before is not None and first < second):
                yield _alone(before, REMOVED)
                before = next(old, None)
            elif before is None or second < first:
                yield _alone(after, ADDED)
                after = next(new, None)
            else:
                if before != after and (found := _difference(json.loads(before), json.loads(after))):
                    yield found
                before, after = next(old, None), next(new, None)


def _id(line: bytes | None) -> int:
    match = _ID.match(line or b"")
    return int(match[1]) if match else 0


def _alone(line: bytes | None, change: str) -> Difference:
    article = json.loads(line or b"{}")
    pairs = [(None, span) if change == ADDED else (span, None) for span in article["spans"]]
    return Difference(article, change, {}, tuple((change, before, after) for before, after in pairs))


def _difference(before: Line, after: Line) -> Difference | None:
    """None where only revisions differ."""
    fields = {name: (before.get(name), after.get(name)) for name in _OF_ARTICLE if before.get(name) != after.get(name)}
    stages = before.get("stage"), after.get("stage")
    # Files of older releases do not know of stages; and that somebody began is no change of the data.
    if None not in stages and stages[0] != stages[1] and DONE in stages:
        fields["stage"] = stages
    spans = tuple(_spans(before["spans"], after["spans"]))
    return Difference(after, CHANGED, fields, spans) if fields or spans else None


def _spans(before: list[Line], after: list[Line]) -> Iterator[tuple[str, Line | None, Line | None]]:
    left = {span["id"]: span for span in before}
    pairs: list[tuple[Line | None, Line]] = [(left.pop(span["id"], None), span) for span in after]
    anew = {_triple(span): key for key, span in left.items()}
    for old, new in pairs:
        if old is None and _triple(new) in anew:
            old = left.pop(anew.pop(_triple(new)))
        if old is None:
            yield ADDED, None, new
        elif any(old[name] != new[name] for name in _OF_SPAN):
            yield CHANGED, old, new
    yield from ((REMOVED, old, None) for old in left.values())


def _triple(span: Line) -> tuple[int, int, str]:
    return span["start"], span["end"], span["label"]
