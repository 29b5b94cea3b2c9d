from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class CorpusappConfig(AppConfig):
    name = "corpusapp"
    default = True


class DeskAdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin, with the desk's own site as its default one.

    Its pages are found with the addresses, so that no worker and no command loads them.
    """

    default = False
    default_site = "corpusapp.dashboard.admin_site.DeskAdminSite"
