"""Pages of labels, spans, reviews and the log; articles with their stage and their spans."""

from annotations.review.admin import articles, labels, log, spans

__all__ = ["articles", "labels", "log", "spans"]
