"""Import by the browser."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.forms import ImportForm
from corpusapp.articles.models import ImportBatch, Role
from corpusapp.articles.permissions import get_corpus


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def import_files(request: HttpRequest, slug: str) -> HttpResponse:
    """The upload form; a sound one imports what it brings, and leads to the import's own page."""
    corpus = get_corpus(request.user, slug, Role.MANAGER)
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if request.method != "POST" or not form.is_valid():
        context = {"corpus": corpus, "form": form, "manages": True}
        return render(request, "articles/import.html", context, status=400 if form.is_bound else 200)
    batch = import_articles(
        user=request.user,
        corpus=corpus,
        items=form.items(),
        origin=ImportBatch.Origin.FORM,
        add_labels=form.cleaned_data["add_labels"],
        suggest=not form.cleaned_data["no_suggestions"],
    )
    return HttpResponseRedirect(reverse("import-batch", args=[corpus.slug, batch.pk]), status=303)
