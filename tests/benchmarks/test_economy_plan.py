"""How the simulated editor chooses its next decision."""

from annotations.spans.occurrences import occurrences
from tests.benchmarks.economy.plan import cost, next_correction
from tests.benchmarks.economy.simulated_article import CONFIRMED, REJECTED, SUGGESTED, Correction, SimulatedArticle
from tests.benchmarks.editor_economy import cost_with_matches, f1

TEXT = "Iran said so. The Bank of Iran said so. Iran, said Bank, and Iran again. Iran's Bank."
IRAN = list(occurrences(TEXT, "Iran"))
BANK_OF_IRAN = (TEXT.index("Bank of Iran"), TEXT.index("Bank of Iran") + len("Bank of Iran"))


def simulated(*triples, **states):
    return SimulatedArticle(TEXT, dict.fromkeys(triples, SUGGESTED) | states)


def labelled(label, *ranges):
    return [(start, end, label) for start, end in ranges]


def test_right_suggestions_are_confirmed_together():
    right = labelled("GPE", IRAN[0], IRAN[2])
    assert next_correction(simulated(*right), right) is None
    assert cost(simulated(*right), right) == 1
    assert next_correction(simulated(), []) is None
    assert cost(simulated(), []) == 0


def test_the_cost_of_each_correction():
    (gpe,), (org,), (bank,) = labelled("GPE", IRAN[1]), labelled("ORG", IRAN[1]), labelled("ORG", BANK_OF_IRAN)
    assert (next_correction(simulated(org), [gpe]), cost(simulated(org), [gpe])) == (Correction("relabel", org, gpe), 1)
    assert (next_correction(simulated(org), [bank]), cost(simulated(org), [bank])) == (Correction("move", org, bank), 2)
    assert (next_correction(simulated(gpe), [bank]), cost(simulated(gpe), [bank])) == (Correction("move", gpe, bank), 3)
    assert (next_correction(simulated(gpe), []), cost(simulated(gpe), [])) == (Correction("reject", gpe, None), 1)
    assert (next_correction(simulated(), [bank]), cost(simulated(), [bank])) == (Correction("add", None, bank), 2)


def test_one_decision_corrects_all_matches():
    wrong, right = labelled("ORG", *IRAN), labelled("GPE", *IRAN)
    correction = next_correction(simulated(*wrong), right)
    assert correction == Correction("relabel", wrong[0], right[0], on_matches=True)
    assert set(simulated(*wrong).after(correction).states.items()) == {
        *((triple, REJECTED) for triple in wrong),
        *((triple, CONFIRMED) for triple in right),
    }
    assert cost_with_matches(simulated(*wrong), set(right)) == 1


def test_no_decision_on_matches_that_does_more_harm_than_good():
    proposed = labelled("ORG", *IRAN)
    gold = {*proposed[1:], (*IRAN[0], "GPE")}
    assert next_correction(simulated(*proposed), gold) == Correction("relabel", proposed[0], (*IRAN[0], "GPE"))
    assert cost_with_matches(simulated(*proposed), gold) == 2  # and one to confirm the others


def test_exceptions_are_corrected_before_a_decision_on_matches():
    proposed = labelled("ORG", *IRAN)
    gold = {(*IRAN[0], "GPE")}
    assert next_correction(simulated(*proposed), gold) == Correction("relabel", proposed[0], (*IRAN[0], "GPE"))
    assert cost_with_matches(simulated(*proposed), gold) == 2


def test_an_addition_applies_to_all_free_places_and_the_longer_name_comes_first():
    others = [place for place in IRAN if not BANK_OF_IRAN[0] <= place[0] < BANK_OF_IRAN[1]]
    gold = {*labelled("GPE", *others), (*BANK_OF_IRAN, "ORG")}
    assert next_correction(simulated(), gold) == Correction("add", None, (*BANK_OF_IRAN, "ORG"))
    assert cost_with_matches(simulated(), gold) == 4


def test_an_addition_skips_boilerplate_and_rejected_spans():
    first, second, *rest = labelled("GPE", *IRAN)
    seen = SimulatedArticle(TEXT, {second: REJECTED}, chrome=(IRAN[2],))
    assert [like.target for like in seen.matches(Correction("add", None, first))] == rest[1:]


def test_a_move_applies_to_matches_in_the_same_words():
    text = "New York and New York and York."
    spans = labelled("GPE", *occurrences(text, "York"))
    seen = SimulatedArticle(text, dict.fromkeys(spans, SUGGESTED))
    correction = Correction("move", spans[0], (0, 8, "GPE"), on_matches=True)
    assert seen.matches(correction) == [Correction("move", spans[1], (13, 21, "GPE"))]


def test_rejections_before_additions_in_their_place():
    text = "Abu Ali; Abu Ali; Abu Ali and Ali"
    full, short = list(occurrences(text, "Abu Ali")), list(occurrences(text, "Ali"))
    wrong = [*labelled("ORG", *short[:3]), (*short[3], "ORG")]
    gold = set(labelled("PERSON", *full))
    assert cost_with_matches(SimulatedArticle(text, dict.fromkeys(wrong, SUGGESTED)), gold) == 3


def test_a_wrongly_confirmed_span_costs_a_correction():
    (span,), (right,) = labelled("ORG", IRAN[0]), labelled("GPE", IRAN[0])
    seen = SimulatedArticle(TEXT, {span: CONFIRMED, right: REJECTED})
    assert next_correction(seen, [right]) == Correction("relabel", span, right)
    assert cost(seen, [right]) == 1
    assert cost(SimulatedArticle(TEXT, {right: REJECTED}), [right]) == 2


def test_f1():
    assert f1(set(), frozenset()) == 1
    assert f1({(0, 1, "A")}, frozenset()) == 0
    assert f1({(0, 1, "A"), (1, 2, "A")}, frozenset({(0, 1, "A")})) == 2 / 3
