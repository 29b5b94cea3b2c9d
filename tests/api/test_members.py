"""Corpora are made, changed, and given members over REST as in the admin site."""

from corpusapp.articles.models import Corpus
from tests import factories
from tests.api.client import Rest, refusal


def test_a_corpus_is_made_by_superusers_once(db):
    root = Rest(factories.make_superuser())
    made = root.post("corpora/", {"slug": "port", "guidelines": "Mark ports."})
    assert made.status_code == 201 and made["Location"].endswith("/api/v1/corpora/port/")
    assert made.json() == {
        "slug": "port", "name": "Port", "language": "en", "guidelines": "Mark ports.", "nesting_allowed": False,
        "entities_enabled": True,
        "licence": "", "version": "", "citation": "", "contact": "",
    }  # fmt: skip
    assert len(root.get("corpora/port/labels/").json()["results"]) == 18
    refusal(root.post("corpora/", {"slug": "port"}), 409, "slug")
    refusal(root.post("corpora/", {"slug": "No Slug"}), 400, "slug")
    refusal(root.post("corpora/", {}), 400, "slug")
    refusal(Rest(factories.make_user("lone")).post("corpora/", {"slug": "mine"}), 403)


def test_what_is_not_named_stays(corpus, manager, editor):
    changed = manager.patch("corpora/desk/", {"guidelines": "Whole names.\n", "nesting_allowed": True}).json()
    assert (changed["guidelines"], changed["nesting_allowed"], changed["name"]) == ("Whole names.\n", True, "Desk")
    refusal(manager.patch("corpora/desk/", {"slug": "other"}), 400)
    refusal(manager.patch("corpora/desk/", {"name": ""}), 400, "name")
    refusal(editor.patch("corpora/desk/", {"name": "Mine"}), 403)
    assert Corpus.objects.get(slug="desk").name == "Desk"
    assert manager.patch("corpora/desk/", {"entities_enabled": False}).json()["entities_enabled"] is False
    refusal(manager.patch("corpora/desk/", {"entities_enabled": "no"}), 400, "entities_enabled")
    assert not Corpus.objects.get(slug="desk").entities_enabled


def test_members_come_change_and_go(corpus, manager, stranger):
    anna = factories.make_user("anna")
    path = "corpora/desk/members/anna/"
    refusal(Rest(anna).get("corpora/desk/"), 404)
    for role in ("reader", "reader", "editor"):
        assert manager.send("PUT", path, {"role": role}).json() == {"user": "anna", "role": role}
    assert {"user": "anna", "role": "editor"} in manager.get("corpora/desk/members/").json()["results"]
    assert Rest(anna).get("corpora/desk/").status_code == 200
    refusal(manager.send("PUT", path, {"role": "owner"}), 400, "role")
    refusal(manager.send("PUT", "corpora/desk/members/nobody/", {"role": "reader"}), 404)
    refusal(stranger.send("PUT", path, {"role": "manager"}), 404)
    assert manager.delete(path).status_code == 204
    refusal(manager.delete(path), 404)
    refusal(Rest(anna).get("corpora/desk/"), 404)
