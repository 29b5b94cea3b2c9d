"""Labelled data out over REST."""
