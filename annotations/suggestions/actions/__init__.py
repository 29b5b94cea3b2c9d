"""Every write to suggestions, runs, name counts and models. Keyword-only and atomic."""
