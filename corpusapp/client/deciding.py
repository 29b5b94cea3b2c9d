"""Decisions from a program, in chunks that the desk takes at a time."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import Conflict, LeftOut
from .transport import Transport

# As many as the desk takes in one request.
CHUNK = 1000


@dataclass
class Outcome:
    """What was applied, and what was left out. `item` in `left_out` is the position among all items, from 0."""

    applied: int = 0
    left_out: list[dict[str, Any]] = field(default_factory=list)
    # The decisions of the log, one for each request; each can be undone.
    decisions: list[int] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether nothing was left out."""
        return not self.left_out

    def require_complete(self) -> "Outcome":
        """This outcome. Raises `LeftOut` if anything was left out; what was applied stays applied."""
        if self.left_out:
            first = self.left_out[0]
            detail = (
                f"{len(self.left_out)} items were left out, the first, {first['item']}, since {first.get('reason')}"
            )
            raise LeftOut(detail, problem={"type": "/left-out/", "left_out": self.left_out})
        return self


def apply_in_chunks(
    http: Transport,
    path: str,
    items: Iterable[Any],
    body_of: Callable[[Sequence[Any]], Mapping[str, Any]],
    *,
    all_or_none: bool,
) -> Outcome:
    """Post the items, as many at a time as the desk takes, each request once.

    With `all_or_none`, all are one request, which raises `LeftOut` if any would be left out; more than 1,000 are
    refused before anything is sent.
    """
    outcome = Outcome()
    if all_or_none:
        items = list(itertools.islice(items, CHUNK + 1))
        if len(items) > CHUNK:
            raise ValueError(f"all or none holds for {CHUNK:,} items at most: send fewer, or in several calls")
    for begin, chunk in _chunks(items):
        body = {**body_of(chunk), **({"all_or_none": True} if all_or_none else {})}
        try:
            answer = http.post(path, body)
        except Conflict as refused:
            if all_or_none:
                raise
            # All of the chunk is left out: no decision was made.
            answer = {"left_out": _left_out_by(refused)}
        left_out = [_placed(entry, begin) for entry in answer.get("left_out") or []]
        outcome.left_out += left_out
        outcome.applied += answer.get("applied", len(answer.get("spans") or []))
        if answer.get("decision") is not None:
            outcome.decisions.append(answer["decision"])
    return outcome


def _chunks(items: Iterable[Any]) -> Iterator[tuple[int, list[Any]]]:
    begin, numbered = 0, iter(items)
    while chunk := list(itertools.islice(numbered, CHUNK)):
        yield begin, chunk
        begin += len(chunk)


def _left_out_by(refused: Conflict) -> list[dict[str, Any]]:
    """What a refusal says was left out. Raises it again if it is another one."""
    listed = refused.problem.get("left_out") or refused.current
    if not isinstance(listed, list) or not all(isinstance(entry, dict) and "reason" in entry for entry in listed):
        raise refused
    return listed


def _placed(entry: Mapping[str, Any], begin: int) -> dict[str, Any]:
    return {**entry, "item": begin + int(entry.get("item", 0))}
