"""Every write to users and tokens. One verb a file; keyword-only; atomic."""
