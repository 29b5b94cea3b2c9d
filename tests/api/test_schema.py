"""The committed schema is the one that the code makes; the docs page needs no inline script or style."""

import re
from pathlib import Path

import yaml
from django.core.management import call_command
from django.test import Client

ROOT = Path(__file__).parents[2]


def test_the_committed_schema_is_current(tmp_path):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(made))
    assert made.read_text() == (ROOT / "openapi.yaml").read_text(), "run: manage.py spectacular --file openapi.yaml"


def test_every_write_says_how_it_is_refused():
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"]
    for path, verbs in paths.items():
        for verb, operation in verbs.items():
            if verb in ("post", "patch", "delete"):
                assert operation["responses"]["404"] == {"$ref": "#/components/responses/NotFound"}, (path, verb)


def test_every_operation_says_that_one_may_be_nobody_or_ask_too_often():
    paths = yaml.safe_load((ROOT / "openapi.yaml").read_text())["paths"]
    silent = [
        (verb, path, status)
        for path, verbs in paths.items()
        for verb, operation in verbs.items()
        for status, name in (("401", "Unauthenticated"), ("429", "TooOften"))
        if operation["responses"].get(status) != {"$ref": f"#/components/responses/{name}"}
    ]
    assert not silent


def test_the_schema_is_served_as_it_is_committed(db):
    client = Client()
    assert client.get("/api/v1/schema/").content == (ROOT / "openapi.yaml").read_bytes()
    asked = client.get("/api/v1/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert "/api/v1/articles/{id}/decisions/" in asked.json()["paths"]


def test_the_docs_page_has_nothing_inline(db):
    client = Client()
    page = client.get("/api/docs/")
    html = page.content.decode()
    assert page.status_code == 200 and "<style" not in html and not re.search(r"\son\w+=|style=", html)
    assert all(re.search(r'\ssrc="', tag) for tag in re.findall("<script[^>]*>", html))
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
