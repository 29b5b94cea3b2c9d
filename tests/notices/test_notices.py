"""Notices: who gets them, who sees them, and how they are read."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotations.exports.actions.make import make_export
from annotations.exports.actions.order import order_export
from annotations.exports.selection import Selection
from annotations.suggestions.actions.cancel import end_lost_runs, end_lost_trainings
from annotations.suggestions.actions.process_run import fail_pending
from annotations.suggestions.actions.run_training import fail_training
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import TrainedModel
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.accounts.actions.notices import notify, prune_notices
from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import Notice
from corpusapp.articles.actions.corpora import remove_member
from corpusapp.articles.actions.invitations import accept_invitation, invite
from corpusapp.articles.actions.withdraw import restore_corpus, withdraw_articles, withdraw_corpus
from corpusapp.articles.models import Membership, Role
from tests import factories
from tests.api.client import Rest, refusal

Kind = Notice.Kind
PAGE = reverse("notices")


@pytest.fixture
def corpus(db):
    return factories.make_corpus(name="The desk")


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus, title="Zarif in Damascus")


@pytest.fixture
def anna(corpus):
    return factories.make_member(corpus, Role.EDITOR, "anna")


def tell(user, corpus, **values):
    given = {"kind": Kind.ASSIGNED, "address": reverse("corpus", args=[corpus.slug]), "actor": None, **values}
    return notify(users=[user], corpus=corpus, **given)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def text(answer):
    return " ".join(answer.content.decode().split())


def sentences(user):
    return [row["text"] for row in Rest(user).get("account/notices/").json()["results"]]


def test_a_notice_is_listed_counted_opened_and_read(corpus, article, anna):
    root = factories.make_superuser()
    address = reverse("article", args=["desk", article.pk])
    (notice,) = tell(anna, corpus, kind=Kind.MENTIONED, article=article, actor=root, address=address)
    client = signed_in(anna)
    page = text(client.get(PAGE))
    assert "root mentioned you in a comment on “Zarif in Damascus”" in page
    assert 'title="Unread notices">1<span class="hidden"> unread notice</span></a>' in text(client.get("/"))
    answer = client.post(reverse("notice-open", args=[notice.pk]))
    assert (answer.status_code, answer["Location"]) == (303, address)
    assert 'class="unread"' not in text(client.get("/")) and "No unread" in text(client.get(PAGE, {"state": "unread"}))


def test_all_are_marked_as_read_or_one(corpus, anna):
    first, *_ = [tell(anna, corpus)[0] for _ in range(3)]
    client = signed_in(anna)
    client.post(reverse("notices-read"), {"notice": first.pk})
    assert Notice.objects.filter(read_at=None).count() == 2
    assert client.post(reverse("notices-read"), {"notice": "x"}).status_code == 404
    client.post(reverse("notices-read"))
    assert not Notice.objects.filter(read_at=None).exists()


def test_nobody_reads_the_notices_of_others(corpus, anna):
    (notice,) = tell(anna, corpus)
    other = signed_in(factories.make_member(corpus, Role.MANAGER))
    assert "assigned" not in text(other.get(PAGE))
    assert other.post(reverse("notice-open", args=[notice.pk])).status_code == 404
    assert other.post(reverse("notices-read"), {"notice": notice.pk}).status_code == 404
    other.post(reverse("notices-read"))
    assert Notice.objects.get().read_at is None
    assert Client().get(PAGE).status_code == 302


def test_what_cannot_be_seen_any_more_is_not_told(corpus, article, anna):
    (notice,) = tell(anna, corpus, article=article)
    root, client = factories.make_superuser(), signed_in(anna)
    withdraw_articles(user=root, corpus=corpus, article_ids=[article.pk])
    assert sentences(anna) == [] and client.post(reverse("notice-open", args=[notice.pk])).status_code == 404
    tell(anna, corpus)
    assert len(sentences(anna)) == 1
    withdraw_corpus(user=root, corpus=corpus)
    assert sentences(anna) == [] and 'class="unread"' not in text(client.get("/"))
    restore_corpus(user=root, corpus=corpus)
    assert len(sentences(anna)) == 1
    remove_member(user=root, membership=Membership.objects.get(user=anna))
    assert sentences(anna) == []


def test_only_those_who_see_the_corpus_are_notified_and_not_who_did_it(corpus, anna):
    stranger = factories.make_member(factories.make_corpus("elsewhere"), Role.MANAGER)
    away = factories.make_member(corpus)
    away.is_active = False
    away.save()
    users = [anna, anna, stranger, away, command_line_user(), factories.make_superuser()]
    told = notify(
        users=users, kind=Kind.ASSIGNED, corpus=corpus, address="/", actor=factories.make_superuser(), articles=3
    )
    assert [notice.user for notice in told] == [anna]
    assert sentences(anna) == ["root assigned 3 articles in The desk to you"]


def test_an_assigned_article_is_named(corpus, article, anna):
    tell(anna, corpus, article=article, actor=factories.make_superuser())
    assert sentences(anna) == ["root assigned “Zarif in Damascus” in The desk to you"]


def test_once(corpus, anna):
    assert len(tell(anna, corpus, once=True)) == 1
    assert tell(anna, corpus, once=True) == []
    assert len(tell(anna, corpus, once=True, address="/elsewhere/")) == 1


def test_the_workbench_does_without_the_count(corpus, article, anna):
    client, address = signed_in(anna), reverse("article", args=["desk", article.pk])
    client.get(address)
    tell(anna, corpus)
    page = text(client.get(address))
    assert 'class="unread"' not in page and PAGE in page


def test_old_read_notices_are_deleted(corpus, anna):
    now = timezone.now()
    for days in (91, 89):
        (notice,) = tell(anna, corpus)
        Notice.objects.filter(pk=notice.pk).update(read_at=now - timedelta(days=days))
    (unread,) = tell(anna, corpus)
    Notice.objects.filter(pk=unread.pk).update(created_at=now - timedelta(days=300))
    assert prune_notices() == 1 and Notice.objects.count() == 2


def test_an_export_that_is_ready_or_was_not_created(corpus, article, anna):
    article.spans.all().delete()
    make_export(export_id=order_export(user=anna, corpus=corpus, format="jsonl", selection=Selection()).pk)
    assert sentences(anna) == ["Your jsonl export of The desk is ready"]
    failed = order_export(user=anna, corpus=corpus, format="jsonl", selection=Selection())
    failed.__class__.objects.filter(pk=failed.pk).update(format="no such format")
    make_export(export_id=failed.pk)
    assert sentences(anna)[0] == "Your no such format export of The desk was not created"


def test_a_run_that_failed_on_all_articles_is_told_once(corpus, anna):
    articles = factories.make_articles(corpus, {"text": "One."}, {"text": "Two."})
    run = start_run(user=anna, corpus=corpus, article_ids=[row.pk for row in articles])
    fail_pending(run=run, reason="the pipeline is not installed")
    fail_pending(run=run, reason="the pipeline is not installed")
    assert sentences(anna) == ["The suggestions that you requested in The desk failed"]
    notice = Notice.objects.get()
    assert notice.address == reverse("suggestion-run", args=["desk", run.pk])


def test_a_run_with_some_suggestions_is_no_failure(corpus, anna):
    articles = factories.make_articles(corpus, {"text": "One."}, {"text": "Two."})
    run = start_run(user=anna, corpus=corpus, article_ids=[row.pk for row in articles])
    run.items.filter(article=articles[0]).update(state="done")
    fail_pending(run=run, reason="broken")
    assert sentences(anna) == []


def test_jobs_that_are_lost_are_told(corpus, anna):
    from procrastinate.contrib.django.models import ProcrastinateJob

    article = factories.make_article(corpus, "One.")
    start_run(user=anna, corpus=corpus, article_ids=[article.pk])
    TrainedModel.objects.create(corpus=corpus, base="spacy", user=anna)
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert (end_lost_runs(), end_lost_trainings()) == (1, 1)
    assert sentences(anna) == [
        "The training that you started in The desk failed",
        "The suggestions that you requested in The desk failed",
    ]


def test_a_failed_training_is_told_to_who_started_it(corpus, anna):
    by_anna = TrainedModel.objects.create(corpus=corpus, base="spacy", user=anna)
    fail_training(model_id=by_anna.pk, reason="no memory")
    fail_training(model_id=by_anna.pk, reason="again")
    automatic = TrainedModel.objects.create(corpus=corpus, base="spacy")
    fail_training(model_id=automatic.pk, reason="no memory")
    assert sentences(anna) == ["The training that you started in The desk failed"] and Notice.objects.count() == 1


def test_an_accepted_invitation_is_told_to_its_sender(corpus):
    noor = factories.make_member(corpus, Role.MANAGER, "noor")
    invitation, _ = invite(user=noor, corpus=corpus, role="reader")
    accept_invitation(user=factories.make_user("rita"), invitation=invitation)
    assert sentences(noor) == ["rita accepted your invitation to The desk, as reader"]


def test_over_rest(corpus, article, anna):
    rest, root = Rest(anna), factories.make_superuser()
    for _ in range(3):
        tell(anna, corpus, kind=Kind.MENTIONED, article=article, actor=root)
    page = rest.get("account/notices/", limit="2").json()
    newest = page["results"][0]
    assert (newest["kind"], newest["corpus"], newest["article"], newest["actor"]) == (
        "mentioned", "desk", article.pk, "root",
    )  # fmt: skip
    assert newest["url"] == "http://testserver/corpora/desk/" and newest["read_at"] is None and page["next"]
    assert rest.post("account/notices/read/", {"notices": [newest["id"], 10**30, -1]}).json() == {"marked": 1}
    assert len(rest.get("account/notices/", unread="1").json()["results"]) == 2
    assert rest.post("account/notices/read/", {}).json() == {"marked": 2}
    refusal(rest.post("account/notices/read/", {"notices": ["x"]}), 400, "notices[0]")
    other = factories.make_corpus("elsewhere")
    factories.set_member(user=root, corpus=other, member=anna, role=Role.READER)
    narrow = Rest()
    narrow._headers = {"Authorization": f"Bearer {create_token(user=anna, corpus=other)[1]}"}
    assert narrow.get("account/notices/").json()["results"] == []
    refusal(narrow.post("account/notices/read/", {}), 403)
