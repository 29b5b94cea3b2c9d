"""A knowledge base for tests, after the Reconciliation Service API 0.2. It can be told to hang, and to lie."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

PEOPLE = {
    "Q901": {"name": "Omar Haddad", "description": "mayor of Port Lina", "type": "Q5", "Aen": ["O. Haddad"],
             "Aar": ["عمر حداد"]},
    "Q902": {"name": "Omar Haddad", "description": "a footballer", "type": "Q5", "Aen": [], "Aar": []},
    "Q903": {"name": "Port Lina", "description": "", "type": "Q515", "Aen": [], "Aar": []},
}  # fmt: skip


class KnowledgeBase:
    """A running service. `asked` has the forms that it got; `answer` replaces what it answers, and `wait` holds it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.asked: list[dict[str, str]] = []
        self.answer: bytes | None = None
        self.status, self.headers = 200, dict[str, str]()
        self.wait: threading.Event | None = None

    def respond(self, form: dict[str, str]) -> bytes:
        self.asked.append(form)
        if self.wait is not None:
            self.wait.wait(30)
        if self.answer is not None:
            return self.answer
        if "extend" in form:
            return json.dumps(_extended(json.loads(form["extend"]))).encode()
        return json.dumps({key: {"result": _found(one)} for key, one in json.loads(form["queries"]).items()}).encode()


def _found(query: dict[str, Any]) -> list[dict[str, Any]]:
    words, kind = query["query"].casefold(), query.get("type")
    return [
        {
            "id": pk, "name": one["name"], "description": one["description"], "score": 100 - number, "match": False,
            "type": [{"id": one["type"], "name": "human"}],
        }
        for number, (pk, one) in enumerate(PEOPLE.items())
        if words in map(str.casefold, [one["name"], *one["Aen"], *one["Aar"]]) and kind in (None, one["type"])
    ][: query["limit"]]  # fmt: skip


def _extended(asked: dict[str, Any]) -> dict[str, Any]:
    names = [one["id"] for one in asked["properties"]]
    rows = {pk: {name: [{"str": text} for text in PEOPLE[pk].get(name, [])] for name in names} for pk in asked["ids"]}
    return {"meta": [{"id": name, "name": name} for name in names], "rows": rows}


@contextmanager
def running() -> Iterator[KnowledgeBase]:
    """A knowledge base on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            data = service.respond({name: values[0] for name, values in parse_qs(body).items()})
            self.send_response(service.status)
            for name, value in {"Content-Type": "application/json", **service.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            # The desk does not read all of a long answer.
            with suppress(OSError):
                self.wfile.write(data)

        def log_message(self, *values: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service = KnowledgeBase(f"http://127.0.0.1:{server.server_port}/en/api")
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield service
        finally:
            if service.wait is not None:
                service.wait.set()
            server.shutdown()
