"""Backups: what is kept, one archive of all of it, and bringing it back."""
