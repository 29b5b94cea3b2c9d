"""URLs of the pages of entities, and of the queues."""

from django.urls import path

from annotations.entities.views import (
    choosing,
    compare,
    duplicates,
    entity,
    import_list,
    index,
    knowledge,
    mentions,
    unlinked,
)

_CORPUS = "corpora/<slug:slug>/entities/"
_ENTITY = f"{_CORPUS}<int:pk>/"
_SETTINGS = "corpora/<slug:slug>/settings/knowledge-bases/"

urlpatterns = [
    path("entities/<int:pk>/", entity.address, name="entity-address"),
    path(_CORPUS, index.entities, name="entities"),
    path(f"{_CORPUS}new/", index.new, name="entity-new"),
    path(f"{_CORPUS}import/", import_list.import_entities, name="entities-import"),
    path(_SETTINGS, knowledge.settings, name="settings-knowledge"),
    path(f"{_SETTINGS}address/", knowledge.address, name="settings-knowledge-address"),
    path(f"{_SETTINGS}<int:pk>/remove/", knowledge.remove, name="settings-knowledge-remove"),
    path(f"{_CORPUS}compare/", compare.compare, name="entities-compare"),
    path(f"{_CORPUS}undo/", entity.undo, name="entities-undo"),
    path(f"{_CORPUS}duplicates/", duplicates.duplicates, name="entities-duplicates"),
    path(f"{_CORPUS}unlinked/", unlinked.unlinked, name="entities-unlinked"),
    path(f"{_CORPUS}ambiguous/", unlinked.ambiguous, name="entities-ambiguous"),
    path(_ENTITY, entity.entity, name="entity"),
    path(f"{_ENTITY}edit/", entity.edit, name="entity-edit"),
    path(f"{_ENTITY}names/", entity.names, name="entity-names"),
    path(f"{_ENTITY}identifiers/", entity.identifiers, name="entity-identifiers"),
    path(f"{_ENTITY}look-up/", knowledge.look_up_entity, name="entity-look-up"),
    path(f"{_ENTITY}take/", knowledge.take, name="entity-take"),
    path(f"{_ENTITY}mentions/", mentions.decide, name="entity-mentions"),
    path(f"{_ENTITY}move/", mentions.move, name="entity-move"),
    path(f"{_ENTITY}find/", compare.find, name="entity-find"),
    path(f"{_ENTITY}history/", entity.history, name="entity-history"),
    path("corpora/<slug:slug>/articles/<int:pk>/spans/<int:span>/entity/", choosing.choose, name="span-entity"),
]
