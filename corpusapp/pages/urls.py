"""Addresses of the pages that span several apps."""

from django.urls import path

from corpusapp.pages import views

urlpatterns = [
    path("", views.home, name="home"),
    path("help/", views.help_page, name="help"),
    path("corpora/<slug:slug>/", views.corpus, name="corpus"),
]
