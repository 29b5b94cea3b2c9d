"""What happened, first as its transactions wrote it, then in the one order in which clients read it."""

from annotations.feed.models.event import Event, Kind, Waiting
from annotations.feed.models.webhook import Delivery, Webhook

__all__ = ["Delivery", "Event", "Kind", "Waiting", "Webhook"]
