"""What the database cannot hold: lone surrogates (no UTF-8 form), NUL, numbers that JSON does not have."""

import math
import re
from typing import Any

_SURROGATE = re.compile("[\ud800-\udfff]")
MAX_DEPTH = 64


def fault(text: str, *, nul_allowed: bool = False) -> str | None:
    """Why `text` cannot be stored, with the offset in code points; None where it can."""
    if not text.isascii() and (surrogate := _SURROGATE.search(text)):
        return (
            f"holds a lone surrogate (U+{ord(surrogate[0]):04X}) at offset {surrogate.start()}: "
            "send whole characters, in JSON as a pair of escapes"
        )
    if not nul_allowed and "\0" in text:
        return f"holds a NUL character (U+0000) at offset {text.index(chr(0))}: remove it"
    return None


def fault_within(value: Any, path: str = "", depth: int = 0) -> tuple[str, str] | None:
    """(path, reason) of the first string or number in a JSON value that cannot be stored, or of nesting too deep."""
    if depth > MAX_DEPTH:
        return path, f"is nested more than {MAX_DEPTH} deep"
    if isinstance(value, str):
        reason = fault(value)
        return (path, reason) if reason else None
    if isinstance(value, float) and not math.isfinite(value):
        return path, f"is {value}, which JSON has no number for: leave it out"
    if isinstance(value, dict):
        for key, inner in value.items():
            if found := fault_within(key, f"{path}.(key)", depth + 1):
                return found
            if found := fault_within(inner, f"{path}.{key}".lstrip("."), depth + 1):
                return found
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            if found := fault_within(inner, f"{path}[{position}]", depth + 1):
                return found
    return None
