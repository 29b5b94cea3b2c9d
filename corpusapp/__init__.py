"""An editorial desk for news corpora."""

__version__ = "0.1.0"
