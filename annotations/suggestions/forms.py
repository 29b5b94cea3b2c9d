"""What a manager sets."""

from django import forms

from annotations.suggestions.installed import suggesters


class SuggesterForm(forms.Form):
    """Which suggester a corpus has, and what it works with."""

    name = forms.ChoiceField(label="Suggester")
    option = forms.CharField(
        label="It works with", max_length=500, required=False, help_text="For spacy, the name of an installed pipeline."
    )
    again = forms.BooleanField(label="Read every open article anew with it", required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].choices = [(name, name) for name in suggesters()]
