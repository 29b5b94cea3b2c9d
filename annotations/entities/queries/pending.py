"""What is left to link."""

from annotations.entities.models import PendingLink
from corpusapp.articles.models import Corpus


def pending_links(corpus: Corpus) -> int:
    """The number of articles and decisions of a corpus whose links are not up to date; 0 if it links no entities."""
    return PendingLink.objects.filter(corpus=corpus).count() if corpus.entities_enabled else 0
