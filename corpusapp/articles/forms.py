"""Forms of imports, zones, members and the settings of a corpus, and fields for offsets and quotes."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import NON_FIELD_ERRORS
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import slugify

from corpusapp.articles.actions.invitations import DEFAULT_DAYS, LONGEST_DAYS, LONGEST_NOTE
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.models.corpus import PUBLICATION_FIELDS
from corpusapp.articles.ports import NewLabel, label_faults, label_sets
from corpusapp.articles.projects import project_kinds
from corpusapp.core.errors import Invalid
from corpusapp.intake.columns import HTML
from corpusapp.intake.draft import KEYS
from corpusapp.intake.encoding.names import checked_encoding
from corpusapp.text.wellformed import fault
from corpusapp.text.zones import KINDS

_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,40}", re.ASCII)


class OffsetField(forms.CharField):
    """A whole number of code points, in ASCII digits only: 3.0 and १ are invalid."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)
        if value in self.empty_values:
            return None
        if not _WHOLE_NUMBER.fullmatch(value):
            raise forms.ValidationError(f"{value[:40]!r} is not a whole number of code points, such as 12")
        return int(value)

    def validate(self, value: Any) -> None:
        if value is None and self.required:
            raise forms.ValidationError("this offset is missing: enter a whole number of code points, such as 12")

    def run_validators(self, value: Any) -> None:
        """Skip the validators of CharField, which expect text."""


class QuoteField(forms.CharField):
    """A quote of a text: not stripped, with the line ends of stored texts."""

    widget = forms.Textarea

    def __init__(self, **options: Any) -> None:
        super().__init__(strip=False, **options)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n")


def only_error(form: forms.Form) -> Invalid:
    """The first error of a form, as `Invalid`."""
    field, errors = next(iter(form.errors.items()))
    name = "" if field == NON_FIELD_ERRORS else field
    return Invalid(f"{name}: {errors[0]}" if name else str(errors[0]), field=name)


class ZoneForm(forms.Form):
    """A range, by its offsets or by its quote, and the kind of zone."""

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
    """One or more files. Empty files are accepted here: the import reports problems by file name."""

    widget = _Files

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in (data if isinstance(data, list) else [data]) if file]
        if not files:
            raise forms.ValidationError("choose at least one file")
        return files


class ColumnsField(forms.CharField):
    """Lines such as `Volltext = text`, as {their column: our key}. An empty key means metadata."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        lines = [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]
        mapping: dict[str, str] = {}
        for line in lines:
            column, sign, key = (part.strip() for part in line.rpartition("="))
            if not sign or not column:
                raise forms.ValidationError(f"{line[:80]!r} is not a mapping: write lines such as Volltext = text")
            if column in mapping:
                raise forms.ValidationError(f"the column {column[:80]!r} is listed twice")
            mapping[column] = key
        return mapping

    def validate(self, value: Any) -> None:
        """Keys are validated by the import."""

    def run_validators(self, value: Any) -> None:
        """Skip the validators of CharField, which expect text."""


class ImportForm(forms.Form):
    files = FilesField(  # type: ignore[assignment]  # the metaclass takes fields off the class
        label="Files",
        help_text="Text, HTML, JSONL or JSON, CSV or TSV, RSS or Atom, WARC, e-mail, PDF, DOCX, and ZIP or TAR.GZ of "
        "these. The file type is detected from the content.",
    )
    source = forms.CharField(
        required=False,
        max_length=200,
        label="Source",
        help_text="The publisher, for articles that do not name theirs.",
    )
    project = forms.ChoiceField(
        required=False,
        label="File type",
        choices=lambda: [("", "detect"), *project_kinds()],
        help_text="Choose a type to import a project from another annotation tool, with its spans, labels and states.",
    )
    add_labels = forms.BooleanField(
        required=False,
        label="Add missing labels to the corpus",
        help_text="Otherwise articles with unknown labels fail.",
    )
    done = forms.BooleanField(
        required=False,
        label="Mark articles with decided spans as done",
        help_text="Use this if they were reviewed in full: text without spans counts as having none. The log names you "
        "as the editor.",
    )
    no_suggestions = forms.BooleanField(required=False, label="Do not create suggestions")
    columns = ColumnsField(
        required=False,
        label="Map columns",
        help_text="One mapping per line: column = field, such as Volltext = text. Common names (body, headline, link, "
        f"date …) are recognized. Fields: {', '.join((*KEYS, HTML))}.",
    )

    encoding = forms.CharField(
        required=False,
        max_length=40,
        label="Encoding",
        help_text="For files that declare none, such as cp1252 (Windows, Western Europe), cp1250 "
        "(Central Europe), cp1251 (Cyrillic), mac_roman, cp932 (Japanese). Leave empty to detect it.",
    )

    def clean_source(self) -> str:
        if reason := fault(self.cleaned_data["source"]):
            raise forms.ValidationError(f"the source {reason}")
        return self.cleaned_data["source"]

    def clean_encoding(self) -> str:
        try:
            return checked_encoding(self.cleaned_data["encoding"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def upload(self) -> dict[str, Any]:
        """The arguments for `receive_upload`, from a valid form."""
        given = self.cleaned_data
        return {
            "files": [(file.name or "", file) for file in given["files"]],
            "source": given["source"],
            "add_labels": given["add_labels"],
            "suggest": not given["no_suggestions"],
            "columns": given["columns"],
            "project": given["project"],
            "encoding": given["encoding"],
            "done": given["done"],
        }


def language_choices(present: str = "") -> list[tuple[str, str]]:
    """(ISO 639-1 code, English name) of languages, sorted by name; with the `present` one, if that is another."""
    names = {code: info["name"] for code, info in LANG_INFO.items() if "name" in info and len(code) == 2}
    names["zh"] = "Chinese"
    if present and present not in names:
        names[present] = present
    return sorted(names.items(), key=lambda item: item[1])


class SettingsForm(forms.Form):
    """What a corpus is called and how it works."""

    name = forms.CharField(label="Name", max_length=200)
    language = forms.ChoiceField(
        label="Language", help_text="Of most articles. Articles in other languages are recognized."
    )
    nesting_allowed = forms.BooleanField(
        required=False,
        label="Suggestions may overlap confirmed spans",
        help_text="Editors can always nest spans.",
    )
    entities_enabled = forms.BooleanField(
        required=False,
        label="Link names to entities",
        help_text="Who and what the names are, across the articles. If it is off, entities are not shown, and names "
        "are not linked; what was decided is kept.",
    )

    licence = forms.CharField(
        required=False,
        max_length=PUBLICATION_FIELDS["licence"],
        label="Licence",
        help_text="Of the articles and spans: an SPDX id such as CC-BY-4.0, a URL, or a sentence.",
    )
    version = forms.CharField(
        required=False,
        max_length=PUBLICATION_FIELDS["version"],
        label="Version",
        help_text="Of the data, such as 1.2.0.",
    )
    citation = QuoteField(
        required=False, max_length=PUBLICATION_FIELDS["citation"], label="Citation", help_text="As text or BibTeX."
    )
    contact = forms.CharField(
        required=False,
        max_length=PUBLICATION_FIELDS["contact"],
        label="Contact",
        help_text="Whom to ask about the data: a name, with an e-mail address or a URL.",
    )

    def __init__(self, *args: Any, corpus: Corpus | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = language_choices(corpus.language if corpus else "")

    def clean_name(self) -> str:
        if reason := fault(self.cleaned_data["name"]):
            raise forms.ValidationError(f"the name {reason}")
        return self.cleaned_data["name"]


class LabelsField(forms.CharField):
    """Labels, one a line: a name alone, or with its definition after a colon or a tab."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        numbered = list(enumerate(str(value or "").splitlines(), start=1))
        lines = [(number, line.strip()) for number, line in numbered if line.strip()]
        labels = [self._label(line) for _, line in lines]
        if faults := label_faults(labels):
            raise forms.ValidationError([f"line {lines[at][0]}: {faults[at]}" for at in sorted(faults)])
        return labels

    def _label(self, line: str) -> NewLabel:
        name, *definition = re.split(r"[:\t]", line, maxsplit=1)
        return NewLabel(name.strip(), definition[0].strip() if definition else "")

    def validate(self, value: Any) -> None:
        """Whether it may be empty depends on the label set."""

    def run_validators(self, value: Any) -> None:
        """Skip the validators of CharField, which expect text."""


OWN_LABELS = "own"


class NewCorpusForm(SettingsForm):
    slug = forms.CharField(
        label="Address",
        max_length=64,
        required=False,
        help_text="Small letters, digits and hyphens. It is part of all addresses, and cannot be changed later.",
    )
    label_set = forms.ChoiceField(
        label="Labels", choices=lambda: [*((each.key, each.title) for each in label_sets()), (OWN_LABELS, "Own labels")]
    )
    labels = LabelsField(
        required=False,
        label="Own labels",
        help_text="One a line: a name, and after a colon or a tab its definition.",
    )

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"].strip() or slugify(self.data.get("name", "").replace("_", " "))[:64].strip("-")
        if not slug:
            raise forms.ValidationError("no address can be made of the name: enter one, such as iran-syria")
        return slug

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("label_set") == OWN_LABELS and "labels" in given and not given["labels"]:
            self.add_error("labels", "enter at least one label, or choose a label set")
        return given

    def corpus(self) -> Mapping[str, Any]:
        """The arguments for `create_corpus`, from a valid form."""
        given = self.cleaned_data
        own = given["label_set"] == OWN_LABELS
        labels = {"labels": given["labels"]} if own else {"label_set": given["label_set"]}
        about = {name: given[name] for name in ("name", "slug", "language", "entities_enabled")}
        return {**about, **labels}


class GuidelinesForm(forms.Form):
    """The guidelines in Markdown, with the mark of the text that was edited."""

    guidelines = QuoteField(required=False, label="Guidelines")
    shown = forms.CharField(widget=forms.HiddenInput)

    def clean_guidelines(self) -> str:
        if reason := fault(self.cleaned_data["guidelines"]):
            raise forms.ValidationError(f"the text {reason}")
        return self.cleaned_data["guidelines"]


class MemberForm(forms.Form):
    """A user and the role in the corpus."""

    username = forms.CharField(max_length=150)
    role = forms.ChoiceField(choices=Role.choices, initial=Role.EDITOR)


class InvitationForm(forms.Form):
    """Role, lifetime and purpose of a new invitation."""

    role = forms.ChoiceField(choices=Role.choices, initial=Role.EDITOR)
    days = forms.IntegerField(min_value=1, max_value=LONGEST_DAYS, initial=DEFAULT_DAYS, label="Expires after (days)")
    note = forms.CharField(max_length=LONGEST_NOTE, required=False, label="For whom")


class NewAccountForm(forms.Form):
    """The account of an invited person. The password is entered twice: a typing error would lock the person out."""

    username = forms.CharField(max_length=150)
    email = forms.EmailField(max_length=254, required=False, label="E-mail")
    password = forms.CharField(strip=False)
    repeated = forms.CharField(strip=False, label="Repeat password")

    def clean(self) -> None:
        super().clean()
        if not self.errors and self.cleaned_data["password"] != self.cleaned_data["repeated"]:
            self.add_error("repeated", "The two passwords differ.")

    def account(self) -> dict[str, Any]:
        """The arguments for `accept_with_new_account`, from a valid form."""
        return {name: self.cleaned_data[name] for name in ("username", "email", "password")}
