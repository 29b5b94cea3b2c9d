"""Every write to releases."""
