from django.apps import AppConfig


class FeedConfig(AppConfig):
    name = "annotations.exports.feed"
    label = "feed"

    def ready(self) -> None:
        from annotations.exports.feed.follower import ArticleEvents, DecisionEvents
        from annotations.review import ports as decisions
        from corpusapp.articles import ports

        ports.register(ArticleEvents())
        decisions.register(DecisionEvents())
