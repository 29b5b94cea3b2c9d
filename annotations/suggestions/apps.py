from django.apps import AppConfig


class SuggestionsConfig(AppConfig):
    name = "annotations.suggestions"
    label = "suggestions"
