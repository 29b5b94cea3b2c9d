"""Reads of the models of a corpus, its learning curve, and the effort of its editors by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Max

from annotations.review.models import Change
from annotations.suggestions.models import TrainedModel
from corpusapp.articles.models import Corpus
from corpusapp.articles.permissions import role_of
from corpusapp.core import keyset
from corpusapp.core.errors import NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# The size and margin of the learning curve's drawing, in its own units.
WIDTH, HEIGHT, MARGIN = 600, 220, 40


def get_model(corpus: Corpus, pk: int) -> TrainedModel:
    """A model of this corpus, whose permission the caller has checked."""
    model = TrainedModel.objects.select_related("corpus", "user").filter(corpus=corpus, pk=pk).first()
    if model is None:
        raise NotFound(f"there is no model {pk} in {corpus.slug!r}")
    return model


def find_model(user: "User", pk: int) -> TrainedModel:
    """The model with this id in any corpus that the user can see."""
    model = TrainedModel.objects.select_related("corpus", "user").filter(pk=pk).first()
    if model is None or model.corpus.withdrawn_at is not None or role_of(user, model.corpus) is None:
        raise NotFound(f"there is no model {pk} that you can see")
    return model


def models_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[TrainedModel]:
    """The models of a corpus, newest first."""
    models = TrainedModel.objects.select_related("corpus", "user").filter(corpus=corpus)
    return keyset.newest_first(models, cursor=cursor, size=size)


def promoted_model(corpus: Corpus) -> TrainedModel | None:
    """The promoted model of a corpus; None if it uses the base pipeline."""
    return TrainedModel.objects.promoted().filter(corpus=corpus).first()


def is_training(corpus_id: int) -> bool:
    """Whether a training waits or runs."""
    return TrainedModel.objects.open().filter(corpus=corpus_id).exists()


def decisions_since_training(corpus_id: int) -> int:
    """Number of spans decided since the last training was requested."""
    since = TrainedModel.objects.filter(corpus=corpus_id).aggregate(last=Max("last_decision"))["last"] or 0
    return Change.objects.filter(decision_id__gt=since, decision__corpus=corpus_id, implicit=False).count()


@dataclass(frozen=True)
class Point:
    """A model on the learning curve: `x` and `y` in units of the drawing, y downwards, and its interval of F1."""

    model: TrainedModel
    decisions: int
    f1: float
    x: float
    y: float
    low: float
    high: float


def learning_curve(models: Sequence[TrainedModel]) -> list[Point]:
    """F1 of the scored models by the number of decisions that they learned from; the axis of F1 runs from 0 to 1."""
    scored = [(model, model.after["micro"]) for model in models if model.after]
    scored.sort(key=lambda pair: (pair[0].decisions, pair[0].pk))
    max_decisions = max((model.decisions for model, _ in scored), default=0) or 1
    return [_point(model, micro, max_decisions) for model, micro in scored]


def _point(model: TrainedModel, micro: dict[str, Any], max_decisions: int) -> Point:
    low, high = micro["f1_interval"]
    x = MARGIN + (WIDTH - 2 * MARGIN) * model.decisions / max_decisions
    return Point(model, model.decisions, micro["f1"], round(x, 1), _y(micro["f1"]), _y(low), _y(high))


def _y(f1: float) -> float:
    return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * f1, 1)


@dataclass(frozen=True)
class Week:
    """The editors' effort in one week. Moving or adding a span counts as two actions, any other decision as one.

    A decision on all matches counts as one on a single span, and one that takes a possible span as one action.
    """

    monday: date
    actions: int
    spans: int

    @property
    def each(self) -> float | None:
        """Actions per confirmed span; None without any."""
        return self.actions / self.spans if self.spans else None


def effort_by_week(corpus_id: int, weeks: int = 26) -> list[Week]:
    """The last `weeks` weeks with decisions, oldest first, without imported decisions."""
    with connection.cursor() as cursor:
        cursor.execute(_EFFORT, {"corpus": corpus_id, "weeks": weeks})
        return [Week(*row) for row in reversed(cursor.fetchall())]


_EFFORT = """
    WITH decisions AS (
        SELECT decision.id, decision.verb, decision.spared_actions,
            date_trunc('week', decision.created_at)::date AS monday,
            count(*) FILTER (WHERE NOT change.implicit AND change.after_state = 'confirmed') AS spans,
            coalesce(sum(CASE WHEN change.verb IN ('move', 'add') THEN 2 ELSE 1 END)
                FILTER (WHERE NOT change.implicit), 0) AS singly
        FROM review_decision decision JOIN review_change change ON change.decision_id = decision.id
        WHERE decision.corpus_id = %(corpus)s AND decision.verb <> 'import'
        GROUP BY decision.id
    )
    SELECT monday,
        sum(CASE WHEN verb = 'several' THEN singly - spared_actions
                 WHEN verb IN ('move', 'add') AND spared_actions = 0 THEN 2 ELSE 1 END)::int,
        sum(spans)::int
    FROM decisions GROUP BY monday ORDER BY monday DESC LIMIT %(weeks)s
"""
