"""What happened, first as its transactions wrote it, then in the one order in which clients read it."""

from annotations.feed.models.event import Delivery, Event, Kind, Waiting, Webhook

__all__ = ["Delivery", "Event", "Kind", "Waiting", "Webhook"]
