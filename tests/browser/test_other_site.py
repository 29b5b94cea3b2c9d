"""A page of another site calls the API by a token, where the settings name its origin, and not otherwise."""

import http.server
import threading

import pytest

from corpusapp.accounts.actions.tokens import create_token
from tests import factories
from tests.processes import serving

CALL = """async ([address, token]) => {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const change = { method: "PATCH", headers, body: JSON.stringify({ licence: "CC0-1.0" }) };
  try {
    const changed = await fetch(`${address}/api/v1/corpora/desk/`, change);
    const missing = await fetch(`${address}/api/v1/articles/0/`, { headers });
    const part = await fetch(`${address}/api/v1/articles/?limit=1`, { headers: { ...headers, Range: "bytes=0-9" } });
    return [(await changed.json()).licence, (await missing.json()).status, missing.headers.get("RateLimit-Limit"),
      part.status, part.headers.get("ETag") !== null];
  } catch (error) {
    return error.name;
  }
}"""


class _Blank(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>Lab</title>")

    def log_message(self, *arguments: object) -> None:
        """Quietly."""


@pytest.fixture
def lab():
    """The origin of another site."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Blank)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.django_db(transaction=True)
def test_a_notebook_on_another_site(chromium, lab):
    corpus = factories.make_corpus()
    token = create_token(user=factories.make_superuser())[1]
    page = chromium.new_page()
    page.goto(lab)
    with serving(CORS_ORIGINS=lab) as desk:
        assert page.evaluate(CALL, [desk, token]) == ["CC0-1.0", 404, "6000", 200, True]
    corpus.refresh_from_db()
    assert corpus.licence == "CC0-1.0"
    with serving(CORS_ORIGINS="https://lab.example.org") as desk:
        assert page.evaluate(CALL, [desk, token]) == "TypeError"
    page.close()
