"""The query parameter `offsets`: the unit of the offsets in a response, code points or UTF-16 as in JavaScript."""

from collections.abc import Mapping, Sequence
from typing import Any

from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import header, query
from corpusapp.text.utf16 import Utf16

CODE_POINTS, UTF16 = "code points", "utf16"
PARAMETER = query(
    "offsets",
    f"Unit of offsets: `{CODE_POINTS}` (default), or `{UTF16}` as in JavaScript strings. The response repeats it in "
    "`offsets`, or in the header `X-Offsets` if it is a bare list or span.",
    enum=[CODE_POINTS, UTF16],
)
HEADER = header("X-Offsets", f"Unit of the offsets in the response: `{CODE_POINTS}` or `{UTF16}`.")


class Counting:
    """The unit of the offsets in one response. The rows of the domain count code points."""

    def __init__(self, parameters: Parameters) -> None:
        self.name = parameters.choice("offsets", (CODE_POINTS, UTF16), CODE_POINTS)

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Offsets": self.name}

    def placed(self, rows: Sequence[Mapping[str, Any]], text: str) -> list[dict[str, Any]]:
        """The rows, with `start` and `end` in this unit; `text` is the text that they refer to."""
        if self.name == CODE_POINTS:
            return [dict(row) for row in rows]
        units = Utf16(text)
        return [{**row, "start": units.units(row["start"]), "end": units.units(row["end"])} for row in rows]

    def article(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """An article's detail record, with the offsets and lengths in this unit."""
        if self.name == CODE_POINTS:
            return dict(record)
        text = record["text"]
        placed = {key: self.placed(record[key], text) for key in ("zones", "spans")}
        return {**record, **placed, "length": Utf16(text).length, "offsets": self.name}
