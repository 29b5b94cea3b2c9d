"""The forms of the article page: decide, undo, finish, reopen and zones. A refused form is shown again as sent."""

from collections.abc import Callable, Sequence
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
from annotations.review.actions.decide import decide as decide_spans
from annotations.review.actions.decisions import DecisionResult
from annotations.review.actions.stages import finish as finish_article
from annotations.review.actions.stages import reopen as reopen_article
from annotations.review.actions.undo import undo as undo_decision
from annotations.review.forms import AddForm, choice_query, client_key, read_choice, read_id
from annotations.review.models import Decision, Verb
from annotations.review.panel import shorten
from annotations.review.ports import link_reader
from annotations.review.queries import articles_touched, decisions_on, first_touched, get_decision, next_to_decide
from annotations.review.shown_values import read_entities, read_shown
from annotations.review.views.page import FormResult, Occurrence, article_page, find_article, find_occurrences
from annotations.review.views.work import redirect_to_next_article
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


def article_form(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wrap a POST view: a refusal shows the article again with the values sent.

    A GET redirects to the article, since that page has relative links and can be reloaded.
    """

    @login_required
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapper(request: UserRequest, slug: str, pk: int, **more: Any) -> HttpResponse:
        article = find_article(request, slug, pk)
        if request.method != "POST":
            return redirect(f"{reverse('article', args=[slug, pk])}?{request.GET.urlencode()}".rstrip("?"))
        try:
            return view(request, article, **more)
        except Refusal as refusal:
            form_result = FormResult(request.POST.get("form", ""), submitted_values(request), refusal)
            return article_page(request, slug, pk, form_result)

    return wrapper


def submitted_values(request: UserRequest) -> dict[str, str]:
    """The values of the form; `selected` is the id of its span."""
    values = request.POST.dict()
    values["selected"] = values.get("span", "").split(":")[0]
    return values


def redirect_to_article(
    request: UserRequest, article: Article, span: int | None = None, *, finished: int | None = None
) -> HttpResponse:
    """Redirect (303) to the article with `span` selected, or with the decision `finished` announced."""
    address = reverse("article", args=[article.corpus.slug, article.pk])
    query = [f"span={span}"] if span else []
    query += [f"finished={finished}"] if finished else []
    query += ["rejected=1"] if "rejected" in request.GET else []
    fragment = f"#s{span}" if span else ""
    location = f"{address}{'?' if query else ''}{'&'.join(query)}{fragment}"
    return HttpResponseRedirect(location, status=303)


def redirect_to_matches(article: Article, choice: Choice) -> HttpResponse:
    """Redirect (303) to the preview of matches."""
    address = reverse("article-alike", args=[article.corpus.slug, article.pk])
    return HttpResponseRedirect(f"{address}?{urlencode(choice_query(choice))}", status=303)


def redirect_to_next_suggestion(request: UserRequest, article: Article, result: DecisionResult) -> HttpResponse:
    """Redirect to the next suggestion after the decided spans; if there is none, to the first decided span."""
    last = max((span.start for span in result.spans), default=0)
    following = next_to_decide(article, last)
    return redirect_to_article(
        request, article, following.pk if following else result.spans[0].pk if result.spans else None
    )


@article_form
def decide(request: UserRequest, article: Article) -> HttpResponse:
    """Confirm, reject, relabel or move one span."""
    choice = read_choice(request.POST)
    if "alike" in request.POST:
        return redirect_to_matches(article, choice)
    result = decide_spans(
        user=request.user, article=article, choices=[choice], client_key=client_key(request.POST, choice, article.pk)
    )
    report_decision(request, article, result, choice.verb)
    return redirect_to_next_suggestion(request, article, result)


@article_form
def add(request: UserRequest, article: Article) -> HttpResponse:
    """Add a span by offsets or by quote. A quote with several occurrences is shown again with all of them."""
    form = AddForm(_with_place(request))
    if not form.is_valid():
        raise only_error(form)
    clean = form.cleaned_data
    if found := ambiguous_occurrences(article, clean):
        form_result = FormResult("add", submitted_values(request), occurrences=found)
        return article_page(request, article.corpus.slug, article.pk, form_result)
    start, end = range_from_form(article, clean)
    choice = Choice(Verb.ADD, start=start, end=end, label=clean["label"])
    if "alike" in request.POST:
        return redirect_to_matches(article, choice)
    result = decide_spans(
        user=request.user, article=article, choices=[choice], client_key=client_key(request.POST, choice, article.pk)
    )
    report_decision(request, article, result, Verb.ADD)
    return redirect_to_article(request, article, result.spans[0].pk if result.spans else None)


def _with_place(request: UserRequest) -> dict[str, str]:
    """The values of the form, with the offsets of the occurrence `at` that was chosen, if any."""
    values = request.POST.dict()
    if at := values.get("at"):
        values["start"], _, values["end"] = at.partition(":")
    return values


def ambiguous_occurrences(article: Article, clean: dict[str, Any]) -> Sequence[Occurrence]:
    """The occurrences of a quote, if there are several and no offsets are given."""
    if clean["start"] is not None or clean["end"] is not None:
        return []
    found = find_occurrences(article.text, clean["quote"])
    return found if len(found) > 1 else []


def range_from_form(article: Article, clean: dict[str, Any]) -> tuple[int, int]:
    """The range that a form gives by offsets, by quote, or both."""
    start, end, quote = clean["start"], clean["end"], clean["quote"]
    if start is None and end is None:
        found = find_occurrences(article.text, quote)
        if not quote:
            raise Invalid("enter the words to mark, or their start and end offsets", field="quote")
        if not found:
            raise Invalid(
                f"“{shorten(quote)}” is not in this article: copy it exactly, with capitals and spaces",
                field="quote",
            )
        return found[0].start, found[0].end
    if start is None or end is None:
        missing = "start" if start is None else "end"
        raise Invalid(f"{missing} is missing: enter both offsets, or only the words", field=missing)
    if quote and 0 <= start < end <= article.length and article.text[start:end] != quote:
        found_there = shorten(article.text[start:end])
        raise Invalid(
            f"the text at [{start}, {end}) is “{found_there}”, not these words: enter one or the other", field="quote"
        )
    return start, end


@article_form
def confirm_all(request: UserRequest, article: Article) -> HttpResponse:
    """Confirm the suggestions that were shown."""
    shown = read_shown(request.POST.get("shown", ""))
    entities = read_entities(request.POST.get("entities", ""))
    key = client_key(request.POST, "shown", article.pk, shown)
    result = confirm_shown(user=request.user, article=article, shown=shown, entities=entities, client_key=key)
    links = link_reader().confirmed_by(result.decision) if article.corpus.entities_enabled else 0
    with_links = f", {links} link{'' if links == 1 else 's'}" if links else ""
    messages.success(request, f"Confirmed {_spans(len(result.spans))}{with_links}.")
    report_left_out(request, result)
    return redirect_to_next_suggestion(request, article, result)


@article_form
def finish(request: UserRequest, article: Article) -> HttpResponse:
    shown = read_shown(request.POST.get("shown", "")) if "with_shown" in request.POST else None
    entities = read_entities(request.POST.get("entities", ""))
    key = client_key(request.POST, "finish", article.pk)
    result = finish_article(user=request.user, article=article, shown=shown, entities=entities, client_key=key)
    report_left_out(request, result)
    if "next" in request.POST:
        return redirect_to_next_article(request, article.corpus, article.pk, finished=result.decision.pk)
    return redirect_to_article(request, article, finished=result.decision.pk)


@article_form
def reopen(request: UserRequest, article: Article) -> HttpResponse:
    reopen_article(user=request.user, article=article)
    messages.success(request, "Article reopened.")
    following = next_to_decide(article)
    return redirect_to_article(request, article, following.pk if following else None)


@article_form
def undo(request: UserRequest, article: Article) -> HttpResponse:
    """Undo the decision that the button names; for an undo, redo."""
    require(request.user, article.corpus, Role.EDITOR)
    decision = get_decision(request.user, read_id(request.POST.get("decision", ""), "decision"))
    if not decisions_on(article).filter(pk=decision.pk).exists():
        raise NotFound(f"decision {decision.pk} does not belong to this article", field="decision")
    result = undo_decision(
        user=request.user, decision=decision, client_key=client_key(request.POST, "undo", decision.pk)
    )
    messages.success(request, _undo_message(article, result, decision))
    report_left_out(request, result)
    here = [span for span in result.spans if span.article_id == article.pk]
    following = here[0] if here else next_to_decide(article, first_touched(result.decision, article))
    return redirect_to_article(request, article, following.pk if following else None)


def _undo_message(article: Article, result: DecisionResult, decision: Decision) -> str:
    if result.decision.finished:
        return f"“{shorten(article.headline)}” is done again."
    if decision.verb == Verb.FINISH or decision.finished:
        restored = f", {_spans(len(result.spans))} to decide again" if result.spans else ""
        return f"“{shorten(article.headline)}” is open again{restored}."
    word = "Redone" if result.decision.verb == Verb.REDO else "Undone"
    where = "" if result.decision.article_id else f", in {articles_touched(result.decision)} articles"
    return f"{word}: {decision.verb}{where}."


def report_decision(request: UserRequest, article: Article, result: DecisionResult, verb: str) -> None:
    """Add messages about the first span of a decision, the number of others, and notices."""
    span = result.spans[0] if result.spans else None
    words = f" “{shorten(article.text[span.start : span.end])}” {span.label.name}" if span else ""
    again = " It was already saved." if result.repeated else ""
    others = ""
    if len(result.spans) > 1:
        articles = len({span.article_id for span in result.spans})
        others = f", and {len(result.spans) - 1} like it" + (f" in {articles} articles" if articles > 1 else "")
    messages.success(request, f"{_DONE_WORDS[Verb(verb)]}{words}{others}.{again}")
    for notice in result.decision.notices:
        messages.warning(request, f"{notice[:1].upper()}{notice[1:]}.")


def report_left_out(request: UserRequest, result: DecisionResult) -> None:
    for item in result.left_out[:5]:
        messages.warning(request, f"Left unchanged, {_left_out_name(item)}: {item['reason']}.")
    if len(result.left_out) > 5:
        messages.warning(request, f"{len(result.left_out) - 5} more were left unchanged.")


def _left_out_name(item: dict[str, Any]) -> str:
    for name in ("entity", "link"):
        if name in item:
            return f"{name} {item[name]}"
    what = f"span {item['span']}" if "span" in item else f"[{item['start']}, {item['end']})"
    return f"{what} of article {item['article']}" if "article" in item else what


def _spans(number: int) -> str:
    return "1 span" if number == 1 else f"{number} spans"


@article_form
def mark_zone(request: UserRequest, article: Article) -> HttpResponse:
    values = request.POST.dict()
    if at := values.get("at"):
        values["start"], _, values["end"] = at.partition(":")
    form = ZoneForm(values)
    if not form.is_valid():
        raise only_error(form)
    if found := ambiguous_occurrences(article, form.cleaned_data):
        return article_page(
            request, article.corpus.slug, article.pk, FormResult("zone", submitted_values(request), None, found)
        )
    start, end = range_from_form(article, form.cleaned_data)
    zone = add_zone(user=request.user, article=article, start=start, end=end, kind=form.cleaned_data["kind"])
    messages.success(request, f"Marked as {zone_name(zone.kind)}: [{zone.start}, {zone.end}).")
    return redirect_to_article(request, article)


@article_form
def unmark_zone(request: UserRequest, article: Article, zone: int) -> HttpResponse:
    found = get_zone(article, zone)
    remove_zone(user=request.user, zone=found)
    messages.success(request, f"Removed zone {zone_name(found.kind)}: [{found.start}, {found.end}).")
    return redirect_to_article(request, article)
