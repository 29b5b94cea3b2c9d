"""The filters of an export: which articles, and which of their spans."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from annotations.formats.records import CONFIRMED, DONE, REJECTED
from annotations.formats.utf16 import CODE_POINTS

# Names of filters in requests, where they differ.
FILTER_NAMES = {"states": "state", "stages": "stage", "labels": "label"}
# A stage that matches all articles.
ANY = "any"


@dataclass(frozen=True, slots=True)
class Selection:
    """Filters articles by source (a name), date, stage and last change, and their spans by state and label.

    Only done articles by default, because text that nobody reviewed is not an example of having no entity. An article
    without a matching span stays. Spans in boilerplate are left out unless `chrome`. `finished_by` includes who
    finished each article.
    """

    states: tuple[str, ...] = (CONFIRMED,)
    stages: tuple[str, ...] = (DONE,)
    labels: tuple[str, ...] = ()
    source: str = ""
    published_from: date | None = None
    published_to: date | None = None
    updated_since: datetime | None = None
    chrome: bool = False
    offsets: str = CODE_POINTS
    finished_by: bool = False

    @property
    def any_stage(self) -> bool:
        return ANY in self.stages

    @property
    def plain_states(self) -> frozenset[str]:
        """The states that a format without states writes: suggestions never next to confirmed spans."""
        if CONFIRMED in self.states:
            return frozenset({CONFIRMED})
        return frozenset(self.states) - {REJECTED} or frozenset(self.states)

    def as_json(self) -> dict[str, Any]:
        """What differs from the default, and the stages, as JSON."""
        values, default = self.as_full_json(), asdict(Selection())
        return {name: value for name, value in values.items() if name == "stages" or value != _plain(default[name])}

    def as_full_json(self) -> dict[str, Any]:
        """All filters as JSON."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Selection":
        """A stored selection without stages is older than that filter, and means all stages."""
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        known["stages"] = known.get("stages") or (ANY,)
        for name in ("states", "stages", "labels"):
            if name in known:
                known[name] = tuple(known[name])
        for name in ("published_from", "published_to"):
            if known.get(name):
                known[name] = date.fromisoformat(known[name])
        if known.get("updated_since"):
            known["updated_since"] = datetime.fromisoformat(known["updated_since"])
        return cls(**known)

    def __str__(self) -> str:
        """A summary for people."""
        parts = [", ".join(self.states)]
        stages = ", ".join(stage.replace("_", " ") for stage in self.stages)
        parts += ["articles of any stage" if self.any_stage else f"articles {stages}"]
        parts += [", ".join(self.labels)] if self.labels else []
        parts += [f"from {self.source}"] if self.source else []
        if self.published_from or self.published_to:
            parts.append(f"{self.published_from or '…'} to {self.published_to or '…'}")
        parts += [f"changed since {self.updated_since:%Y-%m-%d %H:%M}"] if self.updated_since else []
        parts += ["with boilerplate"] if self.chrome else []
        parts += [f"offsets {self.offsets}"] if self.offsets != CODE_POINTS else []
        parts += ["with finishing editor"] if self.finished_by else []
        return " · ".join(parts)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
