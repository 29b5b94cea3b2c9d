from django.apps import AppConfig


class SuggestionsConfig(AppConfig):
    name = "annotations.suggestions"
    label = "suggestions"
    verbose_name = "Suggestions"

    def ready(self) -> None:
        from annotations.entities import ports as entities
        from annotations.review import ports as decisions
        from annotations.suggestions.subscribers import LearningSubscriber, NamesSubscriber, SuggestionsSubscriber
        from corpusapp.articles import ports
        from corpusapp.backup import registry

        registry.register_files(
            "models",
            "suggestions_trainedmodel",
            "digest",
            "SELECT digest, state = 'promoted' FROM suggestions_trainedmodel WHERE digest <> ''",
        )
        ports.register(SuggestionsSubscriber())
        decisions.register(LearningSubscriber())
        entities.register(NamesSubscriber())
