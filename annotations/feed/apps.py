from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "annotations.feed"
    label = "feed"
    verbose_name = "Webhooks"

    def ready(self) -> None:
        from annotations.entities import ports as entities
        from annotations.feed.queries import without_secret
        from annotations.feed.subscribers import ArticleEvents, DecisionEvents, RegistryEvents
        from annotations.review import ports as decisions
        from corpusapp.articles import ports
        from corpusapp.backup import registry

        registry.register_secret(registry.SecretColumn("feed_webhook", "secret", without_secret))
        ports.register(ArticleEvents())
        decisions.register(DecisionEvents())
        entities.register(RegistryEvents())
