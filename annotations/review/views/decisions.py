"""The forms that change spans, and those that undo, finish and reopen. A refused form is shown again as typed."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annotations.review.actions.choices import Choice
from annotations.review.actions.confirm_shown import confirm_shown
from annotations.review.actions.decide import decide as act
from annotations.review.actions.decisions import DecisionResult
from annotations.review.actions.stages import finish as finish_article
from annotations.review.actions.stages import reopen as reopen_article
from annotations.review.actions.undo import undo as take_back
from annotations.review.forms import AddForm, choice_query, client_key, read_choice, read_id, read_shown
from annotations.review.models import Decision, Verb
from annotations.review.panel import shortened
from annotations.review.queries import articles_touched, decisions_on, first_touched, get_decision, next_to_decide
from annotations.review.views.page import Outcome, article_at, article_page, occurrences
from annotations.review.views.work import to_next
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.actions.zones import add_zone, remove_zone
from corpusapp.articles.forms import ZoneForm, only_error
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import get_zone, require
from corpusapp.core.errors import Invalid, NotFound, Refusal
from corpusapp.text.zones import zone_name

_DONE_WORDS = {
    Verb.CONFIRM: "Confirmed", Verb.REJECT: "Rejected", Verb.RELABEL: "Relabelled", Verb.MOVE: "Moved",
    Verb.ADD: "Added",
}  # fmt: skip


def form_on_article(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A POST by an editor; a refusal shows the article again, with the sentence and what was typed.

    That page's links are relative, and people load it again or sign in on the way: a GET leads to the article.
    """

    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def answered(request: UserRequest, slug: str, pk: int, **more: Any) -> HttpResponse:
        article = article_at(request, slug, pk)
        if request.method != "POST":
            return redirect(f"{reverse('article', args=[slug, pk])}?{request.GET.urlencode()}".rstrip("?"))
        try:
            return view(request, article, **more)
        except Refusal as refusal:
            outcome = Outcome(request.POST.get("form", ""), typed(request), refusal)
            return article_page(request, slug, pk, outcome)

    return answered


def typed(request: UserRequest) -> dict[str, str]:
    """What stood in the form, and the span that it was about."""
    values = request.POST.dict()
    values["hand"] = values.get("span", "").split(":")[0]
    return values


def back(
    request: UserRequest, article: Article, span: int | None = None, *, finished: int | None = None
) -> HttpResponse:
    """303 to the article, with `span` in hand, or with the decision `finished` it announced and to be undone."""
    address = reverse("article", args=[article.corpus.slug, article.pk])
    query = [f"span={span}"] if span else []
    query += [f"finished={finished}"] if finished else []
    query += ["rejected=1"] if "rejected" in request.GET else []
    fragment = f"#s{span}" if span else ""
    location = f"{address}{'?' if query else ''}{'&'.join(query)}{fragment}"
    return HttpResponseRedirect(location, status=303)


def to_alike(article: Article, choice: Choice) -> HttpResponse:
    """303 to all that is like what was chosen, before anything is done."""
    address = reverse("article-alike", args=[article.corpus.slug, article.pk])
    return HttpResponseRedirect(f"{address}?{urlencode(choice_query(choice))}", status=303)


def on_to_next(request: UserRequest, article: Article, result: DecisionResult) -> HttpResponse:
    """To the next suggestion after what was decided; with none left, to what was decided."""
    last = max((span.start for span in result.spans), default=0)
    following = next_to_decide(article, last)
    return back(request, article, following.pk if following else result.spans[0].pk if result.spans else None)


@form_on_article
def decide(request: UserRequest, article: Article) -> HttpResponse:
    """Confirm, reject, relabel or move one span."""
    choice = read_choice(request.POST)
    if "alike" in request.POST:
        return to_alike(article, choice)
    result = act(
        user=request.user, article=article, choices=[choice], client_key=client_key(request.POST, choice, article.pk)
    )
    tell(request, article, result, choice.verb)
    return on_to_next(request, article, result)


@form_on_article
def add(request: UserRequest, article: Article) -> HttpResponse:
    """Add a span by offsets or by quote; a quote that stands in several places comes back with all of them."""
    form = AddForm(_with_place(request))
    if not form.is_valid():
        raise only_error(form)
    clean = form.cleaned_data
    if found := ambiguous(article, clean):
        outcome = Outcome("add", typed(request), occurrences=found)
        return article_page(request, article.corpus.slug, article.pk, outcome)
    start, end = place(article, clean)
    choice = Choice(Verb.ADD, start=start, end=end, label=clean["label"])
    if "alike" in request.POST:
        return to_alike(article, choice)
    result = act(
        user=request.user, article=article, choices=[choice], client_key=client_key(request.POST, choice, article.pk)
    )
    tell(request, article, result, Verb.ADD)
    return back(request, article, result.spans[0].pk if result.spans else None)


def _with_place(request: UserRequest) -> dict[str, str]:
    """The form's values; `at` is the place that was chosen among several."""
    values = request.POST.dict()
    if at := values.get("at"):
        values["start"], _, values["end"] = at.partition(":")
    return values


def ambiguous(article: Article, clean: dict[str, Any]) -> list:
    """The places of a quote that stands in more than one, where no offsets say which is meant."""
    if clean["start"] is not None or clean["end"] is not None:
        return []
    found = occurrences(article.text, clean["quote"])
    return found if len(found) > 1 else []


def place(article: Article, clean: dict[str, Any]) -> tuple[int, int]:
    """The one range that a form means."""
    start, end, quote = clean["start"], clean["end"], clean["quote"]
    if start is None and end is None:
        found = occurrences(article.text, quote)
        if not quote:
            raise Invalid("enter the words to mark, or their start and end offsets", field="quote")
        if not found:
            raise Invalid(
                f"“{shortened(quote)}” is not in this article: copy it exactly, with capitals and spaces",
                field="quote",
            )
        return found[0].start, found[0].end
    if start is None or end is None:
        missing = "start" if start is None else "end"
        raise Invalid(f"{missing} is missing: enter both offsets, or only the words", field=missing)
    if quote and 0 <= start < end <= article.length and article.text[start:end] != quote:
        standing = shortened(article.text[start:end])
        raise Invalid(
            f"the text at [{start}, {end}) is “{standing}”, not these words: enter one or the other", field="quote"
        )
    return start, end


@form_on_article
def confirm_all(request: UserRequest, article: Article) -> HttpResponse:
    """Confirm what was shown; with `finish`, also mark the article done."""
    shown = read_shown(request.POST.get("shown", ""))
    result = confirm_shown(
        user=request.user, article=article, shown=shown, client_key=client_key(request.POST, "shown", article.pk, shown)
    )
    messages.success(request, f"Confirmed {_spans(len(result.spans))}.")
    tell_left_out(request, result)
    return on_to_next(request, article, result)


@form_on_article
def finish(request: UserRequest, article: Article) -> HttpResponse:
    shown = read_shown(request.POST.get("shown", "")) if "with_shown" in request.POST else None
    key = client_key(request.POST, "finish", article.pk)
    result = finish_article(user=request.user, article=article, shown=shown, client_key=key)
    tell_left_out(request, result)
    if "next" in request.POST:
        return to_next(request, article.corpus, article.pk, finished=result.decision.pk)
    return back(request, article, finished=result.decision.pk)


@form_on_article
def reopen(request: UserRequest, article: Article) -> HttpResponse:
    reopen_article(user=request.user, article=article)
    messages.success(request, "Article reopened.")
    following = next_to_decide(article)
    return back(request, article, following.pk if following else None)


@form_on_article
def undo(request: UserRequest, article: Article) -> HttpResponse:
    """Take back the decision that the button named; of an undo, this is a redo."""
    require(request.user, article.corpus, Role.EDITOR)
    decision = get_decision(request.user, read_id(request.POST.get("decision", ""), "decision"))
    if not decisions_on(article).filter(pk=decision.pk).exists():
        raise NotFound(f"decision {decision.pk} does not belong to this article", field="decision")
    result = take_back(user=request.user, decision=decision, client_key=client_key(request.POST, "undo", decision.pk))
    messages.success(request, _taken_back(article, result, decision))
    tell_left_out(request, result)
    here = [span for span in result.spans if span.article_id == article.pk]
    following = here[0] if here else next_to_decide(article, first_touched(result.decision, article))
    return back(request, article, following.pk if following else None)


def _taken_back(article: Article, result: DecisionResult, decision: Decision) -> str:
    if result.decision.finished:
        return f"“{shortened(article.headline)}” is done again."
    if decision.verb == Verb.FINISH or decision.finished:
        restored = f", {_spans(len(result.spans))} to decide again" if result.spans else ""
        return f"“{shortened(article.headline)}” is open again{restored}."
    word = "Redone" if result.decision.verb == Verb.REDO else "Undone"
    where = "" if result.decision.article_id else f", in {articles_touched(result.decision)} articles"
    return f"{word}: {decision.verb}{where}."


def tell(request: UserRequest, article: Article, result: DecisionResult, verb: str) -> None:
    """What was done to the first span of a decision, and to how many others."""
    span = result.spans[0] if result.spans else None
    words = f" “{shortened(article.text[span.start : span.end])}” {span.label.name}" if span else ""
    again = " It was already saved." if result.repeated else ""
    others = ""
    if len(result.spans) > 1:
        articles = len({span.article_id for span in result.spans})
        others = f", and {len(result.spans) - 1} like it" + (f" in {articles} articles" if articles > 1 else "")
    messages.success(request, f"{_DONE_WORDS[Verb(verb)]}{words}{others}.{again}")
    for notice in result.decision.notices:
        messages.warning(request, f"{notice[:1].upper()}{notice[1:]}.")


def tell_left_out(request: UserRequest, result: DecisionResult) -> None:
    for item in result.left_out[:5]:
        messages.warning(request, f"Left unchanged, {_left(item)}: {item['reason']}.")
    if len(result.left_out) > 5:
        messages.warning(request, f"{len(result.left_out) - 5} more were left unchanged.")


def _left(item: dict[str, Any]) -> str:
    what = f"span {item['span']}" if "span" in item else f"[{item['start']}, {item['end']})"
    return f"{what} of article {item['article']}" if "article" in item else what


def _spans(number: int) -> str:
    return "1 span" if number == 1 else f"{number} spans"


@form_on_article
def mark_zone(request: UserRequest, article: Article) -> HttpResponse:
    values = request.POST.dict()
    if at := values.get("at"):
        values["start"], _, values["end"] = at.partition(":")
    form = ZoneForm(values)
    if not form.is_valid():
        raise only_error(form)
    if found := ambiguous(article, form.cleaned_data):
        return article_page(request, article.corpus.slug, article.pk, Outcome("zone", typed(request), None, found))
    start, end = place(article, form.cleaned_data)
    zone = add_zone(user=request.user, article=article, start=start, end=end, kind=form.cleaned_data["kind"])
    messages.success(request, f"Marked as {zone_name(zone.kind)}: [{zone.start}, {zone.end}).")
    return back(request, article)


@form_on_article
def unmark_zone(request: UserRequest, article: Article, zone: int) -> HttpResponse:
    found = get_zone(article, zone)
    remove_zone(user=request.user, zone=found)
    messages.success(request, f"Removed zone {zone_name(found.kind)}: [{found.start}, {found.end}).")
    return back(request, article)
