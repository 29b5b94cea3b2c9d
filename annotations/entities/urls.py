"""URLs of the pages of entities, and of the queues."""

from django.urls import path

from annotations.entities.views import choosing

urlpatterns = [
    path("corpora/<slug:slug>/articles/<int:pk>/spans/<int:span>/entity/", choosing.choose, name="span-entity"),
]
