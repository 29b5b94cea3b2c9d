"""Which decision an editor makes next who sees one article and knows its gold: greedily, with one step of foresight.

A decision on all like it is made where it leaves less to do than it costs, what it gets wrong included.
"""

from collections.abc import Collection, Iterator

from tests.benchmarks.economy.board import CONFIRMED, REJECTED, SUGGESTED, Board, Move
from tests.benchmarks.economy.gold import Triple

Gold = Collection[Triple]


def next_move(board: Board, gold: Gold) -> Move | None:
    """The correction to make now; None where all that is left is to confirm, or nothing is."""
    singles = corrections(board, gold)
    if not singles:
        return None
    now = price_of(singles)
    best, best_gain = singles[0], 0
    for plan in _plans(board, gold, singles):
        gain = now - _price_after(board, gold, plan)
        if gain > best_gain:
            best, best_gain = plan[0], gain
    return best if best.like else _with_welcome_likes(board, gold, singles, best)


def price(board: Board, gold: Gold) -> int:
    """What is left to do without decisions on likes: each wrong span singly, one confirm of all that is left."""
    left_right = any(board.states.get(triple) == SUGGESTED for triple in gold)
    return price_of(corrections(board, gold)) + left_right


def price_of(moves: Collection[Move]) -> int:
    return sum(move.price for move in moves)


def corrections(board: Board, gold: Gold) -> list[Move]:
    """The cheapest single corrections of all that is wrong, in the order in which they are best made.

    Of a wrong and a missing span with the same range one relabel is made, of two that overlap one move.
    """
    wrong = sorted(triple for triple in board.standing() if triple not in gold)
    missing = sorted(triple for triple in gold if board.states.get(triple, REJECTED) == REJECTED)
    moves = []
    for same_range, same_label in ((True, False), (False, True), (False, False)):
        for target in list(missing):
            span = next((span for span in wrong if _fit(span, target, same_range, same_label)), None)
            if span is not None:
                moves.append(Move("relabel" if same_range else "move", span, target))
                wrong.remove(span)
                missing.remove(target)
    moves += [Move("reject", span, None) for span in wrong]
    return moves + [Move("add", None, target) for target in missing]


def _fit(span: Triple, target: Triple, same_range: bool, same_label: bool) -> bool:
    if same_range:
        return span[:2] == target[:2]
    overlap = span[0] < target[1] and target[0] < span[1]
    return overlap and (span[2] == target[2]) == same_label


def _price_after(board: Board, gold: Gold, plan: list[Move]) -> int:
    """The price of a plan and of all that it leaves to correct singly."""
    spent = 0
    for move in plan:
        board = board.after(move)
        spent += move.price
    # A plan may use up the last suggestion that was right, or leave it: the one confirm is no part of this.
    return spent + price_of(corrections(board, gold))


def _plans(board: Board, gold: Gold, singles: list[Move]) -> Iterator[list[Move]]:
    """Decisions on matches; the same after exceptions are corrected; and rejections that make room for additions."""
    for origin in _distinct(board, singles):
        likes = board.likes(origin)
        if not likes:
            continue
        result = Move(origin.verb, origin.span, origin.target, like=True)
        yield [result]
        if exceptions := _exceptions(likes, gold, singles):
            yield [*exceptions, result]
        if origin.verb == "reject":
            left = board.after(result)
            yield from ([result, _with_likes(left, add)] for add in _room(board, left, gold))


def _distinct(board: Board, singles: list[Move]) -> Iterator[Move]:
    """One origin for each kind of decision. What is best moved or relabelled may also be rejected, or added beside."""
    seen = set()
    rejects = [Move("reject", move.span, None) for move in singles if move.span and move.verb != "reject"]
    adds = [Move("add", None, move.target) for move in singles if move.target and move.verb == "move"]
    for move in [*singles, *rejects, *adds]:
        aim = move.target and (board.surface(move.target), move.target[2])
        shift = move.verb == "move" and move.span and move.target and (move.target[0] - move.span[0])
        kind = (move.verb, move.span and (board.surface(move.span), move.span[2]), aim, shift)
        if kind not in seen:
            seen.add(kind)
            yield move


def _exceptions(likes: list[Move], gold: Gold, singles: list[Move]) -> list[Move]:
    """The single corrections that keep a decision from what it would get wrong, where there are such."""
    found = []
    for like in likes:
        if not _wanted(like, singles, gold):
            found += [move for move in singles if _instead(move, like) and move not in found]
    return found


def _wanted(like: Move, singles: list[Move], gold: Gold) -> bool:
    return like in singles or (like.target is not None and like.target in gold)


def _instead(move: Move, like: Move) -> bool:
    return move.span == like.span if like.span else _overlap(move.target, like.target)


def _room(board: Board, left: Board, gold: Gold) -> Iterator[Move]:
    """Additions of what is missing where a rejected span stood, one for each kind."""
    gone = [span for span in board.standing() if left.states[span] == REJECTED]
    seen = set()
    for target in sorted(gold):
        kind = (left.surface(target), target[2])
        if left.states.get(target) in (SUGGESTED, CONFIRMED) or kind in seen:
            continue
        if any(_overlap(span, target) for span in gone):
            seen.add(kind)
            yield Move("add", None, target)


def _with_likes(board: Board, add: Move) -> Move:
    return Move(add.verb, add.span, add.target, like=bool(board.likes(add)))


def _with_welcome_likes(board: Board, gold: Gold, singles: list[Move], move: Move) -> Move:
    likes = board.likes(move)
    like = bool(likes) and all(_wanted(one, singles, gold) for one in likes)
    return Move(move.verb, move.span, move.target, like=like)


def _overlap(one: Triple | None, other: Triple | None) -> bool:
    return one is not None and other is not None and one[0] < other[1] and other[0] < one[1]
