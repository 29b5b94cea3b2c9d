"""Reads of releases: rows, manifests, files and comparisons."""
