"""URLs of releases."""

from django.urls import path

from annotations.releases import views

urlpatterns = [
    path("corpora/<slug:slug>/releases/", views.releases, name="releases"),
    path("corpora/<slug:slug>/releases/<int:number>/", views.release, name="release"),
    path("corpora/<slug:slug>/releases/<int:number>/cancel/", views.cancel, name="release-cancel"),
    path("corpora/<slug:slug>/releases/<int:number>/erase/", views.erase, name="release-erase"),
    path("corpora/<slug:slug>/releases/<int:number>/file/", views.download, name="release-file"),
    path("corpora/<slug:slug>/releases/<int:number>/manifest/", views.manifest, name="release-manifest"),
    path("corpora/<slug:slug>/releases/<int:number>/export/", views.export, name="release-export"),
    path("corpora/<slug:slug>/releases/<int:number>/compare/", views.comparison, name="release-compare"),
]
