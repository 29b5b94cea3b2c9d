from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "annotations.review"
    label = "review"

    def ready(self) -> None:
        from annotations.review.subscribers import ReviewFollower
        from corpusapp.articles import ports

        ports.register(ReviewFollower())
