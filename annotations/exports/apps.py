from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "annotations.exports"
    label = "exports"
