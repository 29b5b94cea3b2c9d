from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "corpusapp.articles"
    label = "articles"
    verbose_name = "Corpora and articles"

    def ready(self) -> None:
        from corpusapp.accounts import ports
        from corpusapp.articles import permissions
        from corpusapp.backup import registry
        from corpusapp.core.admin import access

        access.register_corpora(managed=permissions.managed_ids, withdrawn=permissions.withdrawn_ids)
        ports.register_corpora(find=permissions.get_corpus, visible=permissions.visible_corpora)
        registry.register_files(
            "uploads",
            "articles_importbatch",
            "options",
            "SELECT options ->> 'folder', false FROM articles_importbatch WHERE options ? 'folder'",
        )
