"""Daily deletion of old presence."""

from annotations.review.actions.presence import delete_old_presence
from corpusapp.core import upkeep

upkeep.daily("presence", delete_old_presence)
