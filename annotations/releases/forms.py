"""The forms for a new release, and for a file of a release in another format."""

from typing import Any

from django import forms

from annotations.exports.forms import SelectionForm
from annotations.formats.registry import formats
from annotations.releases.actions.order import NAME_LENGTH, NOTES_LENGTH, SEED_LENGTH
from annotations.releases.split import PARTS


def _percent(part: str) -> forms.IntegerField:
    return forms.IntegerField(label=part, min_value=0, max_value=100)


class ReleaseForm(SelectionForm):
    name = forms.CharField(label="Name", required=False, strip=False, max_length=NAME_LENGTH)
    notes = forms.CharField(label="Notes", required=False, strip=False, max_length=NOTES_LENGTH)
    train = _percent("train")
    dev = _percent("dev")
    test = _percent("test")
    seed = forms.CharField(label="Seed", strip=False, max_length=SEED_LENGTH)

    @property
    def parts(self) -> list[forms.BoundField]:
        return [self[part] for part in PARTS]

    def order(self) -> dict[str, Any]:
        """The arguments of `order_release`, of a valid form."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            # Browsers send line breaks as CRLF.
            "notes": given["notes"].replace("\r\n", "\n"),
            "selection": self.selection(),
            "seed": given["seed"],
            "shares": {part: given[part] for part in PARTS},
        }


class FileForm(forms.Form):
    format = forms.ChoiceField(label="Format", choices=[(form.name, form.title) for form in formats.written()])
    part = forms.ChoiceField(label="Part", required=False, choices=[("", "all"), *((part, part) for part in PARTS)])
    strict = forms.BooleanField(label="Strict", required=False)
