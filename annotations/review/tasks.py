"""What is deleted once a day."""

from annotations.review.actions.presence import forget_presence
from corpusapp.core import upkeep

upkeep.daily("presence", forget_presence)
