"""Pages of labels, spans, reviews, comments and the log; articles with their stage and their spans."""

from annotations.review.admin import articles, log, spans

__all__ = ["articles", "comments", "labels", "log", "spans"]
