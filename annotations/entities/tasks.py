"""Background jobs: load rows by id and call one action."""

from annotations.entities.actions.knowledge import prune_answers
from annotations.entities.actions.list_drafts import prune_drafts
from annotations.entities.actions.pending_links import LINK, QUEUE, queue_forgotten
from corpusapp.articles.models import Corpus
from corpusapp.core import jobs, upkeep


@jobs.task(LINK, queue=QUEUE)
def link_articles(corpus_id: int) -> None:
    """Bring the links of marked articles of a corpus up to date."""
    # Imports the linker with its tables of countries and languages, which few processes need.
    from annotations.entities.actions.link_articles import link_marked

    if corpus := Corpus.objects.filter(pk=corpus_id).first():
        link_marked(corpus=corpus)


upkeep.minutely("linking", queue_forgotten)
upkeep.daily("answers of knowledge bases", prune_answers)
upkeep.daily("lists of entities", prune_drafts)
