"""Followers wait in a process of their own, which answers when something happens that they may see."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from annotations.feed.actions.number_events import number_events
from corpusapp.accounts.actions.tokens import create_token, revoke_token
from corpusapp.accounts.models import Token
from corpusapp.articles.actions.corpora import remove_member
from corpusapp.articles.actions.withdraw import withdraw_corpus
from corpusapp.articles.models import Membership
from corpusapp.core import waiting_process
from corpusapp.core.home import Home
from tests import factories
from tests.api.client import Rest
from tests.desk.conftest import free_port
from tests.docs.pages import BASE, blocks_of
from tests.feed.copying import Follower, held
from tests.processes import database_url, running, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
PATH = "/api/v1/changes/wait/"
# Longer than any test waits: what is answered earlier was answered because something happened.
WAIT = 25


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: dict
    seconds: float


@dataclass
class Feed:
    """The process, and clients that wait in threads."""

    port: int
    process: object = None
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(40))

    def ask(self, query: str, key: str = "", verb: str = "GET", path: str = PATH) -> Answer:
        began = time.monotonic()
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        link.request(verb, f"{path}?{query}", headers={"Authorization": f"Bearer {key}"} if key else {})
        answer = link.getresponse()
        body = answer.read()
        link.close()
        return Answer(answer.status, answer.headers, json.loads(body or b"{}"), time.monotonic() - began)

    def waiting(self, number: int) -> None:
        """Wait until so many followers wait."""
        wait_until(lambda: _connections(self.port) >= number, 10)
        # They have sent their requests, which are read within a fraction of this time.
        time.sleep(0.5)

    def begin(self, key: str, after: str, **query: object) -> "Future[Answer]":
        return self.threads.submit(self.ask, urlencode({"wait": WAIT, **query, "after": after}), key)


def _connections(port: int) -> int:
    """Established connections to a port of this machine."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    return sum(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "01" for line in lines)


@contextlib.contextmanager
def running_feed(port: int = 0, **values: str):
    port = port or free_port()
    with running("run_feed", "--port", str(port), **values) as process:
        feed = Feed(port, process)
        wait_until(lambda: feed_answers(feed), 20)
        yield feed


def feed_answers(feed: Feed) -> bool:
    try:
        return feed.ask("", path="/healthz").status == 200
    except OSError:
        return False


@pytest.fixture
def feed():
    with running_feed() as found:
        yield found
    assert waiting_process.find(settings.HOME) is None


@pytest.fixture
def key(reader) -> str:
    return _key(reader)


def _key(client: Rest) -> str:
    return client._headers["Authorization"].split()[1]


def now(client: Rest) -> str:
    """A cursor after all events so far."""
    client.get("changes/", limit=1)
    return client.get("changes/", after="latest").json()["cursor"]


def test_a_follower_is_redirected_waits_and_is_answered(feed, article, reader, manager, key):
    number_events()
    cursor = now(reader)
    answer = reader.get("changes/", after=cursor, wait=WAIT, type="label")
    assert answer.status_code == 307 and answer.json()["results"] == []
    location = urlsplit(answer["Location"])
    assert (location.path, location.port) == (PATH, feed.port)
    assert location.query.startswith("wait=25&type=label&after=") and "&ticket=" in location.query
    # The ticket stands for the token, which clients do not send to another address.
    redirected = feed.threads.submit(feed.ask, location.query)
    stays = feed.begin(key, cursor)
    feed.waiting(2)
    assert manager.post("corpora/desk/labels/", {"name": "WEAPON"}).status_code == 201
    for one in (redirected.result(), stays.result()):
        assert one.status == 200 and one.seconds < WAIT
        (event,) = one.body["results"]
        assert (event["type"], event["label"]["name"]) == ("label", "WEAPON")
        assert one.body["cursor"] == event["cursor"] and "ticket" not in one.body["next"]
        following = urlsplit(one.body["next"])
        assert (following.path, following.port) == (PATH, feed.port) and f"after={event['cursor']}" in following.query
        following = one.body["next"]
        assert one.headers["Link"] == f'<{following}>; rel="next", <{following}>; rel="wait"'
        assert one.headers["RateLimit-Limit"] and "ETag" not in one.headers
    # The same event by the web server, as an answer with events is given at once.
    at_once = reader.get("changes/", after=cursor, wait=WAIT)
    assert at_once.status_code == 200 and at_once.json()["results"] == stays.result().body["results"]


def test_an_empty_answer_comes_when_the_time_has_passed(feed, article, reader, key):
    cursor = now(reader)
    answer = feed.ask(f"after={cursor}&wait=1", key)
    assert (answer.status, answer.body["results"], answer.body["cursor"]) == (200, [], cursor)
    assert answer.seconds >= 1
    assert feed.ask(f"after={cursor}", key).status == 200
    assert feed.ask("after=latest&wait=25", key).body["cursor"] == cursor


def test_followers_get_only_what_they_ask_for_and_may_see(feed, article, reader, manager, key):
    other = factories.make_corpus("other")
    cursor = now(Rest(factories.make_superuser()))
    stages = feed.begin(key, cursor, type="article.stage")
    persons = feed.begin(key, cursor, label="PERSON", type="span,label")
    feed.waiting(2)
    # None of these is for them.
    factories.make_article(other, "Elsewhere.")
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    time.sleep(0.5)
    assert not stages.done() and not persons.done()
    span = next(s for s in manager.get(f"articles/{article.pk}/spans/").json()["results"] if s["label"] == "PERSON")
    changed = manager.patch(f"spans/{span['id']}/", {"revision": span["revision"], "label": "ORG"})
    assert changed.status_code == 200, changed.content
    assert [event["stage"] for event in stages.result().body["results"]] == ["in_review"]
    (event, *_) = persons.result().body["results"]
    assert event["type"] == "span" and event["span"]["state"] in ("confirmed", "rejected")


@pytest.mark.parametrize("change", ["revoke", "remove", "withdraw"])
def test_permission_is_checked_again_before_the_answer(feed, article, corpus, manager, change):
    member = factories.make_member(corpus, "reader", "leaver")
    token, key = create_token(user=member)
    cursor = now(manager)
    waiting = feed.begin(key, cursor, corpus="desk")
    feed.waiting(1)
    root = factories.make_superuser()
    if change == "revoke":
        revoke_token(user=root, token=token)
    elif change == "remove":
        remove_member(user=root, membership=Membership.objects.get(user=member))
    else:
        withdraw_corpus(user=root, corpus=corpus)
    if change != "withdraw":
        assert manager.post("corpora/desk/labels/", {"name": "SECRET"}).status_code == 201
    answer = waiting.result()
    assert answer.seconds < WAIT
    if change == "withdraw":
        assert [event["type"] for event in answer.body["results"]] == ["corpus.withdrawn"]
    else:
        assert answer.status == {"revoke": 401, "remove": 404}[change]
        assert answer.headers["Content-Type"] == "application/problem+json" and "SECRET" not in str(answer.body)


def test_refusals(feed, article, reader, key):
    cursor = now(reader)
    for query, status, name in (
        (f"after={cursor}&wait=31", 400, "wait"),
        (f"after={cursor}&wait=-1", 400, "wait"),
        (f"after={cursor}&wait=5&type=spam", 400, "type"),
        (f"after={cursor}&wait=5&label=NOWHERE", 400, "label"),
        (f"after={cursor}&wait=5&corpus=desk,nowhere", 404, None),
        (f"after={cursor[:-12]}{'0' * 12}&wait=5", 410, "after"),
        (f"after={cursor}&wait=5&colour=red", 400, "colour"),
    ):
        by_feed, by_web = feed.ask(query, key), reader.get(f"changes/?{query}")
        assert (by_feed.status, by_feed.body.get("field")) == (status, name), query
        about = feed.ask("", path=urlsplit(by_feed.body["type"]).path).body
        assert about["status"] == status and about["meaning"] and about["type"] == by_feed.body["type"]
        assert (by_web.status_code, by_web.json().get("field")) == (status, name), query
    assert feed.ask(f"after={cursor}&wait=5").status == 401
    assert feed.ask(f"after={cursor}&wait=5", "cap_wrong").status == 401
    assert feed.ask("", key, verb="POST").status == 405
    assert feed.ask("", key, path="/api/v1/corpora/").status == 404
    assert feed.ask("", path="/healthz").body == {"status": "alive"}


def test_tickets_are_for_one_request_and_expire(feed, article, reader):
    cursor = now(reader)
    ticket = urlsplit(reader.get("changes/", after=cursor, wait=1)["Location"]).query
    assert feed.ask(ticket).status == 200
    # Encoded in another way, and in another order, it is the same request.
    first, *others = ticket.split("&")
    assert feed.ask("&".join([*others, first])).status == 200
    for wrong in (ticket.replace("wait=1", "wait=2"), ticket[:-1], f"{ticket}x", f"{ticket}&limit=5", "ticket=1"):
        answer = feed.ask(wrong)
        assert answer.status == 401 and "ticket" in answer.body["detail"], wrong
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    Token.objects.update(revoked_at="2018-09-03T00:00:00Z")
    assert feed.ask(ticket).status == 401


def test_one_more_than_may_wait_is_told_to_come_later(article, reader, key):
    cursor = now(reader)
    with running_feed(FEED_FOLLOWERS="2") as feed:
        waiting = [feed.begin(key, cursor) for _ in range(2)]
        feed.waiting(2)
        refused = feed.ask(f"after={cursor}&wait=5", key)
        assert refused.status == 429 and refused.headers["Retry-After"] == "5"
        assert refused.body["type"].endswith("/api/problems/too-often/") and "2 followers" in refused.body["detail"]
        assert feed.ask("", path="/healthz").status == 200
        # One that goes away makes room.
        factories.make_article(article.corpus, "Something else.")
        assert [one.result().status for one in waiting] == [200, 200]
        cursor = now(reader)
        for _ in range(2):
            gone = http.client.HTTPConnection("127.0.0.1", feed.port)
            gone.request("GET", f"{PATH}?after={cursor}&wait={WAIT}", headers={"Authorization": f"Bearer {key}"})
            feed.waiting(1)
            gone.close()
        wait_until(lambda: feed.ask(f"after={cursor}&wait=0", key).status == 200)


def test_requests_that_wait_count_for_the_rate_of_their_token(article, reader, key):
    cursor = now(reader)
    with running_feed(REQUESTS_PER_MINUTE="5") as feed:
        answers = [feed.ask(f"after={cursor}", key) for _ in range(6)]
    # Those to the web server counted as well.
    assert answers[-1].status == 429 and answers[-1].headers["Retry-After"]
    assert answers[0].headers["RateLimit-Limit"] == "5"


def test_without_a_direct_connection_it_looks_every_second(article, reader, manager, key):
    cursor = now(reader)
    with running_feed(DATABASE_POOLED="true") as feed:
        waiting = feed.begin(key, cursor)
        feed.waiting(1)
        assert "LISTEN" not in _last_statements()
        manager.post("corpora/desk/labels/", {"name": "WEAPON"})
        assert [event["type"] for event in waiting.result().body["results"]] == ["label"]
        assert waiting.result().seconds < WAIT


def _last_statements() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(query, '; ') FROM pg_stat_activity WHERE datname = current_database()")
        return cursor.fetchone()[0]


def test_nothing_is_missed_when_the_database_ends_its_connections(feed, article, reader, manager, key):
    cursor = now(reader)
    waiting = feed.begin(key, cursor)
    feed.waiting(1)
    wait_until(lambda: "LISTEN" in _last_statements())
    with psycopg.connect(database_url(), autocommit=True) as other:
        # All but this and the test's own: what is recorded now is notified to nobody.
        own = connection.connection.info.backend_pid
        other.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid NOT IN (pg_backend_pid(), %s)",
            [own],
        )
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    assert [event["type"] for event in waiting.result().body["results"]] == ["label"]
    cursor = waiting.result().body["cursor"]
    waiting = feed.begin(key, cursor)
    feed.waiting(1)
    manager.post("corpora/desk/labels/", {"name": "VESSEL"})
    assert [event["label"]["name"] for event in waiting.result().body["results"]] == ["VESSEL"]


def test_a_stop_answers_those_who_wait_and_a_kill_loses_nothing(article, reader, manager, key):
    cursor = now(reader)
    with running_feed() as feed:
        waiting = feed.begin(key, cursor)
        feed.waiting(1)
        feed.process.terminate()
        answer = waiting.result()
        assert (answer.status, answer.body["results"], answer.body["cursor"]) == (200, [], cursor)
        feed.process.wait(timeout=30)
    # Without it, there is nowhere to wait.
    answer = reader.get("changes/", after=cursor, wait=WAIT)
    assert (answer.status_code, answer["Retry-After"]) == (200, "1") and 'rel="wait"' not in answer["Link"]
    with running_feed(feed.port) as feed:
        waiting = feed.begin(key, cursor)
        feed.waiting(1)
        os.kill(feed.process.pid, signal.SIGKILL)
        with pytest.raises((http.client.HTTPException, OSError)):
            waiting.result()
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    with running_feed(feed.port):
        answer = feed.ask(f"after={cursor}&wait={WAIT}", key)
    assert [event["type"] for event in answer.body["results"]] == ["label"]


def test_many_followers_get_one_event(feed, article, reader, manager, key):
    cursor = now(reader)
    waiting = [feed.begin(key, cursor) for _ in range(40)]
    feed.waiting(40)
    manager.post("corpora/desk/labels/", {"name": "WEAPON"})
    cursors = {one.result().body["cursor"] for one in waiting}
    assert len(cursors) == 1 and all(len(one.result().body["results"]) == 1 for one in waiting)


def test_a_copy_by_waiting_is_exact(feed, corpus, reader, key):
    follower, ended = Follower(_Waiting(feed, key)), threading.Event()

    def follow() -> None:
        while not ended.is_set():
            follower.step()

    following = feed.threads.submit(follow)
    for number in range(5):
        factories.make_article(corpus, f"Text {number} of Zarif.", spans=[[10, 15, "PERSON"]])
    wait_until(lambda: follower.cursor == now(reader), 20)
    ended.set()
    following.result()
    assert follower.articles == held("desk") and len(follower.articles) == 5


def test_the_follower_of_the_guide(feed, article, manager, key, live_server, tmp_path):
    (block,) = [one for one in blocks_of(BASE / "docs" / "change-feed.md") if "cursor.txt" in one.text]
    script = block.text.replace("http://127.0.0.1:8000", live_server.url)
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, cwd=tmp_path, env={"TOKEN": key}, stdout=subprocess.PIPE, text=True) as follower:
        try:
            # All that there is, and then what comes while it waits.
            for line in follower.stdout:
                if "article.stage" in line:
                    break
            feed.waiting(1)
            manager.post("corpora/desk/labels/", {"name": "WEAPON"})
            cursor, kind, _ = next(line for line in follower.stdout if " label " in line).split()
            assert kind == "label"
            wait_until(lambda: (tmp_path / "cursor.txt").read_text() == cursor)
        finally:
            follower.kill()


class _Waiting:
    """A client of the feed alone, that waits a second."""

    def __init__(self, feed: Feed, key: str) -> None:
        self._feed, self._key = feed, key

    def get(self, path: str, **query: object):
        answer = self._feed.ask(urlencode({"wait": 1, **query}), self._key)
        answer.status_code, answer.json = answer.status, lambda: answer.body
        return answer


def test_where_to_wait(reader, settings, tmp_path):
    """The host of the request with the port of the process; the public address if there is a proxy; else nowhere."""
    settings.HOME = Home(tmp_path / "home")

    def link() -> str:
        links = reader.get("changes/", corpus="desk")["Link"].split(", ")
        return next((one.partition("?")[0] for one in links if one.endswith('; rel="wait"')), "")

    assert link() == ""
    settings.FEED_WAIT_URL = "https://desk.example.org"
    assert link() == ""
    waiting_process.renew(settings.HOME, waiting_process.WaitingProcess(8001, 0))
    assert link() == f"<https://desk.example.org{PATH}"
    settings.FEED_WAIT_URL = ""
    assert link() == f"<http://testserver:8001{PATH}"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert link() == ""
