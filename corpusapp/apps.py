from django.apps import AppConfig


class CorpusappConfig(AppConfig):
    name = "corpusapp"
