"""All writes to labels, spans, comments, reviews and the log: keyword-only, atomic, each with its permission."""
