"""Forms of imports and zones, and the fields that read offsets and quotes without guessing."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.files import read_file
from corpusapp.refusals import Invalid
from corpusapp.text.wellformed import fault
from corpusapp.text.zones import KINDS

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,40}", re.ASCII)


class OffsetField(forms.CharField):
    """A whole number of code points, in ASCII digits only: 3.0 and १ are none."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if value in self.empty_values:
            return None
        if not _WHOLE_NUMBER.fullmatch(value):
            raise forms.ValidationError(f"{value[:40]!r} is no whole number of code points, such as 12")
        return int(value)

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError("this offset is missing: write a whole number of code points, such as 12")

    def run_validators(self, value: Any) -> None:
        """A number needs none of a text's validators."""


class QuoteField(forms.CharField):
    """Words as they stand in a text: never trimmed, line ends as they are stored."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        return super().to_python(value).replace("\r\n", "\n").replace("\r", "\n")


def only_error(form: forms.Form) -> Invalid:
    """The first thing that is wrong with a form, as the refusal that every door knows."""
    field, errors = next(iter(form.errors.items()))
    name = "" if field == forms.forms.NON_FIELD_ERRORS else field
    return Invalid(f"{name}: {errors[0]}" if name else str(errors[0]), field=name)


class ZoneForm(forms.Form):
    """A stretch by its offsets or by its quote, and what it is."""

    kind = forms.ChoiceField(
        choices=[(kind, kind) for kind in KINDS],
        error_messages={"invalid_choice": f"choose one of {', '.join(KINDS)}"},
    )
    quote = QuoteField(required=False)
    start = OffsetField(required=False)
    end = OffsetField(required=False)


class _Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files. Empty ones pass: the import says what is wrong with each file by its name."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in (data if isinstance(data, list) else [data]) if file]
        if not files:
            raise forms.ValidationError("choose at least one .txt or .jsonl file")
        return files


class ImportForm(forms.Form):
    files = FilesField(label="Files", help_text="UTF-8. A .txt file is one article, a .jsonl file one article a line.")
    source = forms.CharField(
        required=False,
        max_length=200,
        label="Source",
        help_text="Who published them: for those articles that do not say it themselves.",
    )
    add_labels = forms.BooleanField(
        required=False, label="Add labels that the corpus does not have", help_text="Else such articles are refused."
    )
    no_suggestions = forms.BooleanField(required=False, label="Make no suggestions")

    def clean_source(self) -> str:
        if reason := fault(self.cleaned_data["source"]):
            raise forms.ValidationError(f"the source {reason}")
        return self.cleaned_data["source"]

    def items(self) -> Iterator[Draft | Failure]:
        """What the files hold, named by the files' own names."""
        for upload in self.cleaned_data["files"]:
            for item in read_file(upload, upload.name or "file"):
                unsourced = isinstance(item, Draft) and not item.source
                yield replace(item, source=self.cleaned_data["source"]) if unsourced else item
