from django.apps import AppConfig


class SuggestionsConfig(AppConfig):
    name = "annotations.suggestions"
    label = "suggestions"

    def ready(self) -> None:
        from annotations.suggestions.follower import SuggestionsFollower
        from corpusapp.articles import ports

        ports.register(SuggestionsFollower())
