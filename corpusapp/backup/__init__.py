"""Backups of all data into one archive, restoring them, and upgrades."""
