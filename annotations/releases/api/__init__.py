"""Releases over REST."""
