"""Have the open articles that a filter leaves read anew, or have it counted what that would change."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.db import transaction

from annotations.review.models import MAIN_LAYER, Review, Stage
from annotations.review.queries import ArticleFilter, found_in
from annotations.suggestions.actions.start_run import start_run
from annotations.suggestions.models import Run
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def suggest_again(
    *, user: "User", corpus: Corpus, narrowed: ArticleFilter, given: Mapping[str, str], dry: bool = False
) -> Run:
    """A run over the articles that `narrowed` leaves and that are not done; `given` is the same filter as it was sent.

    What people decided stays. A `dry` run counts what would come and go, and changes nothing. Refuses `Invalid` where
    no open article fits.
    """
    require(user, corpus, Role.MANAGER)
    done = Review.objects.filter(corpus=corpus, layer=MAIN_LAYER, stage=Stage.DONE)
    found = found_in(corpus, narrowed).exclude(pk__in=done.values("article"))
    run = start_run(
        user=user, corpus=corpus, article_ids=list(found.values_list("pk", flat=True)), dry=dry, narrowed=given
    )
    if run is None:
        raise Invalid("no open article fits this filter: done ones are left alone", field="filter")
    return run


@transaction.atomic
def carry_out(*, user: "User", run: Run) -> Run:
    """Do what a dry run counted: a run over the same articles, which may have been decided on or done meanwhile.

    Refuses `Conflict` a run that was not dry, and one of which no article is left.
    """
    require(user, run.corpus, Role.MANAGER)
    if not run.dry:
        raise Conflict(f"run {run.pk} was no dry run: there is nothing to carry out")
    article_ids = list(run.items.values_list("article_id", flat=True))
    done = start_run(user=user, corpus=run.corpus, article_ids=article_ids, narrowed=run.narrowed)
    if done is None:
        raise Conflict(f"of the articles of run {run.pk} none is left: they were withdrawn")
    return done
