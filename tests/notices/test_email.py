"""Notices by e-mail: to those who chose so, by a job, where a mail server is set."""

import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from corpusapp.accounts.actions.notices import choose_email, notify
from corpusapp.accounts.models import Notice
from corpusapp.accounts.tasks import send_notice
from corpusapp.articles.actions.withdraw import withdraw_corpus
from corpusapp.articles.models import Role
from corpusapp.core import jobs
from corpusapp.core.errors import Invalid
from tests import factories
from tests.api.client import Rest, refusal


@pytest.fixture
def server(settings):
    settings.EMAIL_HOST, settings.EMAIL_FROM = "mail.example.org", "desk@example.org"
    settings.SITE_URL = "https://desk.example.org"


@pytest.fixture
def corpus(db):
    return factories.make_corpus(name="The\tdesk")


@pytest.fixture
def anna(corpus):
    user = factories.make_member(corpus, Role.EDITOR, "anna")
    return choose_email(user=user, email="anna@example.org", each_notice=True)


def tell(user, corpus):
    address = reverse("corpus", args=[corpus.slug])
    return notify(users=[user], kind=Notice.Kind.ASSIGNED, corpus=corpus, address=address)


def waiting():
    return list(ProcrastinateJob.objects.filter(task_name="send_notice", status="todo"))


def work_off():
    """What a worker does with the waiting jobs."""
    for job in waiting():
        assert job.queue_name == jobs.MAIL
        send_notice(**job.args)


def test_a_job_sends_each_notice_once(server, corpus, anna):
    tell(anna, corpus)
    assert mail.outbox == [], "nothing is sent within the request"
    work_off()
    work_off()
    (sent,) = mail.outbox
    assert (sent.to, sent.from_email) == (["anna@example.org"], "desk@example.org")
    assert sent.subject == "Somebody assigned an article in The desk to you"
    assert "https://desk.example.org/corpora/desk/\n" in sent.body and "/account/" in sent.body
    assert Notice.objects.get().mailed_at


def test_none_is_sent_without_a_server_an_address_or_the_choice(settings, corpus, anna):
    settings.EMAIL_HOST = ""
    tell(anna, corpus)
    assert waiting() == []
    settings.EMAIL_HOST = "mail.example.org"
    choose_email(user=anna, email="anna@example.org", each_notice=False)
    tell(anna, corpus)
    tell(factories.make_member(corpus), corpus)
    assert waiting() == [] and Notice.objects.count() == 3


def test_none_is_sent_of_what_was_read_or_is_hidden_since(server, corpus, anna):
    (read,) = tell(anna, corpus)
    Notice.objects.filter(pk=read.pk).update(read_at=timezone.now())
    work_off()
    tell(anna, corpus)
    withdraw_corpus(user=factories.make_superuser(), corpus=corpus)
    work_off()
    assert mail.outbox == []
    send_notice(notice_id=10**9)


@pytest.mark.parametrize(
    ("error", "is_kept"),
    [
        (smtplib.SMTPServerDisconnected("gone"), False),
        (ConnectionRefusedError("no server"), False),
        (smtplib.SMTPRecipientsRefused({"anna@example.org": (450, b"later")}), False),
        (smtplib.SMTPRecipientsRefused({"anna@example.org": (550, b"no such user")}), True),
    ],
)
def test_a_server_that_fails_is_tried_again_but_no_refused_address(server, corpus, anna, monkeypatch, error, is_kept):
    class Failing(EmailBackend):
        def send_messages(self, messages):
            raise error

    tell(anna, corpus)
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend", Failing)
    if is_kept:
        work_off()
        assert Notice.objects.get().mailed_at and mail.outbox == []
        return
    with pytest.raises(type(error)):
        work_off()
    assert Notice.objects.get().mailed_at is None


def test_trying_again_ends():
    strategy, pauses = send_notice.retry_strategy, []
    job = ProcrastinateJob(attempts=0)
    while decision := strategy.get_retry_decision(exception=ConnectionRefusedError(), job=job):
        pauses.append((decision.retry_at - timezone.now()).total_seconds())
        job.attempts += 1
    assert len(pauses) == 6 and pauses == sorted(pauses) and 3600 * 4 < sum(pauses) < 3600 * 7
    assert strategy.get_retry_decision(exception=ValueError(), job=ProcrastinateJob(attempts=0)) is None


def test_people_choose_on_their_account(server, anna):
    client = Client()
    client.force_login(anna)
    assert "Send me each of my" in client.get(reverse("account")).content.decode()
    client.post(reverse("account-email"), {"email": "anna@news.example.org"})
    anna.refresh_from_db()
    assert (anna.email, anna.preferences["email_notices"]) == ("anna@news.example.org", False)
    for email, words in {"no address": "is not an e-mail address", "": "enter your e-mail address"}.items():
        answer = client.post(reverse("account-email"), {"email": email, "each_notice": "on"})
        assert answer.status_code == 400 and words in answer.content.decode()
    anna.refresh_from_db()
    assert anna.email == "anna@news.example.org"
    rest = Rest(anna)
    assert rest.send("PUT", "account/email/", {"email": "a@b.example", "each_notice": True}).json() == {
        "email": "a@b.example", "each_notice": True,
    }  # fmt: skip
    refusal(rest.send("PUT", "account/email/", {"email": "a", "each_notice": True}), 400, "email")
    with pytest.raises(Invalid, match="limit is 254"):
        choose_email(user=anna, email="a" * 60 + "@" + "b.".join(["c" * 60] * 4) + ".org", each_notice=False)


def test_the_account_says_where_no_mail_is_sent(settings, anna):
    settings.EMAIL_HOST = ""
    client = Client()
    client.force_login(anna)
    assert "This site sends no e-mail" in client.get(reverse("account")).content.decode()
