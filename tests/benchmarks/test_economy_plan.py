"""The decision that the simulated editor makes next, and what it reckons with."""

from annotations.spans.occurrences import occurrences
from tests.benchmarks.economy.board import CONFIRMED, REJECTED, SUGGESTED, Board, Move
from tests.benchmarks.economy.plan import next_move, price
from tests.benchmarks.editor_economy import f1, with_likes

TEXT = "Iran said so. The Bank of Iran said so. Iran, said Bank, and Iran again. Iran's Bank."
IRAN = list(occurrences(TEXT, "Iran"))
BANK_OF_IRAN = (TEXT.index("Bank of Iran"), TEXT.index("Bank of Iran") + len("Bank of Iran"))


def board(*triples, **states):
    return Board(TEXT, dict.fromkeys(triples, SUGGESTED) | states)


def labelled(label, *ranges):
    return [(start, end, label) for start, end in ranges]


def test_what_is_right_is_left_to_be_confirmed_at_once():
    right = labelled("GPE", IRAN[0], IRAN[2])
    assert next_move(board(*right), right) is None
    assert price(board(*right), right) == 1
    assert next_move(board(), []) is None
    assert price(board(), []) == 0


def test_each_correction_by_its_price():
    (gpe,), (org,), (bank,) = labelled("GPE", IRAN[1]), labelled("ORG", IRAN[1]), labelled("ORG", BANK_OF_IRAN)
    assert (next_move(board(org), [gpe]), price(board(org), [gpe])) == (Move("relabel", org, gpe), 1)
    assert (next_move(board(org), [bank]), price(board(org), [bank])) == (Move("move", org, bank), 2)
    assert (next_move(board(gpe), [bank]), price(board(gpe), [bank])) == (Move("move", gpe, bank), 3)
    assert (next_move(board(gpe), []), price(board(gpe), [])) == (Move("reject", gpe, None), 1)
    assert (next_move(board(), [bank]), price(board(), [bank])) == (Move("add", None, bank), 2)


def test_one_decision_corrects_all_like_it():
    wrong, right = labelled("ORG", *IRAN), labelled("GPE", *IRAN)
    move = next_move(board(*wrong), right)
    assert move == Move("relabel", wrong[0], right[0], like=True)
    assert set(board(*wrong).after(move).states.items()) == {
        *((triple, REJECTED) for triple in wrong),
        *((triple, CONFIRMED) for triple in right),
    }
    assert with_likes(board(*wrong), set(right)) == 1


def test_no_decision_on_likes_that_spoils_more_than_it_mends():
    proposed = labelled("ORG", *IRAN)
    gold = {*proposed[1:], (*IRAN[0], "GPE")}
    assert next_move(board(*proposed), gold) == Move("relabel", proposed[0], (*IRAN[0], "GPE"))
    assert with_likes(board(*proposed), gold) == 2  # and one to confirm the others


def test_exceptions_come_before_the_decision_that_would_take_them_along():
    proposed = labelled("ORG", *IRAN)
    gold = {(*IRAN[0], "GPE")}
    assert next_move(board(*proposed), gold) == Move("relabel", proposed[0], (*IRAN[0], "GPE"))
    assert with_likes(board(*proposed), gold) == 2


def test_additions_take_all_free_places_and_the_longer_name_comes_first():
    others = [place for place in IRAN if not BANK_OF_IRAN[0] <= place[0] < BANK_OF_IRAN[1]]
    gold = {*labelled("GPE", *others), (*BANK_OF_IRAN, "ORG")}
    assert next_move(board(), gold) == Move("add", None, (*BANK_OF_IRAN, "ORG"))
    assert with_likes(board(), gold) == 4


def test_additions_go_neither_into_furniture_nor_where_they_were_rejected():
    first, second, *rest = labelled("GPE", *IRAN)
    seen = Board(TEXT, {second: REJECTED}, chrome=(IRAN[2],))
    assert [like.target for like in seen.likes(Move("add", None, first))] == rest[1:]


def test_moves_take_along_what_stands_in_the_same_words():
    text = "New York and New York and York."
    spans = labelled("GPE", *occurrences(text, "York"))
    seen = Board(text, dict.fromkeys(spans, SUGGESTED))
    move = Move("move", spans[0], (0, 8, "GPE"), like=True)
    assert seen.likes(move) == [Move("move", spans[1], (13, 21, "GPE"))]


def test_rejections_make_room_for_additions():
    text = "Abu Ali; Abu Ali; Abu Ali and Ali"
    full, short = list(occurrences(text, "Abu Ali")), list(occurrences(text, "Ali"))
    wrong = [*labelled("ORG", *short[:3]), (*short[3], "ORG")]
    gold = set(labelled("PERSON", *full))
    assert with_likes(Board(text, dict.fromkeys(wrong, SUGGESTED)), gold) == 3


def test_what_a_decision_confirmed_wrongly_is_paid_for_again():
    (span,), (right,) = labelled("ORG", IRAN[0]), labelled("GPE", IRAN[0])
    seen = Board(TEXT, {span: CONFIRMED, right: REJECTED})
    assert next_move(seen, [right]) == Move("relabel", span, right)
    assert price(seen, [right]) == 1
    assert price(Board(TEXT, {right: REJECTED}), [right]) == 2


def test_f1():
    assert f1(set(), frozenset()) == 1
    assert f1({(0, 1, "A")}, frozenset()) == 0
    assert f1({(0, 1, "A"), (1, 2, "A")}, frozenset({(0, 1, "A")})) == 2 / 3
