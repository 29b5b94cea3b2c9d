"""PostgreSQL from a wheel, started by the first connection."""
