"""Readings and lessons as JSON text, and back."""

import json

from annotations.suggesters.name_statistics import LearningRecord
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reading import Mention, Reading


def reading_to_json(reading: Reading) -> str:
    """Compact; scores to three decimals."""
    mentions = [
        [m.start, m.end, m.surface, m.label, m.before, [round(score, 3) for score in m.scores]]
        for m in reading.mentions
    ]
    certain = [[p.start, p.end, p.label, p.score] for p in reading.certain]
    return _dump([reading.length, mentions, certain, reading.seen, reading.closed])


def reading_from_json(text: str) -> Reading:
    length, mentions, certain, seen, closed = json.loads(text)
    return Reading(
        length,
        tuple(Mention(*values, tuple(scores)) for *values, scores in mentions),
        tuple(Proposal(*values) for values in certain),
        seen,
        tuple((start, end) for start, end in closed),
    )


def lesson_to_json(lesson: LearningRecord) -> str:
    contexts = [[surface, context, shares] for (surface, context), shares in sorted(lesson.contexts.items())]
    return _dump([lesson.surfaces, contexts])


def lesson_from_json(text: str) -> LearningRecord:
    surfaces, contexts = json.loads(text)
    return LearningRecord(surfaces, {(surface, context): shares for surface, context, shares in contexts})


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
