from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "corpusapp.articles"
    label = "articles"
