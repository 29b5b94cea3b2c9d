"""Versions of the readers, stored with each original. Raise one when its output changes."""

from importlib import metadata

# From the installed package's metadata: importing the package takes a second.
HTML = f"html 2, trafilatura {metadata.version('trafilatura')}"
READERS = f"readers 3, {HTML}"
