"""Models of labels, spans, decisions, reviews and comments."""

from annotations.review.models.comment import Comment
from annotations.review.models.decision import Change, Decision, Verb
from annotations.review.models.label import Label
from annotations.review.models.review import Assignment, Presence, Review, Stage
from annotations.review.models.saved_filter import SavedFilter
from annotations.review.models.span import MAIN_LAYER, Span, State

__all__ = [
    "MAIN_LAYER", "Assignment", "Change", "Comment", "Decision", "Label", "Presence", "Review", "SavedFilter", "Span",
    "Stage", "State", "Verb",
]  # fmt: skip
