from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "annotations.review"
    label = "review"
    verbose_name = "Labels, spans and decisions"

    def ready(self) -> None:
        from annotations.review.subscribers import ReviewSubscriber
        from corpusapp.articles import ports

        ports.register(ReviewSubscriber())
