"""URLs of exports and releases."""

from django.urls import include, path

from annotations.exports import views

urlpatterns = [
    path("corpora/<slug:slug>/export/", views.export, name="export"),
    path("corpora/<slug:slug>/exports/<int:pk>/file/", views.download, name="export-file"),
    path("corpora/<slug:slug>/exports/<int:pk>/cancel/", views.cancel, name="export-cancel"),
    path("corpora/<slug:slug>/exports/<int:pk>/losses/", views.losses, name="export-losses"),
    path("corpora/<slug:slug>/exports/<int:pk>/remove/", views.remove, name="export-remove"),
    path("", include("annotations.releases.urls")),
]
