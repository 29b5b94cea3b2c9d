"""`offsets=utf16`: the same places as JavaScript counts them. Every answer says which it uses."""

from collections.abc import Mapping, Sequence
from typing import Any

from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import query
from corpusapp.text.utf16 import Utf16

CODE_POINTS, UTF16 = "code points", "utf16"
PARAMETER = query(
    "offsets",
    f"Unit of offsets: `{CODE_POINTS}` (default), or `{UTF16}` as in JavaScript strings. The response repeats it in "
    "`offsets`, or in the header `X-Offsets` if it is a bare list or span.",
    enum=[CODE_POINTS, UTF16],
)


class Counting:
    """How the offsets of one answer count."""

    def __init__(self, parameters: Parameters) -> None:
        self.name = parameters.choice("offsets", (CODE_POINTS, UTF16), CODE_POINTS)

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Offsets": self.name}

    def placed(self, rows: Sequence[Mapping[str, Any]], text: str) -> list[dict[str, Any]]:
        """Rows with `start` and `end` in this text."""
        if self.name == CODE_POINTS:
            return [dict(row) for row in rows]
        units = Utf16(text)
        return [{**row, "start": units.units(row["start"]), "end": units.units(row["end"])} for row in rows]

    def article(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The detail of an article, whose length counts as its offsets do."""
        if self.name == CODE_POINTS:
            return dict(record)
        text = record["text"]
        placed = {key: self.placed(record[key], text) for key in ("zones", "spans")}
        return {**record, **placed, "length": Utf16(text).length, "offsets": self.name}
