"""HTML pages: `extract` returns main text, metadata and dropped blocks."""

from corpusapp.intake.html.extract import Dropped, HtmlPage, extract
from corpusapp.intake.html.metadata import Metadata

__all__ = ["Dropped", "HtmlPage", "Metadata", "extract"]
