"""A service as a process of its own, of the standard library alone. What it does, the first part of its path says:

`steady`, `utf16` (offsets in UTF-16 units), `lying` (offsets of nothing), `huge`, `slow`, `dripping`, `dropping`,
`failing`, `failing-2` (its first two requests), `poisoned` (fails on a text with the word poison), `broken-…` (one
of BROKEN), `moved` and `elsewhere` (redirects), `backend` (Label Studio's protocol in its newest form), and `changing`
(another model in each answer). `GET /count/NAME` gives the number of POSTs so far, `GET /looks/NAME` that of GETs. A
second part keeps counts apart.
"""

import json
import re
import sys
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES = {
    "Zarif": "PERSON",
    "Muallem": "PERSON",
    "Damascus": "GPE",
    "Tehran": "GPE",
    "محمد جواد ظريف": "PERSON",
    "دمشق": "GPE",
    "😀 Press": "ORG",
    "Quuxia": "GPE",
}
_PATTERN = re.compile("|".join(map(re.escape, NAMES)))
MODEL = "names 1.0"

BROKEN = {
    "broken-json": "{",
    "broken-list": [],
    "broken-version": {"version": 2, "texts": []},
    "broken-offsets": {"version": 1, "offsets": "bytes", "texts": []},
    "broken-texts": {"version": 1, "texts": [{"id": "7", "proposals": []}]},
    "broken-start": {"version": 1, "texts": [{"id": "0", "proposals": [{"start": "0", "end": 5, "label": "ORG"}]}]},
    "broken-label": {"version": 1, "texts": [{"id": "0", "proposals": [{"start": 0, "end": 5, "label": "\0"}]}]},
    "broken-score": {
        "version": 1,
        "texts": [{"id": "0", "proposals": [{"start": 0, "end": 5, "label": "ORG", "score": 87}]}],
    },
}
posts: Counter[str] = Counter()
looks: Counter[str] = Counter()
asked: dict[str, object] = {}


def found(text: str, *, in_utf16: bool = False) -> list[dict[str, object]]:
    def unit(point: int) -> int:
        return len(text[:point].encode("utf-16-le")) // 2 if in_utf16 else point

    return [
        {"start": unit(m.start()), "end": unit(m.end()), "label": NAMES[m[0]], "score": 0.9, "text": m[0]}
        for m in _PATTERN.finditer(text)
    ]


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        name, *rest = self.path.strip("/").split("/")
        if name == "count":
            return self.answer(posts["/".join(rest)])
        if name == "looks":
            return self.answer(looks["/".join(rest)])
        looks["/".join((name, *rest))] += 1
        if name == "asked":
            return self.answer(asked.get("/".join(rest)))
        if name == "backend":
            return self.answer({"status": "UP", "model_class": "Names"})
        if name == "failing":
            return self.answer({"detail": "no memory"}, 500)
        if name in ("moved", "elsewhere"):
            return self.redirect(name)
        if name == "slow":
            time.sleep(1)
        return self.answer({"version": 1, "model": "w" * 200 if name == "wordy" else MODEL})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.strip("/")
        posts[path] += 1
        asked[path] = body
        name, _, number = path.split("/")[0].partition("-")
        if name == "backend":
            return self.backend(path, body)
        if name == "failing" and (not number or posts[path] <= int(number)):
            return self.answer({"detail": "no memory"}, 500)
        if name == "busy" and posts[path] <= int(number):
            return self.answer("", 503)
        if path in BROKEN:
            return self.answer(BROKEN[path])
        if name in ("moved", "elsewhere"):
            return self.redirect(name)
        if name == "dropping":
            self.close_connection = True
            return None
        if name == "slow":
            time.sleep(1)
        if name == "huge":
            return self.answer({"version": 1, "texts": [], "padding": "x" * 2_000_000})
        if name == "dripping":
            return self.drip()
        if name == "poisoned" and any("poison" in text["text"] for text in body["texts"]):
            return self.answer({"detail": "poisoned"}, 500)
        return self.answer(self.proposals(name, path, body))

    def proposals(self, name: str, path: str, body: dict) -> dict[str, object]:
        texts = [{"id": t["id"], "proposals": found(t["text"], in_utf16=name == "utf16")} for t in body["texts"]]
        for text in texts:
            for proposal in text["proposals"]:
                if name == "lying":
                    proposal["start"], proposal["end"] = proposal["start"] + 1, proposal["end"] + 1_000_000
                if name == "misquoting":
                    proposal["start"] += 1
        said = {"version": 1, "texts": texts[::-1]}
        if name == "utf16":
            said["offsets"] = "utf16"
        if name == "wordy":
            said["model"] = "w" * 200
        if name == "changing":
            said["model"] = f"names {posts[path]}"
        return said

    def backend(self, path: str, body: dict) -> None:
        if path.endswith("/setup"):
            return self.answer({"model_version": None})
        results = []
        for number, task in enumerate(body["tasks"]):
            regions = [
                {
                    "type": "labels",
                    "value": {"start": f["start"], "end": f["end"], "text": f["text"], "labels": [f["label"]]},
                    "score": f["score"],
                }
                for f in found(task["data"]["text"])
            ]
            regions.append({"type": "choices", "value": {"choices": ["news"]}})
            prediction = {"result": regions, "score": 2.0, "model_version": "Names-v0.0.1"}
            results.append([prediction] if number % 2 else prediction)
        return self.answer({"results": results})

    def redirect(self, name: str) -> None:
        self.send_response(307)
        here = self.path.replace("moved", "steady")
        self.send_header("Location", here if name == "moved" else f"http://localhost:{sys.argv[-1]}{here}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def drip(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(20):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.05)

    def answer(self, body: object, status: int = 200) -> None:
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def handle(self) -> None:
        # The client may have closed the connection, which some tests expect.
        try:
            super().handle()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    sys.argv.append(str(server.server_port))
    print(server.server_port, flush=True)
    server.serve_forever()
