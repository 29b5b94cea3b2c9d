"""A simulated editor, who reads an article, sends the next decision over REST, and counts the actions."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.economy.client import Client, Refused
from tests.benchmarks.economy.gold import GoldArticle, Triple
from tests.benchmarks.economy.plan import next_correction
from tests.benchmarks.economy.simulated_article import CONFIRMED, SUGGESTED, Correction, SimulatedArticle

_STATES = "suggested,confirmed,rejected"
# The article has changed since it was read: read it again.
_STALE = (404, 409)
_MAX_DECISIONS = 2000


@dataclass
class View:
    """An article as the desk returns it; `rows` are its spans by triple."""

    article: SimulatedArticle
    rows: dict[Triple, dict[str, Any]]

    @property
    def suggested(self) -> list[dict[str, Any]]:
        return [row for row in self.rows.values() if row["state"] == SUGGESTED]

    @property
    def confirmed(self) -> frozenset[Triple]:
        return frozenset(triple for triple, state in self.article.states.items() if state == CONFIRMED)


@dataclass
class Editor:
    """Reviews articles; `spent` counts actions by verb, `results` has one row per decision."""

    client: Client
    corpus_decisions: bool = False
    spent: Counter[str] = field(default_factory=Counter)
    results: list[dict[str, Any]] = field(default_factory=list)
    _sent: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def read(self, pk: int) -> View:
        found = self.client.get(f"articles/{pk}/?state={_STATES}")
        rows = {(row["start"], row["end"], row["label"]): row for row in found["spans"]}
        chrome = tuple((zone["start"], zone["end"]) for zone in found["zones"] if zone["kind"] == "chrome")
        states = {triple: row["state"] for triple, row in rows.items()}
        possible = self.client.get(f"articles/{pk}/possible/")["results"]
        offered = frozenset((row["start"], row["end"], row["label"]) for row in possible)
        return View(SimulatedArticle(found["text"], states, chrome, offered), rows)

    def review(self, pk: int, gold: GoldArticle) -> int:
        """Correct the article until its spans are the gold, and finish it; returns the number of actions."""
        before = self.spent.total()
        for _ in range(_MAX_DECISIONS):
            view = self.read(pk)
            correction = next_correction(view.article, gold.spans)
            if correction is None and not view.suggested:
                break
            try:
                self.send(pk, view, correction) if correction else self._confirm(pk, view)
            except Refused as refused:
                if refused.status not in _STALE:
                    raise
        if view.confirmed != gold.spans:
            raise RuntimeError(f"article {pk} ({gold.key}) is not its gold after {_MAX_DECISIONS} decisions")
        self.client.post(f"articles/{pk}/finish/", {})
        return self.spent.total() - before

    def _confirm(self, pk: int, view: View) -> None:
        shown = [{"span": row["id"], "revision": row["revision"]} for row in view.suggested]
        self.client.post(f"articles/{pk}/confirm/", {"shown": shown})
        self.spent["confirm"] += 1

    def send(self, pk: int, view: View, correction: Correction) -> None:
        choice = {**_choice(view, correction), **({"offered": True} if correction.offered else {})}
        scope = self._scope(view, correction)
        matches = self._matches(pk, choice, scope) if scope else []
        if matches:
            self.client.post(f"articles/{pk}/alike/", {"choice": choice, "matches": matches})
        else:
            self.client.post(f"articles/{pk}/decisions/", {"decisions": [choice]})
        self.spent["alternative" if correction.offered else correction.verb] += correction.cost
        self._sent[_kind(view, correction)] += 1
        verb, *of = _kind(view, correction)
        named = dict(zip(("words", "label", "new_words", "new_label"), of, strict=True))
        self.results.append({"article": pk, "verb": verb, **named, "matches": len(matches), "cost": correction.cost})

    def _scope(self, view: View, correction: Correction) -> str | None:
        """The scope of the decision's matches; None to decide on one span only.

        With `corpus_decisions`, a decision like an earlier one applies to the whole corpus.
        """
        whole = correction.on_matches or not view.article.matches(correction)
        if self.corpus_decisions and self._sent[_kind(view, correction)] and whole:
            return "corpus"
        return "article" if correction.on_matches else None

    def _matches(self, pk: int, choice: dict[str, Any], scope: str) -> list[dict[str, int]]:
        """All matches of the preview: the editor excludes none."""
        found = self.client.post(f"articles/{pk}/alike/preview/", {"choice": choice, "scope": scope})
        keys = ("article", "start", "end") if choice["verb"] == "add" else ("article", "span", "revision")
        return [{key: match[key] for key in keys} for match in found["matches"]]


def _choice(view: View, correction: Correction) -> dict[str, Any]:
    choice: dict[str, Any] = {"verb": correction.verb}
    if correction.span is not None:
        row = view.rows[correction.span]
        choice |= {"span": row["id"], "revision": row["revision"]}
    if correction.target is not None:
        start, end, label = correction.target
        if correction.verb != "relabel":
            choice |= {"start": start, "end": end}
        if correction.span is None or correction.span[2] != label:
            choice["label"] = label
    return choice


def _kind(view: View, correction: Correction) -> tuple[str, ...]:
    """What equal decisions on equal words have in common."""
    before = (view.article.surface(correction.span), correction.span[2]) if correction.span else ("", "")
    after = (view.article.surface(correction.target), correction.target[2]) if correction.target else ("", "")
    return (correction.verb, *before, *after)
