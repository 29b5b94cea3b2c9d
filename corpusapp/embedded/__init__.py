"""A PostgreSQL server from a Python wheel, started by the first connection."""
