"""What an export holds: which articles, and which of their spans."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from annotations.formats.records import CONFIRMED, REJECTED
from annotations.formats.utf16 import CODE_POINTS

# As clients name what they ask for.
FILTER_NAMES = {"states": "state", "stages": "stage", "labels": "label"}


@dataclass(frozen=True, slots=True)
class Selection:
    """Articles by source (a name), date, stage and last change; of those all, spans by state and label.

    Articles without such a span stay: they are examples as well. Spans that touch chrome are left out unless `chrome`.
    """

    states: tuple[str, ...] = (CONFIRMED,)
    stages: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    source: str = ""
    published_from: date | None = None
    published_to: date | None = None
    updated_since: datetime | None = None
    chrome: bool = False
    offsets: str = CODE_POINTS

    @property
    def plain_states(self) -> frozenset[str]:
        """What a format without states writes as its own: never suggestions beside what people confirmed."""
        if CONFIRMED in self.states:
            return frozenset({CONFIRMED})
        return frozenset(self.states) - {REJECTED} or frozenset(self.states)

    def as_json(self) -> dict[str, Any]:
        """What differs from the default, as JSON."""
        values = self.as_full_json()
        return {name: values[name] for name, value in asdict(Selection()).items() if values[name] != _plain(value)}

    def as_full_json(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Selection":
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
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
        """As a person reads it."""
        parts = [", ".join(self.states)]
        parts += [", ".join(stage.replace("_", " ") for stage in self.stages)] if self.stages else []
        parts += [", ".join(self.labels)] if self.labels else []
        parts += [f"from {self.source}"] if self.source else []
        if self.published_from or self.published_to:
            parts.append(f"{self.published_from or '…'} to {self.published_to or '…'}")
        parts += [f"changed since {self.updated_since:%Y-%m-%d %H:%M}"] if self.updated_since else []
        parts += ["with chrome"] if self.chrome else []
        parts += [f"offsets {self.offsets}"] if self.offsets != CODE_POINTS else []
        return " · ".join(parts)


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
