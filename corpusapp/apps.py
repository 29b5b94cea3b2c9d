from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class CorpusappConfig(AppConfig):
    name = "corpusapp"
    default = True


class DeskAdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin, with our own default site. Its pages are loaded with the URLs, not by workers and commands."""

    default = False
    default_site = "corpusapp.dashboard.admin_site.DeskAdminSite"
