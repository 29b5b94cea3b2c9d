"""The admin site's door to an import: the same action as the command line, the browser and REST."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin, helpers
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Corpus, ImportBatch, Role
from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.files import read_file
from corpusapp.refusals import Refusal


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    """One or more files, each cleaned like one."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list | tuple) else [data]
        return [super(_FilesField, self).clean(file, initial) for file in files or [None]]


class ImportForm(forms.Form):
    corpus = forms.ModelChoiceField(Corpus.objects.none())
    files = _FilesField(allow_empty_file=True, help_text="One or more .txt or .jsonl files in UTF-8.")
    add_labels = forms.BooleanField(required=False, help_text="Add labels that the corpus does not have yet.")
    suggest = forms.BooleanField(required=False, initial=True, help_text="Have suggestions made for what comes in.")

    def __init__(self, *args: Any, corpora: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["corpus"].queryset = corpora


def import_page(page: ModelAdmin, request: HttpRequest) -> HttpResponse:
    corpora = Corpus.objects.visible_to(request.user, Role.MANAGER)
    form = ImportForm(request.POST or None, request.FILES or None, corpora=corpora)
    if request.method == "POST" and form.is_valid():
        try:
            return _imported(page, request, form.cleaned_data)
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


def _imported(page: ModelAdmin, request: HttpRequest, values: dict[str, Any]) -> HttpResponse:
    batch = import_articles(
        user=request.user,
        corpus=values["corpus"],
        items=chain.from_iterable(_items(file) for file in values["files"]),
        origin=ImportBatch.Origin.ADMIN,
        add_labels=values["add_labels"],
        suggest=values["suggest"],
    )
    said = f"{batch.added} added, {batch.duplicates} there already, {batch.changed} as new versions"
    page.message_user(
        request, f"{said}, {batch.failed} failed.", messages.WARNING if batch.failed else messages.SUCCESS
    )
    return HttpResponseRedirect(reverse("admin:articles_importbatch_change", args=[batch.pk]))


def _items(file: UploadedFile) -> Iterator[Draft | Failure]:
    yield from read_file(file, file.name or "upload")
