"""Give a corpus its suggester."""

from typing import TYPE_CHECKING, NamedTuple

from django.db import transaction

from annotations.suggestions.actions.promote_model import retire
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import CorpusSuggester, Run, TrainedModel
from annotations.suggestions.pipelines.installed import fault_of
from annotations.suggestions.pipelines.services import service_fault, state_of
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class Chosen(NamedTuple):
    """`service` says whether the service answers just now, empty without one; `run` reads the articles anew."""

    suggester: CorpusSuggester
    run: Run | None
    service: str


def choose_suggester(
    *,
    user: "User",
    corpus: Corpus,
    name: str,
    option: str = "",
    service_url: str = "",
    service_kind: str = CorpusSuggester.ServiceKind.PLAIN,
    again: bool = False,
) -> Chosen:
    """Have `name` with `option` work for the corpus from now on, and the service at `service_url` beside it.

    `again` has them read every open article anew. Refuses `Invalid` what is not installed, with the command that
    installs it, and what is no address; a service that is merely down is taken, and told of.
    """
    require(user, corpus, Role.MANAGER)
    if fault := fault_of(name, option) or service_fault(service_url, service_kind):
        raise Invalid(fault[1], field=fault[0])
    values = {"name": name, "option": option, "service_url": service_url, "service_kind": service_kind}
    chosen, run = _write(user, corpus, values, again=again)
    # Last, and in no transaction: an address may take seconds to say nothing.
    return Chosen(chosen, run, state_of(chosen))


@transaction.atomic
def _write(user: "User", corpus: Corpus, values: dict[str, str], *, again: bool) -> tuple[CorpusSuggester, Run | None]:
    former = CorpusSuggester.objects.filter(pk=corpus.pk).first() or CorpusSuggester()
    chosen, _ = CorpusSuggester.objects.update_or_create(corpus=corpus, defaults=values)
    if (former.name, former.option) != (chosen.name, chosen.option):
        # A model was taught upon what suggested before: it is no part of what was chosen now.
        for model in TrainedModel.objects.promoted().filter(corpus=corpus):
            retire(model=model, reason=f"{user.username} chose {chosen}")
    if not again:
        return chosen, None
    articles = Article.objects.filter(corpus=corpus, withdrawn_at=None).values_list("pk", flat=True)
    return chosen, start_run(user=user, corpus=corpus, article_ids=list(articles))
