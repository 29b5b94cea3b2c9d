"""JSON Lines: one article a line, in UTF-8, without escapes where none are needed."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

NAME, MEDIA_TYPE, SUFFIX = "jsonl", "application/x-ndjson", "jsonl"


def lines(records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """Each record as a line of its own. Line ends within strings are escaped, so that lines stay whole."""
    for record in records:
        yield (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()
