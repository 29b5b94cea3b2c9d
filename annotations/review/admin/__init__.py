"""Admin pages of labels, spans, reviews, comments, what is set aside and the log, and of articles with their stage."""

from annotations.review.admin import articles, log, spans

__all__ = ["articles", "log", "spans"]
