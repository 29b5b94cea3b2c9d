"""Pages of corpora, members, sources, articles, zones and imports."""

from corpusapp.articles.admin import articles, corpora, imports, zones

__all__ = ["articles", "corpora", "imports", "zones"]
