"""The admin site writes through actions only; what has no action cannot be written by any request."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile

from annotations.review.models import Change, Decision, Label, Review, Span
from annotations.suggestions.models import Pipeline, Run, RunItem
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import Token, User
from corpusapp.articles.models import (
    Article,
    CopyGroup,
    Corpus,
    ImportBatch,
    ImportProblem,
    Membership,
    Original,
    Source,
    Zone,
)
from tests import factories
from tests.admin.addresses import page
from tests.admin.forms import NO_ROWS
from tests.admin.people import SCRIPT

READ_ONLY = (Article, Original, CopyGroup, Span, Decision, Change, Review, Run, RunItem, ImportBatch, ImportProblem,
             Source)  # fmt: skip
ALTERED = {
    "text": "Another text", "title": "Another title", "verb": "reject", "state": "rejected", "start": 1, "end": 2,
    "stage": "done", "reason": "none", "name": "Another", "item": "x", "left_out": "[]", "error": "x", "origin": "rest",
    "zones-TOTAL_FORMS": 1, "zones-INITIAL_FORMS": 1, "zones-0-start": 1, "zones-0-DELETE": "on",
    "changes-TOTAL_FORMS": 1, "changes-INITIAL_FORMS": 1, "changes-0-verb": "reject", "changes-0-DELETE": "on",
}  # fmt: skip


def errors(response):
    return " ".join(error for found in response.context["errors"] for error in found)


@pytest.mark.parametrize("name", ["manager", "superuser"])
@pytest.mark.parametrize("model", READ_ONLY)
def test_no_post_changes_a_text_a_span_or_the_log(cast, model, name):
    client, row = cast.client(name), cast.rows[model]
    before = list(model.objects.order_by("pk").values()), list(Zone.objects.values())
    for action in ("change", "delete"):
        assert client.post(page(model, action, row.pk), {**ALTERED, "post": "yes"}).status_code == 403
    assert client.post(page(model, "add"), ALTERED).status_code == 403
    client.post(page(model, "change", row.pk) + "?_saveasnew=1", {**ALTERED, "_saveasnew": "1"})
    client.post(page(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    client.post(page(model, "changelist"), {"_save": "1", "form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1,
                                            "form-0-id": row.pk, "form-0-text": "Another"})  # fmt: skip
    assert (list(model.objects.order_by("pk").values()), list(Zone.objects.values())) == before


@pytest.mark.parametrize("model", [Corpus, Membership, Label, Zone])
def test_no_row_of_another_corpus_can_be_changed(cast, model):
    client, row = cast.client("manager"), cast.others[model]
    before = list(model.objects.order_by("pk").values())
    for action in ("change", "delete"):
        response = client.post(page(model, action, row.pk), {"name": "Mine", "role": "reader", "post": "yes"})
        assert response.status_code in (403, 404)
    client.post(page(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert list(model.objects.order_by("pk").values()) == before


def test_only_superusers_create_corpora(cast):
    values = {"slug": "third", "name": "Third", "language": "en", "guidelines": "One\r\nTwo", **NO_ROWS}
    assert cast.client("manager").post(page(Corpus, "add"), values).status_code == 403
    assert cast.client("superuser").post(page(Corpus, "add"), values).status_code == 302
    corpus = Corpus.objects.get(slug="third")
    assert (corpus.guidelines, corpus.labels.count()) == ("One\nTwo", 18)
    again = cast.client("superuser").post(page(Corpus, "add"), values)
    assert again.status_code == 200
    assert "already exists" in errors(again)


def test_a_manager_edits_the_corpus_but_not_its_slug(cast):
    values = {"slug": "moved", "name": "Renamed", "language": "fr", "guidelines": "", "nesting_allowed": "on"}
    values |= {"licence": "CC0-1.0", "citation": "@misc{a,\r\n}", **NO_ROWS}
    assert cast.client("manager").post(page(Corpus, "change", cast.here.pk), values).status_code == 302
    cast.here.refresh_from_db()
    assert (cast.here.slug, cast.here.name, cast.here.nesting_allowed) == ("here", "Renamed", True)
    assert (cast.here.licence, cast.here.citation, cast.here.contact) == ("CC0-1.0", "@misc{a,\n}", "")
    again = cast.client("manager").post(page(Corpus, "change", cast.here.pk), values | {"contact": "a\tb"})
    assert "a tab or line break (U+0009) at 1" in errors(again)


def test_a_manager_adds_changes_and_removes_members_here_only(cast):
    client, newcomer = cast.client("manager"), factories.make_user("newcomer")
    values = {"corpus": cast.here.pk, "user": newcomer.pk, "role": "reader"}
    assert "Select a valid choice" in errors(client.post(page(Membership, "add"), {**values, "corpus": cast.there.pk}))
    assert client.post(page(Membership, "add"), values).status_code == 302
    assert "already exists" in errors(client.post(page(Membership, "add"), values))
    membership = Membership.objects.get(user=newcomer)
    moved = {"role": "editor", "corpus": cast.there.pk, "user": cast.people["other"].pk}
    assert client.post(page(Membership, "change", membership.pk), moved).status_code == 302
    membership.refresh_from_db()
    assert (membership.role, membership.corpus, membership.user) == ("editor", cast.here, newcomer)
    assert client.post(page(Membership, "delete", membership.pk), {"post": "yes"}).status_code == 302
    assert not Membership.objects.filter(user=newcomer).exists()


def test_a_system_account_cannot_be_a_member(cast):
    values = {"corpus": cast.here.pk, "user": command_line_user().pk, "role": "manager"}
    assert "Select a valid choice" in errors(cast.client("manager").post(page(Membership, "add"), values))


def test_members_are_removed_in_bulk(cast):
    chosen = Membership.objects.filter(role__in=["reader", "editor"]).values_list("pk", flat=True)
    values = {"action": "delete_selected", "_selected_action": list(chosen), "post": "yes"}
    assert cast.client("manager").post(page(Membership, "changelist"), values).status_code == 302
    assert set(Membership.objects.filter(corpus=cast.here).values_list("role", flat=True)) == {"manager"}


def test_a_manager_who_leaves_removes_the_others_first(cast):
    chosen = Membership.objects.filter(corpus=cast.here).order_by("-role").values_list("pk", flat=True)
    values = {"action": "delete_selected", "_selected_action": list(chosen), "post": "yes"}
    client = cast.client("manager")
    client.post(page(Membership, "changelist"), values)
    assert Membership.objects.filter(corpus=cast.here).count() == len(chosen), "one manager stays, so nobody goes"
    root = Membership.objects.get(corpus=cast.here, user__username="root")
    values["_selected_action"] = [pk for pk in chosen if pk != root.pk]
    assert client.post(page(Membership, "changelist"), values).status_code == 302
    assert list(Membership.objects.filter(corpus=cast.here)) == [root]
    assert client.get(page(Membership, "changelist")).status_code == 403


def test_a_refused_deletion_deletes_and_logs_nothing(cast):
    superuser = cast.client("superuser")
    Corpus.objects.filter(pk=cast.there.pk).update(withdrawn_at="2026-01-01T00:00Z")
    before = list(Membership.objects.order_by("pk").values())
    values = {"action": "delete_selected", "_selected_action": [row["id"] for row in before], "post": "yes"}
    response = superuser.post(page(Membership, "changelist"), values, follow=True)
    assert "There is no corpus" in response.text
    assert list(Membership.objects.order_by("pk").values()) == before
    assert not LogEntry.objects.exists()


def test_a_refusal_of_an_action_is_a_form_error(cast):
    client = cast.client("manager")
    values = {"corpus": cast.here.pk, "definition": "", "family": "things", "position": 5}
    assert client.post(page(Label, "add"), {**values, "name": "GOOD"}).status_code == 302
    assert "Use letters" in errors(client.post(page(Label, "add"), {**values, "name": "no good"}))
    assert "Select a valid" in errors(client.post(page(Label, "add"), {**values, "name": "X", "corpus": cast.there.pk}))
    zone = {"article": cast.rows[Article].pk, "start": 4, "end": 7, "kind": "byline"}
    past = client.post(page(Zone, "add"), {**zone, "end": 10**6})
    assert "lies past the end" in errors(past)
    assert client.post(page(Zone, "add"), {**zone, "end": "7.0"}).status_code == 200
    assert client.post(page(Zone, "add"), {**zone, "article": cast.others[Article].pk}).status_code == 200
    assert Zone.objects.count() == 2
    assert client.post(page(Zone, "add"), zone).status_code == 302
    assert Zone.objects.filter(article=cast.rows[Article], kind="byline").count() == 1


def test_the_name_of_a_label_and_the_range_of_a_zone_cannot_be_changed(cast):
    client, label, zone = cast.client("manager"), cast.rows[Label], cast.rows[Zone]
    values = {"name": "OTHER", "corpus": cast.there.pk, "definition": "Firms", "family": "things", "position": 2}
    assert client.post(page(Label, "change", label.pk), values).status_code == 302
    label.refresh_from_db()
    assert (label.name, label.corpus, label.definition) == ("ORG", cast.here, "Firms")
    assert client.post(page(Label, "delete", label.pk), {"post": "yes"}).status_code == 403
    assert client.post(page(Zone, "change", zone.pk), {"start": 1, "end": 2, "kind": "title"}).status_code == 403
    assert client.post(page(Zone, "delete", zone.pk), {"post": "yes"}).status_code == 302
    assert not Zone.objects.filter(pk=zone.pk).exists()


def test_articles_are_imported_into_own_corpora(cast):
    client, address = cast.client("manager"), page(Article, "import")
    files = lambda: [  # noqa: E731
        SimpleUploadedFile("one.txt", "  Text é\r\nas it came ".encode()),
        SimpleUploadedFile("many.jsonl", b'{"text": "A line"}\nnonsense\n'),
    ]
    assert client.get(address).status_code == 200
    elsewhere = client.post(address, {"corpus": cast.there.pk, "files": files()})
    assert "Select a valid choice" in elsewhere.text
    response = client.post(address, {"corpus": cast.here.pk, "files": files()}, follow=True)
    batch = ImportBatch.objects.get(origin="admin")
    assert batch.state == "waiting"
    assert "A worker imports the files." in response.text
    factories.work_off(batch)
    assert (batch.added, batch.failed, batch.user.username) == (2, 1, "harriet")
    assert "finished" in client.get(page(ImportBatch, "change", batch.pk)).text
    assert Article.objects.get(batch=batch, text__startswith="  Text").text == "  Text é\nas it came "
    assert cast.client("editor").post(address, {"corpus": cast.here.pk, "files": files()}).status_code == 403


def test_superusers_manage_accounts_and_managers_do_not(cast):
    superuser, manager = cast.client("superuser"), cast.client("manager")
    values = {"username": "fresh", "usable_password": "true", "password1": "a long enough one",
              "password2": "a long enough one"}  # fmt: skip
    assert manager.post(page(User, "add"), values).status_code == 403
    assert superuser.post(page(User, "add"), values).status_code == 302
    fresh = User.objects.get(username="fresh")
    assert fresh.check_password("a long enough one")
    edit = {"username": "fresh", "first_name": "Fresh", "is_active": "on", "is_superuser": "on"}
    assert manager.post(page(User, "change", cast.people["manager"].pk), edit).status_code == 403
    assert superuser.post(page(User, "change", fresh.pk), edit).status_code == 302
    password = {"usable_password": "true", "password1": "quite another one", "password2": "quite another one",
                "set-password": "1"}  # fmt: skip
    assert manager.post(f"/admin/accounts/user/{fresh.pk}/password/", password).status_code == 403
    assert superuser.post(f"/admin/accounts/user/{fresh.pk}/password/", password).status_code == 302
    fresh.refresh_from_db()
    assert fresh.is_superuser and fresh.check_password("quite another one")
    assert superuser.post(page(User, "delete", fresh.pk), {"post": "yes"}).status_code == 403


def test_the_last_superuser_and_system_accounts_cannot_be_changed(cast):
    superuser, root = cast.client("superuser"), cast.people["superuser"]
    kept = superuser.post(page(User, "change", root.pk), {"username": "root", "is_active": "on"})
    assert "last superuser" in errors(kept)
    desk = command_line_user()
    assert superuser.get(page(User, "change", desk.pk)).status_code == 200
    assert superuser.post(page(User, "change", desk.pk), {"username": "x", "is_active": "on"}).status_code == 403
    root.refresh_from_db()
    assert root.is_superuser


def test_a_superuser_revokes_tokens(cast):
    token, _ = create_token(user=cast.people["editor"])
    values = {"action": "revoke", "_selected_action": token.pk}
    assert cast.client("manager").post(page(Token, "changelist"), values).status_code == 403
    assert cast.client("superuser").post(page(Token, "changelist"), values).status_code == 302
    assert not Token.objects.filter(revoked_at=None).exists()


def test_pipelines_are_read_only(cast):
    pipeline = Pipeline.objects.get()
    assert cast.client("superuser").post(page(Pipeline, "change", pipeline.pk), {"name": "x"}).status_code == 403


@pytest.mark.parametrize("model", [*READ_ONLY, Zone])
def test_html_in_a_text_is_escaped(cast, model):
    client, pk = cast.client("superuser"), cast.rows[model].pk
    text = "".join(client.get(page(model, *rest)).text for rest in (["changelist"], ["change", pk], ["history", pk]))
    assert SCRIPT not in text
    if model is Original:
        assert f'href="/corpora/here/articles/{pk}/original/" download' in text
    if model in (Article, Span, Decision, Zone, Review):
        assert "&lt;script&gt;alert(1)" in text
