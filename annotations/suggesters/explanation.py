"""Why a suggester proposes what it does: the evidence for a range, with its weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from annotations.suggesters.candidates import NAME_LABELS
from annotations.suggesters.evidence import CLASSES, Weights
from annotations.suggesters.name_statistics import Counts, NameStatistics
from annotations.suggesters.reading import Mention, Reading
from annotations.suggesters.resolve import judge
from annotations.suggesters.structure import SURE

# The parts of the evidence that are told, and what differs less than this between two labels is not.
MOST_EVIDENCE, _LEAST_EFFECT = 12, 0.05
# What evidence is about, by the beginning of its name.
ABOUT = {
    "here": "the label of the model here",
    "article": "the labels of the model in this article",
    "base": "how sure the model is here",
    "article base": "how sure the model is in this article",
    "exact": "how sure the model is of this range",
    "cue": "words beside it",
    "mean cue": "words beside its mentions in this article",
    "strongest cue": "words beside one of its mentions in this article",
    "cue against": "words beside one of its mentions in this article",
    "corpus": "its labels in suggestions of other articles",
    "decided": "decisions on these words",
    "decided in context": "decisions on these words after the same word",
    "written": "how it was found: by its writing",
    "found": "how it was found: by decisions on these words",
    "vector": "what the model sees in the words",
    "any": "how likely a name is before anything is known of it",
    "proposed": "how often the model proposes it in this article",
    "sport": "a report on sport",
    "sport, city": "a report on sport",
    "sport, in": "a report on sport",
    **dict.fromkeys(
        ("surname", "first name", "surname stands alone", "first word of organisation", "abbreviates"),
        "full and short names in this article",
    ),
}
_FORM = "its writing and its place in the sentence"


@dataclass(frozen=True)
class Evidence:
    """A part of the evidence. `effect` is by how much it favours the likeliest label over the next one, in log-odds;
    `adapted` is the part of that which the decisions of the corpus added."""

    name: str
    value: float
    effect: float
    adapted: float = 0.0

    @property
    def about(self) -> str:
        return ABOUT.get(self.name.rpartition(":")[0] or self.name, _FORM)


@dataclass(frozen=True)
class Explanation:
    """`origin` is "model" for a scored range, "rule" or "service" for one that is proposed whatever the evidence.

    `shares` are the probabilities of the labels, "" for none; `against` is the next likely. `base` is the label of the
    base suggester, empty if it proposed nothing here. Counts are in articles.
    """

    origin: str
    label: str
    shares: Mapping[str, float] = field(default_factory=dict)
    against: str = ""
    base: str = ""
    place: str = ""
    evidence: Sequence[Evidence] = ()
    decided: Mapping[str, float] = field(default_factory=dict)
    decided_after: tuple[str, Mapping[str, float]] = ("", {})
    suggested: Mapping[str, float] = field(default_factory=dict)


def explain(
    reading: Reading, found: Sequence[Mention], statistics: NameStatistics, weights: Weights, start: int, end: int
) -> Explanation | None:
    """The evidence for `[start, end)`; None if neither the reading nor the mentions `found` by decisions have it."""
    for proposal in reading.certain:
        if (proposal.start, proposal.end) == (start, end):
            habit = statistics.decided.get(reading.habit(proposal.label)) or Counts()
            # Dates, numbers and the like are kept as the base suggester proposes them.
            by_rule = proposal.label in NAME_LABELS or proposal.score == SURE
            shares = {proposal.label: proposal.score or 1.0}
            return Explanation("rule" if by_rule else "model", proposal.label, shares, decided=dict(habit))
    mention = next((m for m in (*reading.mentions, *found) if (m.start, m.end) == (start, end)), None)
    if mention is None:
        return None
    ((_, belief),) = judge([mention], reading, statistics, weights)
    # No name is last if another label is as likely.
    ranked = sorted(belief, key=lambda label: (-belief[label], label == ""))
    label, against = next((one for one in ranked if one), ""), ranked[1] if ranked[0] else ranked[0]
    own = reading.seen.get(mention.surface, {})
    seen = {name: count - own.get(name, 0.0) for name, count in statistics.seen.get(mention.surface, {}).items()}
    origin = "rule" if mention.place else "model" if mention.features or mention in found else "service"
    return Explanation(
        origin,
        label,
        {name: round(share, 4) for name, share in belief.items()},
        against,
        mention.label,
        mention.place,
        _evidence(reading, mention, statistics, weights, label, against) if origin == "model" else (),
        dict(statistics.decided.get(mention.surface, {})),
        (mention.before, dict(statistics.in_context.get((mention.surface, mention.before), {}))),
        {name: round(count, 2) for name, count in seen.items() if count > 0.005},
    )


def _evidence(
    reading: Reading, mention: Mention, statistics: NameStatistics, weights: Weights, label: str, against: str
) -> list[Evidence]:
    """The parts with the largest effects, the largest first."""
    one, other = (CLASSES.index(name if name in CLASSES else "") for name in (label, against))
    own = reading.seen.get(mention.surface, {})
    features = reading.features(mention) | statistics.features(mention.surface, mention.before, own)
    found = []
    for name, value in features.items():
        row, change = weights.table.get(name), weights.changes.get(name)
        if row and one != other:
            adapted = (change[one] - change[other]) * value if change else 0.0
            found.append(Evidence(name, round(value, 3), round((row[one] - row[other]) * value, 3), round(adapted, 3)))
    rest = _rest(reading, mention, weights)
    found.append(Evidence("vector", 1.0, round(rest[one] - rest[other], 3)))
    told = [part for part in found if abs(part.effect) >= _LEAST_EFFECT]
    return sorted(told, key=lambda part: -abs(part.effect))[:MOST_EVIDENCE]


def _rest(reading: Reading, mention: Mention, weights: Weights) -> Sequence[float]:
    """What the scores of a mention have beyond its features: the evidence in the vectors of its words."""
    features = reading.features(mention)
    if not features:
        return (0.0,) * len(CLASSES)
    changed = reading.changed_scores(mention, weights)
    explained = weights.scores(features)
    return tuple(score - known for score, known in zip(changed, explained, strict=True))
