"""Reads of exports: rows, records of articles, and streams."""
