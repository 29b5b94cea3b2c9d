"""The change feed under writers and followers: `python -m tests.benchmarks.feed --seconds 20 --json`.

A desk of its own runs as `make run` starts it. `lag_ms` is from the time of a decision, some milliseconds before its
commit, to the response that a waiting follower gets with it, while 8 clients decide without a pause.
`writers` compares their decisions a second with nobody following, and with a follower who waits. `followers` wait at
once for one event: the seconds until the first and the last have it, and the memory of the process (PSS in MiB) at
rest, with them, and after it. `idle` counts the requests that an idle follower makes to the web server.
"""

import argparse
import asyncio
import http.client
import json
import os
import resource
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

from tests.benchmarks.over_http.clients import Ask, Clients, Connection, rate
from tests.benchmarks.over_http.desk import Desk, measured_desk

WRITERS, FOLLOWERS, SECONDS, ARTICLES, SPANS = 8, 500, 20, 400, 40
MOST = {"lag_ms_median": 300, "last_of_followers_seconds": 1.0, "requests_in_20_s": 1}
_WAIT = 30
_IDLE_SECONDS = 40


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--followers", type=int, default=FOLLOWERS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    with measured_desk() as desk:
        figures = {"asked": MOST, **measure(desk, options.seconds, options.followers)}
    print(json.dumps(figures, indent=None if options.json else 4))


def measure(desk: Desk, seconds: int, followers: int) -> dict[str, Any]:
    from tests.benchmarks.over_http.filling import fill

    memory = {"at_rest": _feed_memory()}
    fill(desk.corpus, ARTICLES, spans=SPANS, seed=1)
    asks = list(_decisions(desk))
    share = len(asks) // 4
    clients = Clients(desk.url, desk.token, WRITERS)
    figures: dict[str, Any] = {"writers": {}}
    for number, followed in enumerate((False, True, False, True)):
        taken = asks[number * share : (number + 1) * share]
        with _following(desk, followed) as seen:
            heard = _write(clients, taken, seconds)
            time.sleep(1)
        name = "followed" if followed else "alone"
        figures["writers"].setdefault(name, []).append(round(rate(heard), 1))
        if followed:
            figures["lag_ms"] = _lags(seen)
    figures["idle"] = _idle(desk)
    figures["followers"] = asyncio.run(_many(desk, followers, memory))
    return figures


def _decisions(desk: Desk) -> Iterator[Ask]:
    """Confirmations of suggestions, in turn of their articles."""
    from annotations.review.models import Span

    spans = Span.objects.filter(corpus__slug=desk.corpus, state="suggested").order_by("?")
    for pk, article in spans.values_list("pk", "article"):
        body = {"decisions": [{"verb": "confirm", "span": pk, "revision": 1}]}
        yield Ask(f"/api/v1/articles/{article}/decisions/", "POST", body)


def _write(clients: Clients, asks: list[Ask], seconds: int) -> Any:
    clients.begin([asks[number::WRITERS] for number in range(WRITERS)])
    time.sleep(seconds)
    clients.stop()
    return clients.heard()


@contextmanager
def _following(desk: Desk, follows: bool) -> Iterator[list[tuple[float, float]]]:
    """(time of the event's commit, time of its arrival), in seconds of the same clock, while the block runs."""
    seen: list[tuple[float, float]] = []
    ended = Event()

    def follow() -> None:
        feed, token = _feed_url(desk), desk.token
        cursor = _latest(desk)
        connection = Connection(feed, token)
        while not ended.is_set():
            path = f"{urlsplit(feed).path}?wait=1&limit=1000&after={cursor}"
            page = json.loads(connection.ask(connection.ready(Ask(path))))
            arrived, cursor = time.time(), page["cursor"]
            seen.extend((_decided_at(event), arrived) for event in page["results"] if event["type"] == "span")

    thread = Thread(target=follow, daemon=True)
    if follows:
        thread.start()
    yield seen
    ended.set()
    if follows:
        thread.join()


def _decided_at(event: dict[str, Any]) -> float:
    """When its decision was made: some milliseconds before its commit."""
    return datetime.fromisoformat(event["at"]).timestamp()


def _lags(seen: list[tuple[float, float]]) -> dict[str, float]:
    lags = sorted(1000 * (arrived - at) for at, arrived in seen)
    part = statistics.quantiles(lags, n=100)
    return {"events": len(lags), "median": round(part[49], 1), "p95": round(part[94], 1), "most": round(lags[-1], 1)}


def _feed_url(desk: Desk) -> str:
    """Where a follower waits, without the query, as the web server says."""
    links = _get(desk, f"/api/v1/changes/?after=latest&corpus={desk.corpus}")[1]["Link"].split(", ")
    (link,) = [link for link in links if link.endswith('; rel="wait"')]
    return link[1 : link.index(">")].partition("?")[0]


def _latest(desk: Desk) -> str:
    _get(desk, "/api/v1/changes/?limit=1")
    return json.loads(_get(desk, "/api/v1/changes/?after=latest")[2])["cursor"]


def _get(desk: Desk, path: str) -> tuple[int, Any, bytes]:
    parts = urlsplit(desk.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    connection.request("GET", path, headers={"Authorization": f"Bearer {desk.token}"})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def _idle(desk: Desk) -> dict[str, float]:
    """Requests to the web server of a follower who follows redirects. One who stays where it waits makes none."""
    cursor, redirected = _latest(desk), 0
    feed = urlsplit(_feed_url(desk))
    staying = Connection(feed.geturl(), desk.token)
    began = time.monotonic()
    while time.monotonic() - began < _IDLE_SECONDS:
        status, headers, _ = _get(desk, f"/api/v1/changes/?after={cursor}&wait={_WAIT}")
        redirected += 1
        assert status == 307, status
        target = urlsplit(headers["Location"])
        staying.ask(staying.ready(Ask(f"{target.path}?{target.query}")))
    seconds = time.monotonic() - began
    return {"seconds": round(seconds), "requests_in_20_s": round(20 * redirected / seconds, 2)}


async def _many(desk: Desk, number: int, memory: dict[str, Any]) -> dict[str, Any]:
    cursor, url = _latest(desk), urlsplit(_feed_url(desk))
    request = (
        f"GET {url.path}?wait={_WAIT}&after={cursor} HTTP/1.1\r\nHost: {url.netloc}\r\n"
        f"Authorization: Bearer {desk.token}\r\nConnection: close\r\n\r\n"
    ).encode()

    async def follow() -> tuple[float, bytes]:
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        return time.monotonic(), answer

    following = [asyncio.create_task(follow()) for _ in range(number)]
    await asyncio.sleep(10)
    assert not any(task.done() for task in following), "a follower was answered too early"
    memory["with_followers"] = _feed_memory()
    began = await asyncio.to_thread(_make_event, desk)
    answers = await asyncio.gather(*following)
    assert all(b"200 OK" in answer[:20] and b'"type":"label"' in answer for _, answer in answers)
    seconds = sorted(at - began for at, _ in answers)
    memory["after"] = _feed_memory()
    return {"number": number, "first": round(seconds[0], 3), "last": round(seconds[-1], 3), "pss_mib": memory}


def _make_event(desk: Desk) -> float:
    """Make a label; returns when it was made."""
    connection = Connection(desk.url, desk.token)
    name = f"L{time.time_ns()}"
    connection.ask(connection.ready(Ask(f"/api/v1/corpora/{desk.corpus}/labels/", "POST", {"name": name})))
    return time.monotonic()


def _feed_memory() -> dict[str, float]:
    """The process of waiting followers of this run: the newest one of that name. Its PSS and RSS in MiB."""
    found = [path for path in Path("/proc").glob("[0-9]*/comm") if _comm(path) == "feed" and _is_ours(path.parent)]
    lines = (found[0].parent / "smaps_rollup").read_text().splitlines()
    sizes = {line.split()[0]: int(line.split()[1]) / 1024 for line in lines[1:] if line.endswith("kB")}
    return {"pss": round(sizes["Pss:"], 1), "rss": round(sizes["Rss:"], 1)}


def _comm(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _is_ours(process: Path) -> bool:
    return f"CORPUSAPP_HOME={os.environ['CORPUSAPP_HOME']}".encode() in (process / "environ").read_bytes()


if __name__ == "__main__":
    main()
