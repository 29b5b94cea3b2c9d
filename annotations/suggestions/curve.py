"""The learning curve of a corpus: how good its models were by how much they had learned from."""

from collections.abc import Sequence
from dataclasses import dataclass

from annotations.suggestions.models import TrainedModel

# In units of the drawing.
WIDTH, HEIGHT, MARGIN = 600, 220, 40


@dataclass(frozen=True)
class Point:
    """A model on the curve: `x` and `y` in units of the drawing, y downwards; `low` and `high` bound its interval."""

    model: TrainedModel
    decisions: int
    f1: float
    x: float
    y: float
    low: float
    high: float


def curve_of(models: Sequence[TrainedModel]) -> list[Point]:
    """The scored models by the number of decisions that they learned from; the axis of F1 runs from 0 to 1."""
    scored = sorted((model for model in models if model.after), key=lambda model: (model.decisions, model.pk))
    most = max((model.decisions for model in scored), default=0) or 1
    return [_point(model, most) for model in scored]


def _point(model: TrainedModel, most: int) -> Point:
    micro = model.after["micro"]
    low, high = micro["f1_interval"]
    x = MARGIN + (WIDTH - 2 * MARGIN) * model.decisions / most
    return Point(model, model.decisions, micro["f1"], round(x, 1), _y(micro["f1"]), _y(low), _y(high))


def _y(f1: float) -> float:
    return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * f1, 1)
