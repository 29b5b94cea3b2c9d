"""What happened, first as its transactions wrote it, then in the one order in which clients read it."""

from annotations.exports.feed.models.event import Event, Kind, Waiting

__all__ = ["Event", "Kind", "Waiting"]
