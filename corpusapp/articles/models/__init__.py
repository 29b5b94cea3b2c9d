"""Tables of the corpus: one aggregate a file."""

from corpusapp.articles.models.article import Article, Zone
from corpusapp.articles.models.batch import ImportBatch, ImportProblem
from corpusapp.articles.models.corpus import Corpus, Membership, Role, Source

__all__ = ["Article", "Corpus", "ImportBatch", "ImportProblem", "Membership", "Role", "Source", "Zone"]
