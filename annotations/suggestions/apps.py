from django.apps import AppConfig


class SuggestionsConfig(AppConfig):
    name = "annotations.suggestions"
    label = "suggestions"

    def ready(self) -> None:
        from annotations.review import ports as decisions
        from annotations.suggestions.follower import HeedingFollower, SuggestionsFollower
        from corpusapp.articles import ports

        ports.register(SuggestionsFollower())
        decisions.register(HeedingFollower())
