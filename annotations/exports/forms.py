"""The forms for the filters and the format of an export."""

from dataclasses import replace
from typing import Any

from django import forms

from annotations.exports.format_choices import EITHER_OFFSETS
from annotations.exports.selection import ANY, Selection
from annotations.formats.registry import formats
from annotations.formats.utf16 import CODE_POINTS, UTF16
from annotations.review.models import Label, Stage, State
from corpusapp.articles.models import Corpus
from corpusapp.text.wellformed import fault

_MANY = forms.CheckboxSelectMultiple


class SelectionForm(forms.Form):
    """The filters of an export or a release."""

    state = forms.MultipleChoiceField(label="Spans", choices=State.choices, widget=_MANY, required=False)
    stage = forms.MultipleChoiceField(
        label="Articles", choices=[*Stage.choices, (ANY, "any stage")], widget=_MANY, required=False
    )
    label = forms.MultipleChoiceField(label="Labels", widget=_MANY, required=False)
    source = forms.CharField(label="Source", required=False, max_length=200)
    published_from = forms.DateField(label="Published from", required=False)
    published_to = forms.DateField(label="Published to", required=False)
    chrome = forms.BooleanField(label="Include spans in boilerplate", required=False)
    finished_by = forms.BooleanField(label="Include who finished each article", required=False)

    def __init__(self, *args: Any, corpus: Corpus, **options: Any) -> None:
        super().__init__(*args, **options)
        names = Label.objects.filter(corpus=corpus).values_list("name", flat=True)
        labels = self.fields["label"]
        assert isinstance(labels, forms.MultipleChoiceField)
        labels.choices = [(name, name) for name in names]

    def clean_source(self) -> str:
        if reason := fault(self.cleaned_data["source"]):
            raise forms.ValidationError(f"the source {reason}")
        return self.cleaned_data["source"]

    def selection(self) -> Selection:
        """The selection of a valid form."""
        given = self.cleaned_data
        return Selection(
            states=tuple(given["state"]) or Selection().states,
            stages=tuple(given["stage"]) or Selection().stages,
            labels=tuple(given["label"]),
            source=given["source"],
            published_from=given["published_from"],
            published_to=given["published_to"],
            chrome=given["chrome"],
            finished_by=given["finished_by"],
        )


class ExportForm(SelectionForm):
    format = forms.ChoiceField(label="Format", choices=[(form.name, form.title) for form in formats.written()])
    utf16 = forms.BooleanField(label="UTF-16 offsets (JavaScript), for both JSON Lines formats", required=False)
    strict = forms.BooleanField(label="Strict: create no file if the format cannot hold everything", required=False)

    def order(self) -> dict[str, Any]:
        """The arguments of `order_export`, of a valid form."""
        given = self.cleaned_data
        offsets = UTF16 if given["utf16"] and given["format"] in EITHER_OFFSETS else CODE_POINTS
        selection = replace(self.selection(), offsets=offsets)
        return {"format": given["format"], "selection": selection, "strict": given["strict"]}
