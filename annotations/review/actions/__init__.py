"""Every write to labels, spans, the log and reviews. One verb a file; keyword-only; atomic."""
