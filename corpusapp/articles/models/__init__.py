"""Models of corpora, articles and imports."""

from corpusapp.articles.models.article import Article, CopyGroup, Original, Precision, Sketch, SketchBand, Zone
from corpusapp.articles.models.batch import ImportBatch, ImportProblem
from corpusapp.articles.models.corpus import Corpus, Invitation, Membership, Role, Source

__all__ = [
    "Article",
    "CopyGroup",
    "Corpus",
    "ImportBatch",
    "ImportProblem",
    "Invitation",
    "Membership",
    "Original",
    "Precision",
    "Role",
    "Sketch",
    "SketchBand",
    "Source",
    "Zone",
]
