"""Which readers made a text: goes up with every change to what comes out, and is kept with each original."""

from importlib import metadata

# Read off the installed package without importing it: it takes a second to load.
HTML = f"html 2, trafilatura {metadata.version('trafilatura')}"
READERS = f"readers 2, {HTML}"
