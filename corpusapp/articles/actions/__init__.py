"""Every write to corpora, members, articles, zones and imports. One verb a file; keyword-only; atomic."""
