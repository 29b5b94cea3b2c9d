from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    name = "annotations.entities"
    label = "entities"
    verbose_name = "Entities"

    def ready(self) -> None:
        from annotations.entities import ports as registry
        from annotations.entities.queries.links import LinkReader
        from annotations.entities.subscribers import ArticleSubscriber, LinkingSubscriber, LinkSubscriber
        from annotations.review import ports as decisions
        from corpusapp.articles import ports

        ports.register(ArticleSubscriber())
        decisions.register(LinkSubscriber())
        registry.register(LinkingSubscriber())
        decisions.register_links(LinkReader())
