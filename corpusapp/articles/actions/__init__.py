"""All writes to corpora, members, articles, zones and imports: keyword-only and atomic."""
