"""Admin pages of corpora, members, sources, articles, zones, imports, originals and near copies."""

from corpusapp.articles.admin import articles, corpora, imports

__all__ = ["articles", "corpora", "imports"]
