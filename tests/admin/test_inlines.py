"""Members and labels on the page of their corpus: written by the same actions as on their own pages."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.review.models import Label
from corpusapp.articles.actions.withdraw import withdraw_corpus
from corpusapp.articles.models import Article, Corpus, Membership, Role
from corpusapp.core.admin.inlines import MAX_SHOWN
from tests import factories
from tests.admin.addresses import page
from tests.admin.forms import NO_ROWS, inline

CORPUS = {"name": "Here", "language": "en", "guidelines": ""}


def members(corpus):
    return dict(Membership.objects.filter(corpus=corpus).values_list("user__username", "role"))


def row(membership, **values):
    return {"id": membership.pk, "corpus": membership.corpus_id, "role": membership.role, **values}


def save(cast, *rows, stored=0, prefix="memberships", person="manager"):
    values = {**CORPUS, **NO_ROWS, **inline(prefix, *rows, stored=stored)}
    return cast.client(person).post(page(Corpus, "change", cast.here.pk), values)


def errors(response):
    return " ".join(error for found in response.context["errors"] for error in found)


def test_members_are_added_changed_and_removed_on_the_page_of_the_corpus(cast):
    editor, reader = (Membership.objects.get(corpus=cast.here, role=role) for role in ("editor", "reader"))
    added = {"corpus": cast.here.pk, "user": cast.people["stranger"].pk, "role": "editor"}
    rows = (row(editor, role="reader"), row(reader, DELETE="on"), added)
    assert save(cast, *rows, stored=2).status_code == 302
    after = {"root": "manager", "harriet": "manager", editor.user.username: "reader", "stranger": "editor"}
    assert members(cast.here) == after
    logged = LogEntry.objects.get().get_change_message()
    assert all(words in logged for words in ("Added membership", "Changed Role for membership", "Deleted membership"))


def test_a_stored_row_stays_the_member_that_it_is(cast):
    editor = Membership.objects.get(corpus=cast.here, role="editor")
    save(cast, row(editor, user=cast.people["stranger"].pk, role="reader"), stored=1)
    assert members(cast.here)[editor.user.username] == "reader"
    assert "stranger" not in members(cast.here)


def test_nobody_without_an_account_to_sign_in_with_becomes_a_member(cast):
    inactive = factories.make_user("gone", is_active=False)
    added = {"corpus": cast.here.pk, "user": inactive.pk, "role": "editor"}
    assert save(cast, added).status_code == 200
    assert "gone" not in members(cast.here)


def test_a_refused_row_is_named_and_nothing_is_saved(cast):
    own = cast.rows[Membership]
    ship = {"corpus": cast.here.pk, "name": "SHIP", "family": "things", "position": 3, "definition": ""}
    values = {**inline("memberships", row(own, role="reader"), stored=1), **inline("labels", ship), **CORPUS}
    refused = cast.client("manager").post(page(Corpus, "change", cast.here.pk), {**values, "name": "Moved"})
    assert "SHIP: this needs the role manager" in errors(refused)
    assert members(cast.here)["harriet"] == "manager"
    assert Corpus.objects.get(pk=cast.here.pk).name == "Here"
    assert not Label.objects.filter(name="SHIP").exists()
    assert not LogEntry.objects.exists()


def test_labels_are_added_and_changed_but_keep_their_names(cast):
    label = cast.rows[Label]
    kept = {
        "id": label.pk,
        "corpus": cast.here.pk,
        "name": "MOVED",
        "definition": "Firms",
        "family": "things",
        "position": 2,
    }
    added = {
        "corpus": cast.here.pk,
        "name": "SHIP",
        "definition": "Ships\r\nand boats",
        "family": "things",
        "position": 3,
    }
    assert save(cast, kept, added, stored=1, prefix="labels").status_code == 302
    label.refresh_from_db()
    assert (label.name, label.definition, label.position) == ("ORG", "Firms", 2)
    assert Label.objects.get(corpus=cast.here, name="SHIP").definition == "Ships\nand boats"
    taken = save(cast, {**added, "definition": "", "name": "GPE"}, prefix="labels")
    assert "GPE: the corpus 'here' already has a label" in errors(taken)


@pytest.mark.parametrize("person", ["other", "editor", "nobody"])
def test_no_row_of_another_corpus_can_be_written(cast, person):
    before = list(Membership.objects.order_by("pk").values()), list(Label.objects.order_by("pk").values())
    added = {"corpus": cast.here.pk, "user": cast.people["stranger"].pk, "role": "manager"}
    assert save(cast, added, person=person).status_code in (302, 403, 404)
    foreign = cast.others[Membership]
    assert save(cast, row(foreign, DELETE="on"), stored=1).status_code == 200
    other = {"id": cast.others[Label].pk, "corpus": cast.there.pk, "definition": "x", "family": "things", "position": 1}
    assert save(cast, other, stored=1, prefix="labels").status_code == 200
    assert (list(Membership.objects.order_by("pk").values()), list(Label.objects.order_by("pk").values())) == before


def test_members_of_a_withdrawn_corpus_are_not_shown_to_its_manager(cast):
    address = page(Corpus, "change", cast.here.pk)
    assert "memberships-0-role" in cast.client("manager").get(address).text
    withdraw_corpus(user=cast.people["superuser"], corpus=cast.here)
    shown = cast.client("manager").get(address).text
    assert "memberships-0" not in shown and "labels-0" not in shown
    assert "Open the corpus" not in shown


def test_a_new_corpus_begins_with_members_and_with_the_default_labels(cast):
    added = inline("memberships", {"user": cast.people["editor"].pk, "role": "editor"})
    values = {"slug": "fresh", "name": "Fresh", "language": "en", "guidelines": "", **added}
    assert cast.client("superuser").post(page(Corpus, "add"), values).status_code == 302
    fresh = Corpus.objects.get(slug="fresh")
    assert members(fresh) == {cast.people["superuser"].username: "manager", cast.people["editor"].username: "editor"}
    assert fresh.labels.filter(name="PERSON").exists()


def test_the_page_of_a_corpus_runs_the_same_queries_however_many_members_it_has(cast):
    client, address = cast.client("manager"), page(Corpus, "change", cast.here.pk)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for n in range(9):
        factories.make_member(cast.here, Role.READER, f"reader{n}")
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few)


def test_longer_lists_are_left_to_their_own_page(cast):
    Label.objects.bulk_create(Label(corpus=cast.here, name=f"L{n}") for n in range(MAX_SHOWN))
    client, address = cast.client("manager"), page(Corpus, "change", cast.here.pk)
    assert "labels-0-name" not in client.get(address).text
    assert client.post(address, {**CORPUS, **inline("memberships")}).status_code == 302


def test_a_corpus_and_an_article_open_on_the_site(cast):
    client, article = cast.client("manager"), cast.rows[Article]
    corpus_page = client.get(page(Corpus, "change", cast.here.pk)).text
    assert '<a href="/corpora/here/" class="open">Open the corpus</a>' in corpus_page
    article_page = client.get(page(Article, "change", article.pk)).text
    assert f'<a href="/corpora/here/articles/{article.pk}/" class="open">Open in the workbench</a>' in article_page
