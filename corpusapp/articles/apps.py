from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "corpusapp.articles"
    label = "articles"

    def ready(self) -> None:
        from corpusapp.backup import kept

        kept.register_files(
            "uploads",
            "articles_importbatch",
            "options",
            "SELECT options ->> 'folder', false FROM articles_importbatch WHERE options ? 'folder'",
        )
