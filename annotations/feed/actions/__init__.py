"""Every write to the change feed."""
