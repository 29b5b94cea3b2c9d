"""The admin site's door to an import: the same action as the command line, the browser and REST."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from corpusapp.articles.actions.uploads import receive_upload
from corpusapp.articles.forms import ImportForm
from corpusapp.articles.models import Corpus, ImportBatch, Role
from corpusapp.core.errors import Refusal

if TYPE_CHECKING:
    from corpusapp.core.admin.scoped import ScopedAdmin


class CorpusImportForm(ImportForm):
    """The upload form, with the choice of one's own corpora."""

    corpus = forms.ModelChoiceField(Corpus.objects.none())
    field_order = ("corpus",)

    def __init__(self, *args: Any, corpora: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["corpus"].queryset = corpora


def import_page(page: "ScopedAdmin", request: HttpRequest) -> HttpResponse:
    corpora = Corpus.objects.visible_to(request.user, Role.MANAGER)
    form = CorpusImportForm(request.POST or None, request.FILES or None, corpora=corpora)
    if request.method == "POST" and form.is_valid():
        try:
            return _imported(page, request, form)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
    context = {
        **page.admin_site.each_context(request),
        "title": "Import articles",
        "opts": page.opts,
        "form": form,
        "adminform": helpers.AdminForm(form, [(None, {"fields": list(form.fields)})], {}, model_admin=page),
        "media": page.media + form.media,
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, "admin/articles/article/import_articles.html", context)


def _imported(page: "ScopedAdmin", request: HttpRequest, form: CorpusImportForm) -> HttpResponse:
    batch = receive_upload(
        user=request.user, corpus=form.cleaned_data["corpus"], origin=ImportBatch.Origin.ADMIN, **form.upload()
    )
    words = "A worker reads what you sent. This page follows how far it has come."
    page.message_user(request, words, messages.SUCCESS)
    return HttpResponseRedirect(reverse("admin:articles_importbatch_change", args=[batch.pk]))
