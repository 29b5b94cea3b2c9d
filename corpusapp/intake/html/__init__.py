"""HTML pages: `extract` gives main text, metadata and what was left out."""

from corpusapp.intake.html.extract import Dropped, HtmlPage, extract
from corpusapp.intake.html.metadata import Metadata

__all__ = ["Dropped", "HtmlPage", "Metadata", "extract"]
