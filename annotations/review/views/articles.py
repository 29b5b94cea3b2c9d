"""The article list and the labels' stylesheet."""

from datetime import date
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.views.decorators.http import require_safe

from annotations.review import colours
from annotations.review.forms import FilterForm
from annotations.review.models import Label, Stage
from annotations.review.queries import ArticleFilter, facets, finish_to_announce, list_articles
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.keyset import Page
from corpusapp.refusals import Invalid

_YEAR = 365 * 24 * 3600


@login_required
@require_safe
def article_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Articles like a newspaper index, with filters; a filter that cannot be is said beside it."""
    corpus = get_corpus(request.user, slug)
    given = {name: value for name, value in request.GET.items() if name in FilterForm.base_fields and value}
    narrowed, refusal = ArticleFilter(), None
    try:
        narrowed = FilterForm(given).narrowed()
        # A list that is narrowed shows each copy that fits: the one that stands for it might not.
        page = list_articles([corpus], narrowed, cursor=request.GET.get("cursor", ""), fold=not given)
    except Invalid as invalid:
        page, refusal = Page([], None), invalid
    context = {
        "corpus": corpus,
        "page": page,
        "refusal": refusal,
        "given": given,
        "search": given.get("q", ""),
        "narrowed": narrowed,
        "facets": facets(corpus),
        "stages": dict(Stage.choices),
        "address": urlencode(given),
        "paged": "cursor" in request.GET,
        "manages": may(request.user, corpus, Role.MANAGER),
        "today": date.today(),
        "finished": finish_to_announce(request.user, request.GET.get("finished", "")),
    }
    return render(request, "review/list.html", context, status=400 if refusal else 200)


@login_required
@require_safe
def labels_css(request: HttpRequest, slug: str) -> HttpResponse:
    """The inks of the corpus's labels. Its address carries its hash, so it may be kept for ever."""
    corpus = get_corpus(request.user, slug)
    labels = list(Label.objects.filter(corpus=corpus))
    etag = f'"{colours.version(labels)}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified(headers={"ETag": etag})
    response = HttpResponse(colours.stylesheet(labels), content_type="text/css; charset=utf-8", headers={"ETag": etag})
    exact = request.GET.get("v") == colours.version(labels)
    response["Cache-Control"] = f"private, max-age={_YEAR}, immutable" if exact else "private, no-cache"
    return response
