"""Give a corpus its suggester."""

from typing import TYPE_CHECKING

from django.db import transaction

from annotations.suggestions.actions.start_run import start_run
from annotations.suggestions.installed import fault_of
from annotations.suggestions.models import CorpusSuggester, Run
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.refusals import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def choose_suggester(
    *, user: "User", corpus: Corpus, name: str, option: str = "", again: bool = False
) -> tuple[CorpusSuggester, Run | None]:
    """Have `name` with `option` work for the corpus from now on; `again` has it read every open article anew.

    Refuses `Invalid` what is not installed, with the command that installs it.
    """
    require(user, corpus, Role.MANAGER)
    if fault := fault_of(name, option):
        raise Invalid(fault[1], field=fault[0])
    chosen, _ = CorpusSuggester.objects.update_or_create(corpus=corpus, defaults={"name": name, "option": option})
    if not again:
        return chosen, None
    articles = Article.objects.filter(corpus=corpus, withdrawn_at=None).values_list("pk", flat=True)
    return chosen, start_run(user=user, corpus=corpus, article_ids=list(articles))
