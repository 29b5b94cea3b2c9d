"""Which entity each span of an article is linked to, as the desk shows it."""

from annotations.entities.queries.links import LinkReader
from corpusapp.core.prepared import read_together


def links_of(article_ids):
    """The entity of each linked span of these articles, by span. Links of rejected spans are left out."""
    reader = LinkReader()
    (rows,) = read_together(reader.read(article_ids))
    return reader.records(rows)
