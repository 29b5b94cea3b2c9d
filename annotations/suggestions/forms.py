"""The form of the suggestion settings."""

from django import forms

from annotations.suggestions.models import CorpusSuggester
from annotations.suggestions.pipelines.installed import suggesters


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
    bylines = forms.BooleanField(label="Suggest names in bylines and credits", required=False)
    again = forms.BooleanField(label="Update suggestions of all open articles", required=False)

    def clean_service_kind(self) -> str:
        return self.cleaned_data["service_kind"] or CorpusSuggester.ServiceKind.PLAIN
