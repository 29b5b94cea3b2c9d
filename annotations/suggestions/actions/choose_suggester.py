"""Set the suggester of a corpus, and its extra service."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from annotations.suggestions.actions.promote_model import retire
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import CorpusSuggester, Run, TrainedModel
from annotations.suggestions.models.trained import default_label_map
from annotations.suggestions.pipelines.installed import language_error, suggester_error
from annotations.suggestions.pipelines.services import service_error, service_status
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ChosenSuggester(NamedTuple):
    """`run` updates the suggestions, if requested. `service` says whether the service answers; empty without one."""

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
    languages: Mapping[str, str] | None = None,
    label_map: Mapping[str, str] | None = None,
    bylines: bool = True,
    again: bool = False,
) -> ChosenSuggester:
    """Set the suggester `name` with `option`, the extra service at `service_url`, and whether bylines have suggestions.

    `languages` are pipelines for articles in other languages; `label_map` renames the labels of pipelines without
    PERSON, as usual if it is None.

    Another suggester or option retires the promoted model. `again` updates the suggestions of all open articles. A
    service is saved even if it does not answer. Raises `Invalid` if the suggester is not installed, with the command
    that installs it, or if the URL is not valid.
    """
    require(user, corpus, Role.MANAGER)
    if error := suggester_error(name, option) or service_error(service_url, service_kind):
        raise Invalid(error[1], field=error[0])
    languages = dict(languages or {})
    for code, pipeline in languages.items():
        if reason := language_error(code, pipeline):
            raise Invalid(reason, field="languages")
    values = {
        "languages": languages, "label_map": default_label_map() if label_map is None else dict(label_map),
        "name": name, "option": option, "service_url": service_url, "service_kind": service_kind, "bylines": bylines,
    }  # fmt: skip
    chosen, run = _write(user, corpus, values, again=again)
    # After the transaction: a request to a dead address may take seconds.
    return ChosenSuggester(chosen, run, service_status(chosen))


@transaction.atomic
def _write(user: "User", corpus: Corpus, values: dict[str, Any], *, again: bool) -> tuple[CorpusSuggester, Run | None]:
    former = CorpusSuggester.objects.filter(pk=corpus.pk).first() or CorpusSuggester()
    chosen, _ = CorpusSuggester.objects.update_or_create(corpus=corpus, defaults=values)
    if (former.name, former.option) != (chosen.name, chosen.option):
        # The promoted model was trained from the former choice.
        for model in TrainedModel.objects.promoted().filter(corpus=corpus):
            retire(model=model, reason=f"{user.username} chose {chosen}")
    if not again:
        return chosen, None
    articles = Article.objects.filter(corpus=corpus, withdrawn_at=None).values_list("pk", flat=True)
    return chosen, start_run(user=user, corpus=corpus, article_ids=list(articles))
