"""Chooses the next decision of an editor who sees one article and its gold: greedy, with one step of look-ahead.

A decision applies to all matches if that costs less in total, including the correction of its mistakes.
"""

from collections.abc import Collection, Iterator
from dataclasses import replace

from tests.benchmarks.economy.gold import Triple
from tests.benchmarks.economy.simulated_article import CONFIRMED, REJECTED, SUGGESTED, Correction, SimulatedArticle

Gold = Collection[Triple]


def next_correction(article: SimulatedArticle, gold: Gold) -> Correction | None:
    """The next correction; None if there is nothing left but to confirm."""
    singles = single_corrections(article, gold)
    if not singles:
        return None
    now = total_cost(singles)
    best, best_gain = singles[0], 0
    for plan in _plans(article, gold, singles):
        gain = now - _cost_after(article, gold, plan)
        if gain > best_gain:
            best, best_gain = plan[0], gain
    return best if best.on_matches else _with_correct_matches(article, gold, singles, best)


def cost(article: SimulatedArticle, gold: Gold) -> int:
    """The cost of what is left, without decisions on matches: each wrong span singly, and one confirm for the rest."""
    to_confirm = any(article.states.get(triple) == SUGGESTED for triple in gold)
    return total_cost(single_corrections(article, gold)) + to_confirm


def total_cost(corrections: Collection[Correction]) -> int:
    return sum(correction.cost for correction in corrections)


def single_corrections(article: SimulatedArticle, gold: Gold) -> list[Correction]:
    """The cheapest corrections of all wrong and missing spans, in their best order.

    A wrong and a missing span with the same range become one relabel; two that overlap become one move.
    """
    wrong = sorted(triple for triple in article.current() if triple not in gold)
    missing = sorted(triple for triple in gold if article.states.get(triple, REJECTED) == REJECTED)
    found = []
    for same_range, same_label in ((True, False), (False, True), (False, False)):
        for target in list(missing):
            span = next((span for span in wrong if _fit(span, target, same_range, same_label)), None)
            if span is not None:
                offered = not same_range and target in article.possible
                found.append(Correction("relabel" if same_range else "move", span, target, offered=offered))
                wrong.remove(span)
                missing.remove(target)
    found += [Correction("reject", span, None) for span in wrong]
    return found + [Correction("add", None, target, offered=target in article.possible) for target in missing]


def _fit(span: Triple, target: Triple, same_range: bool, same_label: bool) -> bool:
    if same_range:
        return span[:2] == target[:2]
    overlap = span[0] < target[1] and target[0] < span[1]
    return overlap and (span[2] == target[2]) == same_label


def _cost_after(article: SimulatedArticle, gold: Gold, plan: list[Correction]) -> int:
    """The cost of a plan, and of correcting singly what it leaves."""
    spent = 0
    for correction in plan:
        article = article.after(correction)
        spent += correction.cost
    # Without the confirm at the end, which nearly every plan needs.
    return spent + total_cost(single_corrections(article, gold))


def _plans(article: SimulatedArticle, gold: Gold, singles: list[Correction]) -> Iterator[list[Correction]]:
    """Decisions on matches; the same after their exceptions; and rejections followed by additions in their place."""
    for origin in _distinct(article, singles):
        matches = article.matches(origin)
        if not matches:
            continue
        result = replace(origin, on_matches=True)
        yield [result]
        if exceptions := _exceptions(matches, gold, singles):
            yield [*exceptions, result]
        if origin.verb == "reject":
            after = article.after(result)
            yield from ([result, _with_matches(after, add)] for add in _additions_in_place(article, after, gold))


def _distinct(article: SimulatedArticle, singles: list[Correction]) -> Iterator[Correction]:
    """One correction of each kind. Instead of a move or relabel, a reject or an addition is tried as well."""
    seen = set()
    rejects = [Correction("reject", one.span, None) for one in singles if one.span and one.verb != "reject"]
    adds = [
        Correction("add", None, one.target, offered=one.offered) for one in singles if one.target and one.verb == "move"
    ]
    for one in [*singles, *rejects, *adds]:
        before = one.span and (article.surface(one.span), one.span[2])
        after = one.target and (article.surface(one.target), one.target[2])
        shift = one.verb == "move" and one.span and one.target and (one.target[0] - one.span[0])
        kind = (one.verb, before, after, shift)
        if kind not in seen:
            seen.add(kind)
            yield one


def _exceptions(matches: list[Correction], gold: Gold, singles: list[Correction]) -> list[Correction]:
    """Single corrections that keep a decision on matches from its mistakes."""
    found = []
    for match in matches:
        if not _is_right(match, singles, gold):
            found += [correction for correction in singles if _replaces(correction, match) and correction not in found]
    return found


def _is_right(match: Correction, singles: list[Correction], gold: Gold) -> bool:
    return match in singles or (match.target is not None and match.target in gold)


def _replaces(correction: Correction, match: Correction) -> bool:
    return correction.span == match.span if match.span else _overlap(correction.target, match.target)


def _additions_in_place(article: SimulatedArticle, after: SimulatedArticle, gold: Gold) -> Iterator[Correction]:
    """Additions of missing spans in the place of rejected ones, one of each kind."""
    rejected = [span for span in article.current() if after.states[span] == REJECTED]
    seen = set()
    for target in sorted(gold):
        kind = (after.surface(target), target[2])
        if after.states.get(target) in (SUGGESTED, CONFIRMED) or kind in seen:
            continue
        if any(_overlap(span, target) for span in rejected):
            seen.add(kind)
            yield Correction("add", None, target, offered=target in after.possible)


def _with_matches(article: SimulatedArticle, add: Correction) -> Correction:
    return replace(add, on_matches=bool(article.matches(add)))


def _with_correct_matches(
    article: SimulatedArticle, gold: Gold, singles: list[Correction], correction: Correction
) -> Correction:
    matches = article.matches(correction)
    on_matches = bool(matches) and all(_is_right(one, singles, gold) for one in matches)
    return replace(correction, on_matches=on_matches)


def _overlap(one: Triple | None, other: Triple | None) -> bool:
    return one is not None and other is not None and one[0] < other[1] and other[0] < one[1]
