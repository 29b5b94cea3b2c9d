from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    name = "annotations.exports.releases"
    label = "releases"
