"""A manager erases a release: its number stays, and its file if another release shares it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from annotations.exports import store as export_store
from annotations.exports.actions.make import make_export
from annotations.exports.models import Export
from annotations.releases import store
from annotations.releases.actions.order import erase_release, order_release, order_release_export
from annotations.releases.models import Release
from corpusapp.articles.actions.erase import erase_corpus
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Gone, NotAllowed
from tests import factories
from tests.api.client import Rest, refusal
from tests.erasing.world import holders_of
from tests.exports.cast import ANY, make_desk
from tests.releases import cast

PATH = "corpora/desk/releases/"


@pytest.fixture
def corpus(db):
    return make_desk()


@pytest.fixture
def manager(corpus) -> Rest:
    return Rest(factories.make_member(corpus, Role.MANAGER, "keeper"))


def erase(release: Release) -> None:
    erase_release(user=factories.make_superuser(), release=release)


def test_erasing_leaves_only_the_number_and_who_erased_it(corpus, manager, django_capture_on_commit_callbacks):
    body = {"name": "Xylokastro", "notes": "Of Xylokastro.", "filter": {"stage": ["any"]}}
    first = manager.post(PATH, body, idempotency_key="k")
    release = Release.objects.get()
    cast.make_release(release_id=release.pk)
    release.refresh_from_db()
    order = order_release_export(user=factories.make_superuser(), release=release, format="doccano")
    make_export(export_id=order.pk)
    order.refresh_from_db()
    path, made = store.path_of(release.sha256), export_store.file_in(order.folder, order.name)
    assert path.is_file() and made.is_file() and "releases_release" in holders_of("Xylokastro")
    with django_capture_on_commit_callbacks(execute=True):
        assert manager.delete(f"{PATH}1/").status_code == 204
    assert not path.exists() and not made.exists() and not Export.objects.exists()
    assert holders_of("Xylokastro") == set()
    story = refusal(manager.get(f"{PATH}1/"), 410)["detail"]
    assert "erased on" in story and "keeper" in story
    for part in ("file/", "manifest/", "check/", "export/", "export/report/", "compare/1/", "compare/1/lines/"):
        refusal(manager.get(f"{PATH}1/{part}"), 410)
    refusal(manager.post(f"{PATH}1/exports/", {"format": "jsonl"}), 410)
    refusal(manager.delete(f"{PATH}1/"), 410)
    refusal(manager.post(PATH, body, idempotency_key="k"), 410)
    (stone,) = manager.get(PATH).json()["results"]
    assert (stone["number"], stone["state"], stone["erased_by"]) == (1, "erased", "keeper") and stone["erased_at"]
    assert (stone["user"], stone["name"], stone["spans"], stone["file"]) == ("keeper", "", None, None)
    assert manager.post(PATH, {"filter": {"stage": ["any"]}}).json()["number"] == first.json()["number"] + 1 == 2


def test_the_file_stays_while_another_release_is_the_same(corpus, django_capture_on_commit_callbacks):
    first, second = cast.make(corpus), cast.make(corpus)
    assert first.sha256 == second.sha256
    with django_capture_on_commit_callbacks(execute=True):
        erase(first)
    assert cast.lines(second)
    with django_capture_on_commit_callbacks(execute=True):
        erase(second)
    assert not store.path_of(second.sha256).exists()
    assert cast.make(corpus).number == 3


def test_only_managers_erase(corpus, manager):
    release = cast.make(corpus)
    stranger = Rest(factories.make_member(factories.make_corpus("other"), Role.MANAGER))
    editor = factories.make_member(corpus, Role.EDITOR)
    for client, status in ((Rest(editor), 403), (stranger, 404), (Rest(), 401)):
        refusal(client.delete(f"{PATH}1/"), status)
    with pytest.raises(NotAllowed):
        erase_release(user=editor, release=release)
    refusal(manager.delete(f"{PATH}2/"), 404)
    release.refresh_from_db()
    assert release.state == "made" and cast.lines(release)


def test_a_running_release_cannot_be_erased(corpus, manager):
    release, _ = order_release(user=factories.make_superuser(), corpus=corpus, selection=ANY)
    for state in ("queued", "making"):
        Release.objects.filter(pk=release.pk).update(state=state)
        refusal(manager.delete(f"{PATH}1/"), 409, "state")
    with pytest.raises(Conflict):
        erase(release)
    Release.objects.filter(pk=release.pk).update(state="failed", reason="No space.")
    erase(release)
    with pytest.raises(Gone):
        erase(release)


def test_the_database_lets_nothing_else_change(corpus):
    release, user = cast.make(corpus), factories.make_superuser()
    nothing = {"name": "", "notes": "", "selection": {}, "reason": "", "sha256": "", "size": None, "manifest": None}
    by = {"erased_by": user, "erased_at": timezone.now()}
    for change in (nothing, nothing | by | {"seed": "2"}, by):
        with pytest.raises(DatabaseError), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**{"state": "erased", **change})
    erase(release)
    for change in ({"state": "made"}, {"erased_by": None, "erased_at": None}, {"number": 7}):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            Release.objects.filter(pk=release.pk).update(**change)


def test_its_corpus_is_erased_later(corpus):
    erase(cast.make(corpus))
    cast.make(corpus)
    erase_corpus(user=factories.make_superuser(), corpus=corpus, slug="desk")
    assert list(Release.objects.order_by("number").values_list("state", flat=True)) == ["erased", "erased"]


def test_the_page_lists_what_is_deleted(corpus, client):
    cast.make(corpus)
    release = cast.make(corpus)
    client.force_login(factories.make_member(corpus, Role.READER))
    page, form = f"/{PATH}2/", f"/{PATH}2/erase/"
    assert "Erase" not in client.get(page).text and client.post(form, {"confirmed": "yes"}).status_code == 403
    client.force_login(factories.make_member(corpus, Role.MANAGER, "keeper"))
    html = client.get(page).text
    assert "articles in its file" in html and "other releases with the same" in html
    assert client.post(form).status_code == 400 and client.get(form).status_code == 405
    assert client.post(form, {"confirmed": "yes"})["Location"] == f"/{PATH}"
    listed = client.get(f"/{PATH}").text
    assert "by keeper" in listed and f'href="{page}"' not in listed and "Release 2 is erased permanently" in listed
    assert client.get(page).status_code == 410 and "erased on" in client.get(page).text
    release.refresh_from_db()
    assert release.state == "erased"


@pytest.mark.django_db(transaction=True)
def test_a_new_release_keeps_a_shared_file(monkeypatch):
    """A release with the same content is erased after the new file is in place, and before its row names it."""
    corpus = make_desk()
    first, keep, waiting = cast.make(corpus), store.keep, []

    def kept(made, sha256):
        keep(made, sha256)
        waiting.append(pool.submit(erased))

    def erased():
        try:
            erase(first)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(store, "keep", kept)
        second = cast.make(corpus)
    waiting[0].result()
    assert second.sha256 == first.sha256 and cast.lines(second)
