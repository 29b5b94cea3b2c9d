"""Counts the keys of an expert: `python -m tests.benchmarks.editor_keys GOLD.jsonl --json`.

GOLD has reviewed articles, one line `{"text", "spans": [[start, end, label], …]}` each. A real Chromium opens them in
file order on a desk that is started for it, and works each, by keyboard alone, until its confirmed spans are its gold.
The driver looks at the gold of the article in hand, as an editor knows what is true, and at its suggestions; it takes
the shortest of the ways that it knows: from doubt to doubt, by finding words, or by decisions on all mentions.

A chord is one key, and each letter that is typed to find something is one. `walking` are the keys that change nothing
but the selection or the view: steps, finding, opening a preview, words that are selected, and a first Ctrl+Enter that
only warns. `deciding` are all others. `keys_per_span` is over all spans of the gold. `ready_ms` is from the start of
the navigation to the workbench's readiness or the first paint, `key_ms` from a keypress to the frame after it (medians
and 95th percentiles). `exact` says whether every article ended as its gold.
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

from tests.benchmarks.browser import PAINTED, WATCH, WORKBENCH
from tests.benchmarks.economy.client import Client
from tests.benchmarks.economy.desk import CORPUS, running_desk
from tests.benchmarks.economy.editor import Editor, View
from tests.benchmarks.economy.gold import GoldArticle, Triple, overlapping, read_gold
from tests.benchmarks.economy.keyboard import DECIDING, WALKING, Keyboard, found, nearest, typed_for, words_of
from tests.benchmarks.economy.plan import next_correction, single_corrections
from tests.benchmarks.economy.simulated_article import SUGGESTED, Correction
from tests.benchmarks.serving import chromium

_MOST_STEPS = 400
# A decision on mentions like one takes two more keys, so it pays from so many on.
_MANY = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--labels", default="", help="only these labels, separated by commas; others are left out")
    parser.add_argument("--gold-limit", type=int, metavar="N", help="only the first N articles")
    parser.add_argument("--log", action="store_true", help="print the keys of each correction to the standard error")
    parser.add_argument("--pictures", type=Path, metavar="FOLDER", help="a picture of each article when it is opened")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    labels = [label.strip() for label in options.labels.split(",") if label.strip()]
    gold = read_gold(options.gold, labels, options.gold_limit)
    figures = measure(gold, labels, log=options.log, pictures=options.pictures)
    print(json.dumps(figures, ensure_ascii=False, indent=None if options.json else 4))


def measure(
    gold: Sequence[GoldArticle], labels: Sequence[str], *, log: bool = False, pictures: Path | None = None
) -> dict[str, Any]:
    wanted = labels or sorted({label for article in gold for *_, label in article.spans})
    with running_desk(wanted, nesting=overlapping(gold), exactly=bool(labels)) as client, chromium() as browser:
        client.import_articles(CORPUS, [{"text": one.text, "external_id": one.key} for one in gold])
        client.wait_until_idle(CORPUS)
        ids = client.ids(CORPUS)
        page = _signed_in(browser, client)
        articles, ready, times = [], [], []
        for article in gold:
            expert = Expert(client, page, ids[article.key], article, log=log)
            ready.append(expert.open())
            if pictures is not None:
                page.screenshot(path=pictures / f"{article.key}.png")
            expert.work()
            times += page.evaluate("window.times")
            expert.finish()
            client.wait_until_idle(CORPUS)
            articles.append(expert.figures())
        exact = all(client.confirmed(ids[article.key]) == article.spans for article in gold)
    spans = max(1, sum(len(article.spans) for article in gold))
    keys = sum(one["keys"] for one in articles)
    return {
        "articles": articles,
        "gold_spans": spans,
        "keys_per_span": round(keys / spans, 4),
        "walking_share": round(sum(one["walking"] for one in articles) / max(1, keys), 4),
        "ready_ms": _spread(ready),
        "key_ms": _spread(times),
        "exact": exact,
    }


def _spread(times: Sequence[float]) -> dict[str, float]:
    ordered = sorted(times)
    return {"median": round(statistics.median(ordered), 1), "p95": round(ordered[ceil(0.95 * len(ordered)) - 1], 1)}


def _signed_in(browser: Any, client: Client) -> Any:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    django.setup()
    from tests import factories

    context = browser.new_context(base_url=client.url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto("/sign-in/")
    page.fill("[name=username]", "root")
    page.fill("[name=password]", factories.PASSWORD)
    page.click("main button")
    page.wait_for_selector("h1")
    return page


class Expert:
    """Works one article at the page to its gold."""

    def __init__(self, client: Client, page: Any, pk: int, article: GoldArticle, *, log: bool) -> None:
        self.client, self.page, self.pk, self.article, self.log = client, page, pk, article, log
        self.words = words_of(article.text)
        self.editor = Editor(client)

    def open(self) -> float:
        """Open the article; returns the milliseconds until it is ready."""
        self.page.goto(f"/corpora/{CORPUS}/articles/{self.pk}/")
        self.page.wait_for_selector("html.keys.filled #selected-span")
        ready = self.page.evaluate(PAINTED.replace("READY", WORKBENCH))
        self.page.wait_for_selector("#saved[data-state=saved]")
        # The possible spans come last.
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate(WATCH)
        self.keyboard = Keyboard(self.page, self.article.text)
        return float(ready)

    def read(self) -> View:
        """The article as the page shows it: without suggestions that came since it was opened."""
        self.page.wait_for_selector("#saved[data-state=saved]")
        view = self.editor.read(self.pk)
        shown = set(self.page.evaluate("[...document.querySelectorAll('#text [data-s]')].map(one => +one.dataset.s)"))
        rows = {triple: row for triple, row in view.rows.items() if row["state"] != SUGGESTED or row["id"] in shown}
        states = {triple: view.article.states[triple] for triple in rows}
        return View(replace(view.article, states=states), rows)

    def work(self) -> None:
        """First what is doubtful, as the page leads from one to the next; then what that did not find."""
        self.keyboard.command("next-doubtful", WALKING)
        for _ in range(_MOST_STEPS):
            now = self.keyboard.selected()
            if now is None:
                break
            self.decide(self.read(), now)
        for _ in range(_MOST_STEPS):
            view = self.read()
            planned = next_correction(view.article, self.article.spans)
            if planned is None:
                return
            now = self.keyboard.selected()
            if not planned.on_matches:
                planned = nearest(single_corrections(view.article, self.article.spans), now[0] if now else 0)
            self.logged(planned, lambda planned=planned, view=view: self.correct(view, planned))
        raise RuntimeError(f"{self.article.key} is not its gold after {_MOST_STEPS} corrections")

    def decide(self, view: View, now: tuple[int, int]) -> None:
        """What is selected, in doubt: right, or to be corrected."""
        here = [row for row in view.suggested if (row["start"], row["end"]) == now]
        label = self.page.inner_text("#selected-span .tag")
        if (*now, label) in self.article.spans:
            self.logged("right", lambda: self.keyboard.command("confirm", DECIDING))
        elif not here:
            self.logged("no name", lambda: self.keyboard.command("reject", DECIDING))
        else:
            span = next((*now, row["label"]) for row in here if row["label"] == label)
            self.logged(span, lambda: self.change(view, self.correction_of(view, span)))
            self.page.wait_for_selector("#bulk", state="hidden")
            after = self.keyboard.selected()
            if after is not None and "confirmed" in self.page.inner_text("#selected-span .facts-line"):
                # Still selected, as after its boundaries were moved.
                self.keyboard.command("next-doubtful", WALKING)

    def correction_of(self, view: View, span: Triple) -> Correction:
        planned = next_correction(view.article, self.article.spans)
        if planned is not None and planned.span == span:
            return planned
        return next(one for one in single_corrections(view.article, self.article.spans) if one.span == span)

    def logged(self, about: object, press: Callable[[], None]) -> None:
        before = len(self.keyboard.pressed)
        press()
        if self.log:
            print(about, [key for key, _ in self.keyboard.pressed[before:]], file=sys.stderr)

    def correct(self, view: View, correction: Correction) -> None:
        if correction.span is not None:
            self.reach(view, correction.span)
            self.change(view, correction)
        else:
            self.add(view, correction)
        self.page.wait_for_selector("#bulk", state="hidden")

    def change(self, view: View, correction: Correction) -> None:
        """The keys of a verb on the selected span."""
        keyboard, target = self.keyboard, correction.target
        many = correction.verb != "move" and len(view.article.matches(correction)) >= _MANY and correction.on_matches
        if many:
            keyboard.command("alike", WALKING)
            self.page.wait_for_selector("#bulk .lines li")
        if target is None:
            keyboard.command("reject", DECIDING)
        elif correction.verb == "relabel":
            keyboard.label(target[2])
        else:
            self.move(view, correction, target)
        if many:
            self.page.wait_for_selector(f"#bulk-title:has-text('{'Reject' if target is None else 'Relabel'}')")
            keyboard.press(DECIDING, "Enter")

    def move(self, view: View, correction: Correction, target: Triple) -> None:
        assert correction.span is not None
        if correction.offered and self._first_choice(view, correction.span) == target:
            self.keyboard.command("alternative", DECIDING)
            return
        self.keyboard.set_edges(target[0], target[1], DECIDING)
        if correction.span[2] != target[2]:
            self.keyboard.label(target[2])

    def _first_choice(self, view: View, span: Triple) -> Triple | None:
        """The possible span that the page offers first for a suggestion."""
        buttons = self.page.locator(".possible-here button").all_inner_texts()
        for one in view.article.possible:
            words = " ".join(view.article.surface(one).split())
            same = one[:2] == span[:2]
            shown = f"{one[2]}" if same else f"{words} {one[2]}"
            if buttons and buttons[0].split("\n")[0].replace("\u00a0", " ").startswith(shown):
                return one
        return None

    def add(self, view: View, correction: Correction) -> None:
        target = correction.target
        assert target is not None
        if correction.offered and not correction.on_matches and self.reach_possible(view, target):
            self.keyboard.command("confirm", DECIDING)
        elif not self.add_at_once(view, target):
            self.select_words(target)
            self.keyboard.label(target[2])
        # Where it was a possible span, the page has gone on: the next correction sees what is left.
        if correction.on_matches and "confirmed" in self.page.inner_text("#selected-span .facts-line"):
            self.keyboard.command("alike", WALKING)
            self.page.wait_for_selector("#bulk .lines li")
            self.keyboard.press(DECIDING, "Enter")

    def add_at_once(self, view: View, target: Triple) -> bool:
        """Find the words, and label them by the digit that ends the typing. False if that would do something else."""
        key, now = self.keyboard.labels[target[2]], self.keyboard.selected()
        typed = typed_for(self.words, target[0], target[1], now[0] if now else 0, whole=True)
        letters = "".join(typed or [])
        if typed is None or "Arrow" in letters or not key.isdigit():
            return False
        if f"{letters}{key}".lower() in self.article.text.lower():
            return False
        words = [word for word in self.words if word[0] < target[1] and target[0] < word[1]]
        taken = any(triple[0] <= target[0] and target[1] <= triple[1] for triple in view.article.current())
        possible = any(one[0] <= target[0] and target[1] <= one[1] for one in view.article.possible)
        whole = (words[0][0], words[-1][1]) == target[:2]
        if taken or possible or not whole or found(self.words, f"{letters}{key}".split(), 0):
            return False
        self.keyboard.command("find", WALKING)
        self.keyboard.press(WALKING, *typed)
        self.keyboard.press(DECIDING, key)
        return True

    def reach(self, view: View, span: Triple) -> None:
        """Select a span by its words; where these find another one, by steps."""
        keyboard, now = self.keyboard, self.keyboard.selected()
        if now == span[:2]:
            return
        typed = typed_for(self.words, span[0], span[1], now[0] if now else 0, whole=False)
        if typed is not None:
            keyboard.find(typed)
        for _ in range(_MOST_STEPS):
            if keyboard.selected() == span[:2]:
                return
            keyboard.press(WALKING, "Tab")
        raise RuntimeError(f"{span} cannot be selected")

    def reach_possible(self, view: View, target: Triple) -> bool:
        """Select a possible span. False if it is shorter to find its words."""
        now = self.keyboard.selected()
        typed = typed_for(self.words, target[0], target[1], now[0] if now else 0, whole=False)
        taken = [triple for triple in view.article.current() if triple[0] < target[1] and target[0] < triple[1]]
        if typed is None or taken:
            return False
        self.keyboard.find(typed)
        title = self.page.inner_text("#selected-title")
        state = self.page.inner_text("#selected-span .facts-line")
        return "possible" in state and title == " ".join(view.article.surface(target).split())[:120]

    def select_words(self, target: Triple) -> None:
        now = self.keyboard.selected()
        if now is None or now != target[:2]:
            typed = typed_for(self.words, target[0], target[1], now[0] if now else 0, whole=True)
            typed = typed or typed_for(self.words, target[0], target[1], now[0] if now else 0, whole=False)
            if typed is None:
                raise RuntimeError(f"{target} cannot be found")
            self.keyboard.find(typed, "Shift+Enter")
        self.keyboard.set_edges(target[0], target[1], WALKING)

    def finish(self) -> None:
        """Confirm what is left, and finish; once more if the page warns."""
        here = self.page.url
        for _ in range(3):
            self.keyboard.press(DECIDING, "Control+Enter")
            if self._left(here):
                return
            self.keyboard.pressed[-1] = ("Control+Enter", WALKING)
        raise RuntimeError(f"{self.article.key} is not finished: {self.page.inner_text('#message')}")

    def _left(self, here: str) -> bool:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if self.page.url != here:
                self.page.wait_for_load_state()
                return True
            if self.page.locator("#message:has-text('again to confirm')").count():
                self.page.evaluate("document.getElementById('message').textContent = ''")
                return False
            self.page.wait_for_timeout(20)
        return False

    def figures(self) -> dict[str, Any]:
        kinds = [kind for _, kind in self.keyboard.pressed]
        walking = kinds.count(WALKING)
        return {
            "article": self.article.key,
            "spans": len(self.article.spans),
            "keys": len(kinds),
            "walking": walking,
            "deciding": len(kinds) - walking,
        }


if __name__ == "__main__":
    main()
