"""The simulated editor at the desk: looks at an article, makes the next decision over REST, counts what it sent."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.economy.board import CONFIRMED, SUGGESTED, Board, Move
from tests.benchmarks.economy.client import Client, Refused
from tests.benchmarks.economy.gold import GoldArticle, Triple
from tests.benchmarks.economy.plan import next_move

_STATES = "suggested,confirmed,rejected"
# Of what changed between the look and the decision: look again.
_CHANGED = (404, 409)
_MOST_DECISIONS = 2000


@dataclass
class View:
    """An article as the desk answers it."""

    board: Board
    rows: dict[Triple, dict[str, Any]]

    @property
    def suggested(self) -> list[dict[str, Any]]:
        return [row for row in self.rows.values() if row["state"] == SUGGESTED]

    @property
    def confirmed(self) -> frozenset[Triple]:
        return frozenset(triple for triple, state in self.board.states.items() if state == CONFIRMED)


@dataclass
class Editor:
    """Works through articles; `spent` are actions by kind, over all articles so far."""

    client: Client
    corpus_decisions: bool = False
    spent: Counter[str] = field(default_factory=Counter)
    results: list[dict[str, Any]] = field(default_factory=list)
    _made: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def look(self, pk: int) -> View:
        found = self.client.get(f"articles/{pk}/?state={_STATES}")
        rows = {(row["start"], row["end"], row["label"]): row for row in found["spans"]}
        chrome = tuple((zone["start"], zone["end"]) for zone in found["zones"] if zone["kind"] == "chrome")
        return View(Board(found["text"], {triple: row["state"] for triple, row in rows.items()}, chrome), rows)

    def work(self, pk: int, gold: GoldArticle) -> int:
        """Bring the article to its gold and finish it; the actions that it took."""
        before = self.spent.total()
        for _ in range(_MOST_DECISIONS):
            view = self.look(pk)
            move = next_move(view.board, gold.spans)
            if move is None and not view.suggested:
                break
            try:
                self.send(pk, view, move) if move else self._confirm(pk, view)
            except Refused as refused:
                if refused.status not in _CHANGED:
                    raise
        if view.confirmed != gold.spans:
            raise RuntimeError(f"article {pk} ({gold.key}) is not brought to its gold in {_MOST_DECISIONS} decisions")
        self.client.post(f"articles/{pk}/finish/", {})
        return self.spent.total() - before

    def _confirm(self, pk: int, view: View) -> None:
        shown = [{"span": row["id"], "revision": row["revision"]} for row in view.suggested]
        self.client.post(f"articles/{pk}/confirm/", {"shown": shown})
        self.spent["confirm"] += 1

    def send(self, pk: int, view: View, move: Move) -> None:
        choice = _choice(view, move)
        scope = self._scope(view, move)
        matches = self._alike(pk, choice, scope) if scope else []
        if matches:
            self.client.post(f"articles/{pk}/alike/", {"choice": choice, "matches": matches})
        else:
            self.client.post(f"articles/{pk}/decisions/", {"decisions": [choice]})
        self.spent[move.verb] += move.price
        self._made[_kind(view, move)] += 1
        verb, *of = _kind(view, move)
        named = dict(zip(("words", "label", "new_words", "new_label"), of, strict=True))
        self.results.append({"article": pk, "verb": verb, **named, "likes": len(matches), "price": move.price})

    def _scope(self, view: View, move: Move) -> str | None:
        """The corpus for what was decided alike in an earlier article already, where those are wanted."""
        if self.corpus_decisions and self._made[_kind(view, move)] and (move.like or not view.board.likes(move)):
            return "corpus"
        return "article" if move.like else None

    def _alike(self, pk: int, choice: dict[str, Any], scope: str) -> list[dict[str, int]]:
        """All that the preview shows: the editor picks nothing out."""
        found = self.client.post(f"articles/{pk}/alike/preview/", {"choice": choice, "scope": scope})
        keys = ("article", "start", "end") if choice["verb"] == "add" else ("article", "span", "revision")
        return [{key: match[key] for key in keys} for match in found["matches"]]


def _choice(view: View, move: Move) -> dict[str, Any]:
    choice: dict[str, Any] = {"verb": move.verb}
    if move.span is not None:
        row = view.rows[move.span]
        choice |= {"span": row["id"], "revision": row["revision"]}
    if move.target is not None:
        start, end, label = move.target
        if move.verb != "relabel":
            choice |= {"start": start, "end": end}
        if move.span is None or move.span[2] != label:
            choice["label"] = label
    return choice


def _kind(view: View, move: Move) -> tuple[str, ...]:
    """What decisions have in common that do the same to the same words."""
    before = (view.board.surface(move.span), move.span[2]) if move.span else ("", "")
    after = (view.board.surface(move.target), move.target[2]) if move.target else ("", "")
    return (move.verb, *before, *after)
