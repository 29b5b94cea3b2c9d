"""Models of labels, spans, decisions, reviews, comments, and articles set aside."""

from annotations.review.models.comment import Comment
from annotations.review.models.decision import Change, Decision, Verb
from annotations.review.models.label import Label
from annotations.review.models.review import Assignment, Presence, Review, Stage
from annotations.review.models.saved_filter import SavedFilter
from annotations.review.models.set_aside import SetAside, SetAsideKind
from annotations.review.models.span import MAIN_LAYER, Span, State

__all__ = [
    "MAIN_LAYER", "Assignment", "Change", "Comment", "Decision", "Label", "Presence", "Review", "SavedFilter",
    "SetAside", "SetAsideKind", "Span", "Stage", "State", "Verb",
]  # fmt: skip
