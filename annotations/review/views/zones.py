"""Mark and unmark stretches that are not running text."""

from django.contrib import messages
from django.http import HttpResponse

from annotations.review.views.decisions import ambiguous, back, form_on_article, place, typed
from annotations.review.views.page import Outcome, article_page
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.actions.zones import add_zone, remove_zone
from corpusapp.articles.forms import ZoneForm, only_error
from corpusapp.articles.models import Article
from corpusapp.articles.permissions import get_zone
from corpusapp.text.zones import zone_name


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
