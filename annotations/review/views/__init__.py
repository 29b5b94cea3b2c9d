"""Pages of articles, spans, comments and labels: one domain call, then render."""
