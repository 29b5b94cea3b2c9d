"""URLs of the pages that use several apps."""

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from corpusapp.core.pages import bundles
from corpusapp.dashboard import dashboard, views

urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.help_page, name="help"),
    # Browsers request it if a page names no icon, such as those of the admin site.
    path("favicon.ico", RedirectView.as_view(url=static("img/icon.svg"))),
    path("bundles/<slug:digest>/<str:name>", bundles.send, name="bundle"),
    path("corpora/<slug:slug>/", views.corpus, name="corpus"),
    path("corpora/<slug:slug>/dashboard/", dashboard.dashboard, name="dashboard"),
    path("corpora/<slug:slug>/disagreements/", dashboard.disagreements, name="disagreements"),
]
