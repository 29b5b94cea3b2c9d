"""Webhooks get every event in order, signed, with retries, at allowed addresses only."""

import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from annotations.feed import webhook_client as posting
from annotations.feed.actions import deliver as delivering
from annotations.feed.actions.deliver import GIVES_UP_AFTER, deliver_due, pause_until, queue_due
from annotations.feed.actions.number_events import number_events
from annotations.feed.models import Delivery, Webhook
from annotations.feed.queries import read_changes
from annotations.feed.webhook_client import post, url_fault
from corpusapp.articles.models import Role
from corpusapp.desk import worker
from tests import factories
from tests.api.client import Rest, refusal
from tests.docs.pages import BASE, blocks_of

pytestmark = pytest.mark.django_db


class Receiver(ThreadingHTTPServer):
    """Stores requests, and responds with `status`."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.received, self.drips = 204, [], False
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?desk=1"


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        while self.server.drips:
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            time.sleep(0.02)
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        pass


def deliver_all() -> int:
    """Deliver in all corpora with webhooks; returns how many events arrived."""
    return sum(deliver_due(corpus_id=pk) for pk in set(Webhook.objects.values_list("corpus", flat=True)))


@pytest.fixture
def receiver(settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def hook(article, manager, receiver) -> dict:
    answer = manager.post("corpora/desk/webhooks/", {"url": receiver.url})
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_events_arrive_signed_and_in_order(hook, receiver, manager, article):
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    manager.post(f"articles/{article.pk}/finish/")
    assert deliver_due(corpus_id=article.corpus_id) == 2
    ((path, headers, body),) = receiver.received
    assert path == "/hook?desk=1"
    message = headers["Corpusapp-Timestamp"].encode() + b"." + body
    signed = hmac.new(hook["secret"].encode(), message, hashlib.sha256).hexdigest()
    assert headers["Corpusapp-Signature"] == f"v1={signed}"
    document = json.loads(body)
    assert [event["type"] for event in document["results"]] == ["label", "article.stage"]
    feed = read_changes(corpora={article.corpus_id: "desk"})
    assert document["cursor"] == feed.cursor == document["results"][-1]["cursor"]
    assert deliver_all() == 0 and len(receiver.received) == 1
    log = manager.get(f"corpora/desk/webhooks/{hook['id']}/deliveries/").json()["results"]
    assert [(row["events"], row["attempt"], row["status"]) for row in log] == [(2, 1, 204)]


def test_failed_requests_are_retried_after_a_pause(hook, receiver, manager, article):
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    receiver.status = 503
    assert deliver_all() == 0
    shown = manager.get(f"corpora/desk/webhooks/{hook['id']}/").json()
    assert shown["failures"] == 1 and shown["next_at"]
    receiver.status = 200
    assert deliver_all() == 0 and len(receiver.received) == 1
    Webhook.objects.update(next_at=datetime(2018, 9, 3, tzinfo=UTC))
    assert deliver_all() == 1
    assert receiver.received[0][2] == receiver.received[1][2]
    log = manager.get(f"corpora/desk/webhooks/{hook['id']}/deliveries/").json()["results"]
    assert [(row["attempt"], row["status"]) for row in log] == [(2, 200), (1, 503)]
    assert manager.get(f"corpora/desk/webhooks/{hook['id']}/").json()["failures"] == 0


def test_pauses_grow_and_end():
    now = datetime(2018, 9, 3, tzinfo=UTC)
    assert [(pause_until(now, n) - now) for n in (1, 2, 3, 50)] == [
        timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120), timedelta(hours=1),
    ]  # fmt: skip


def test_it_is_switched_off_after_many_failures_and_can_be_resumed(hook, receiver, manager):
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    Webhook.objects.update(failures=GIVES_UP_AFTER - 1)
    receiver.status = 500
    deliver_all()
    path = f"corpora/desk/webhooks/{hook['id']}/"
    assert manager.get(path).json()["active"] is False
    receiver.status = 200
    assert deliver_all() == 0
    assert manager.patch(path, {"active": True}).json()["failures"] == 0
    assert deliver_all() == 1


def test_nothing_is_sent_to_private_addresses(hook, receiver, manager, settings):
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    assert deliver_all() == 0 and receiver.received == []
    assert "private" in Delivery.objects.get().error
    for url in (
        "http://localhost:1/", "http://10.0.0.1/", "http://169.254.169.254/", "http://[::1]/", "http://[::ffff:10.0.0.1]/",
        "http://0.0.0.0/", "http://2130706433/", "https://192.168.1.1/", "http://224.0.0.1/",
    ):  # fmt: skip
        assert "private" in post(url, b"{}", "secret").error, url


@pytest.mark.parametrize(
    "url",
    ["", "desk", "ftp://example.org/", "file:///etc/passwd", "http://", "http://a:b@x.org/", "http://exa mple/"],
)
def test_invalid_urls_are_refused(article, manager, url):
    assert url_fault(url)
    refusal(manager.post("corpora/desk/webhooks/", {"url": url}), 400, "url")


def test_webhooks_are_for_managers(hook, editor, stranger, manager):
    for verb, path, body in (
        ("GET", "corpora/desk/webhooks/", None),
        ("POST", "corpora/desk/webhooks/", {"url": "https://192.0.2.1/"}),
        ("POST", f"corpora/desk/webhooks/{hook['id']}/test/", None),
        ("GET", f"corpora/desk/webhooks/{hook['id']}/", None),
        ("PATCH", f"corpora/desk/webhooks/{hook['id']}/", {"active": False}),
        ("DELETE", f"corpora/desk/webhooks/{hook['id']}/", None),
        ("GET", f"corpora/desk/webhooks/{hook['id']}/deliveries/", None),
    ):
        refusal(editor.send(verb, path, body), 403)
        refusal(stranger.send(verb, path, body), 404)
        if f"/{hook['id']}/" in path:
            refusal(stranger.send(verb, path.replace("desk", "other"), body), 404)
    assert "secret" not in manager.get(f"corpora/desk/webhooks/{hook['id']}/").json()
    assert manager.delete(f"corpora/desk/webhooks/{hook['id']}/").status_code == 204


def _goes() -> list[tuple[int, str]]:
    """(corpus, lock) of the jobs that send."""
    query = "SELECT (args ->> 'corpus_id')::int, lock FROM procrastinate_jobs WHERE task_name = %s ORDER BY id"
    with connection.cursor() as cursor:
        cursor.execute(query, ["deliver_webhooks"])
        return cursor.fetchall()


def test_a_slow_receiver_is_cut_off_and_paused(hook, receiver, manager, article, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    receiver.drips = True
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    assert deliver_all() == 0
    assert Delivery.objects.get().error == "no answer within 0.3 seconds"
    assert Webhook.objects.get().next_at is not None
    receiver.drips = False
    Webhook.objects.update(next_at=None)
    assert deliver_all() == 1


def test_each_corpus_has_its_own_job(hook, receiver, manager, article):
    """Goes of one corpus follow one another; those of others run beside them."""
    other = factories.make_corpus("other")
    manager_of_other = Rest(factories.make_member(other, Role.MANAGER, username="other-manager"))
    manager_of_other.post("corpora/other/webhooks/", {"url": receiver.url})
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    manager_of_other.post("corpora/other/labels/", {"name": "WEAPON"})
    goes = _goes()
    assert [corpus for corpus, _ in goes] == [article.corpus_id, other.pk]
    assert goes[0][1] != goes[1][1] and worker._concurrency(["webhooks"], 1) > 10
    # Each minute another is asked for where events wait, and only there.
    assert (queue_due(), len(_goes())) == (2, 4)
    deliver_due(corpus_id=article.corpus_id)
    assert [json.loads(body)["corpus"] for *_, body in receiver.received] == ["desk"]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    assert (queue_due(), [corpus for corpus, _ in _goes()]) == (1, [other.pk])


def test_a_slow_receiver_does_not_block_others(hook, receiver, manager, article, monkeypatch):
    monkeypatch.setattr(delivering, "EVENTS", 1)
    monkeypatch.setattr(delivering, "SECONDS", 0)
    for name in ("A", "B"):
        manager.post("corpora/desk/labels/", {"name": name})
    before = len(_goes())
    deliver_due(corpus_id=article.corpus_id)
    assert len(receiver.received) <= 1 and len(_goes()) == before + 1


def test_a_job_is_queued_only_if_there_is_a_webhook(article, manager, receiver):
    def waiting() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'deliver_webhooks'")
            return cursor.fetchone()[0]

    manager.post("corpora/desk/labels/", {"name": "BEFORE"})
    assert waiting() == 0
    manager.post("corpora/desk/webhooks/", {"url": receiver.url})
    manager.post("corpora/desk/labels/", {"name": "AFTER"})
    assert waiting() == 1


PRIVATE = (
    "http://localhost/", "http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/", "http://[fe80::1]/",
    "http://[::ffff:10.0.0.1]/", "http://0.0.0.0/", "http://2130706433/", "https://192.168.1.1/", "http://224.0.0.1/",
)  # fmt: skip


@pytest.mark.parametrize("url", [*PRIVATE, "https://desk.invalid/"])
def test_private_and_unknown_addresses_are_refused_at_creation(article, manager, settings, url):
    document = refusal(manager.post("corpora/desk/webhooks/", {"url": url}), 400, "url")
    assert document["type"].endswith("/api/problems/address-refused/") and not Webhook.objects.exists()
    assert ("unknown" if "invalid" in url else "private") in document["detail"]
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = True
    assert manager.post("corpora/desk/webhooks/", {"url": url}).status_code == 201


def test_public_addresses_are_accepted(article, manager):
    assert manager.post("corpora/desk/webhooks/", {"url": "https://1.1.1.1/hook"}).status_code == 201


def test_a_test_sends_one_signed_ping_and_changes_nothing(hook, receiver, manager, article):
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    deliver_all()
    Webhook.objects.update(failures=3)
    delivery = manager.post(f"corpora/desk/webhooks/{hook['id']}/test/").json()
    assert (delivery["test"], delivery["events"], delivery["status"], delivery["error"]) == (True, 0, 204, "")
    (_, first), (headers, body) = [(headers, body) for _, headers, body in receiver.received]
    message = headers["Corpusapp-Timestamp"].encode() + b"." + body
    assert headers["Corpusapp-Signature"] == f"v1={hmac.new(hook['secret'].encode(), message, 'sha256').hexdigest()}"
    document = json.loads(body)
    (event,) = document["results"]
    assert (event["type"], event["corpus"], event["user"]) == ("ping", "desk", "manager")
    # A receiver that stores the cursor stores the one that it has.
    assert document["cursor"] == json.loads(first)["cursor"]
    assert manager.get(f"corpora/desk/webhooks/{hook['id']}/").json()["failures"] == 3
    log = manager.get(f"corpora/desk/webhooks/{hook['id']}/deliveries/").json()["results"]
    assert [(row["test"], row["events"]) for row in log] == [(True, 0), (False, 1)]


def test_a_ping_after_part_of_an_import_has_the_cursor_of_the_last_delivery(hook, receiver, manager, corpus):
    factories.make_article(corpus, "Zarif met Mekdad.", spans=[[0, 5, "PERSON"], [10, 16, "PERSON"]])
    number_events()
    last = read_changes(corpora={corpus.pk: "desk"}).events[-2:]
    deliver_all()
    for back, event in ((0, last[1]), (1, last[0])):
        Webhook.objects.update(position=F("position") - back)
        manager.post(f"corpora/desk/webhooks/{hook['id']}/test/")
        assert json.loads(receiver.received[-1][2])["cursor"] == event["cursor"]


def test_what_a_test_met_is_its_answer(hook, receiver, manager, settings):
    receiver.status = 500
    assert manager.post(f"corpora/desk/webhooks/{hook['id']}/test/").json()["status"] == 500
    settings.WEBHOOKS_TO_PRIVATE_ADDRESSES = False
    delivery = manager.post(f"corpora/desk/webhooks/{hook['id']}/test/").json()
    assert delivery["status"] is None and "private" in delivery["error"]
    assert len(receiver.received) == 1 and Webhook.objects.get().failures == 0


def test_tests_are_limited_and_need_a_secret(hook, receiver, manager, monkeypatch):
    monkeypatch.setattr(delivering, "TESTS_PER_MINUTE", 1)
    path = f"corpora/desk/webhooks/{hook['id']}/test/"
    assert manager.post(path).status_code == 200
    assert refusal(manager.post(path), 429) and manager.post(path)["Retry-After"]
    Webhook.objects.update(secret="")
    refusal(manager.post(path), 409, "secret")
    assert len(receiver.received) == 1


def test_the_admin_site_sends_a_test(hook, receiver, client, manager, editor):
    page = f"/admin/feed/webhook/{hook['id']}/"
    client.force_login(Webhook.objects.get().user)
    assert f'formaction="{page}test/"' in client.get(f"{page}change/").content.decode()
    shown = client.post(f"{page}test/", follow=True).content.decode()
    assert "A test was sent" in shown and "answered 204" in shown
    receiver.status = 503
    assert "answered 503" in client.post(f"{page}test/", follow=True).content.decode()
    assert client.get(f"{page}test/").status_code == 405
    client.force_login(factories.make_member(factories.make_corpus("other"), Role.MANAGER, "foreign"))
    assert client.post(f"{page}test/").status_code == 404
    assert len(receiver.received) == 2


def test_the_verifying_snippet_of_the_guide(hook, receiver, manager):
    (block,) = [one for one in blocks_of(BASE / "docs" / "change-feed.md") if "hmac" in one.text]
    guide: dict[str, Any] = {}
    exec(block.text, guide)
    manager.post(f"corpora/desk/webhooks/{hook['id']}/test/")
    ((_, headers, body),) = receiver.received
    secret, is_genuine = hook["secret"], guide["is_genuine"]
    assert is_genuine(secret, headers, body)
    assert not is_genuine(secret, headers, body + b" ") and not is_genuine(f"{secret}x", headers, body)
    assert not is_genuine(secret, {}, body)
    assert not is_genuine(secret, {**headers, "Corpusapp-Timestamp": "0"}, body)
    old = str(int(time.time()) - guide["TOLERANCE"] - 5)
    signed = {"Corpusapp-Timestamp": old, "Corpusapp-Signature": f"v1={posting.signature(secret, old, body)}"}
    assert not is_genuine(secret, signed, body)


def test_the_retries_of_the_guide():
    now = datetime(2018, 9, 3, tzinfo=UTC)
    minutes = [(pause_until(now, failures) - now) / timedelta(minutes=1) for failures in range(1, 10)]
    assert minutes == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]
    total = sum(((pause_until(now, n) - now) for n in range(1, GIVES_UP_AFTER)), timedelta())
    assert timedelta(days=3.5) < total < timedelta(days=4.5)
