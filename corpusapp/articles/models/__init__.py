"""Tables of the corpus: one aggregate a file."""

from corpusapp.articles.models.article import Article, Precision, Zone
from corpusapp.articles.models.batch import ImportBatch, ImportProblem
from corpusapp.articles.models.corpus import Corpus, Membership, Role, Source
from corpusapp.articles.models.original import CopyGroup, Original, Sketch, SketchBand

__all__ = [
    "Article",
    "CopyGroup",
    "Corpus",
    "ImportBatch",
    "ImportProblem",
    "Membership",
    "Original",
    "Precision",
    "Role",
    "Sketch",
    "SketchBand",
    "Source",
    "Zone",
]
