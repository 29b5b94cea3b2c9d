"""Pages of other sites call the API by a token, if the settings name their origins."""

import pytest
import yaml
from django.test import Client

from tests import factories
from tests.processes import run

LAB = "https://lab.example.org"
MIDDLEWARE = "corsheaders.middleware.CorsMiddleware"


@pytest.fixture
def allowed(settings):
    """As with CORS_ORIGINS, for clients that are made after it."""
    settings.CORS_ALLOWED_ORIGINS = [LAB]
    settings.MIDDLEWARE = [settings.MIDDLEWARE[0], MIDDLEWARE, *settings.MIDDLEWARE[1:]]


def preflight(path: str, origin: str = LAB, method: str = "PATCH"):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization",
    }
    return Client().options(path, headers=headers)


def test_a_preflight_needs_no_token(allowed, db):
    response = preflight("/api/v1/corpora/desk/")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Access-Control-Allow-Origin"] == LAB and "Access-Control-Allow-Credentials" not in response
    assert "PATCH" in response["Access-Control-Allow-Methods"]
    sent = {"authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "if-range", "range"}
    assert sent <= set(response["Access-Control-Allow-Headers"].split(", "))


def test_answers_can_be_read_with_their_headers_and_refusals_too(allowed, article, reader):
    response = reader.send("GET", "articles/?limit=1", origin=LAB)
    assert (response.status_code, response["Access-Control-Allow-Origin"]) == (200, LAB)
    exposed = set(response["Access-Control-Expose-Headers"].split(", "))
    assert {"ETag", "Link", "Location", "Retry-After", "Content-Range", "Repr-Digest", "RateLimit-Remaining"} <= exposed
    for path, status in (("articles/0/", 404), ("articles/?limit=0", 400)):
        refused = reader.send("GET", path, origin=LAB)
        assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (status, LAB)
    refused = Client().get("/api/v1/corpora/", headers={"Origin": LAB})
    assert (refused.status_code, refused["Access-Control-Allow-Origin"]) == (401, LAB)


def test_every_header_of_the_schema_can_be_read(settings):
    schema = yaml.load(settings.OPENAPI_FILE.read_bytes(), yaml.CSafeLoader)
    operations = [each for path in schema["paths"].values() for each in path.values() if isinstance(each, dict)]
    answers = [answer for each in operations for answer in each["responses"].values()]
    answers += schema["components"].get("responses", {}).values()
    named = {name.lower() for answer in answers for name in answer.get("headers", {})}
    readable = {name.lower() for name in settings.CORS_EXPOSE_HEADERS} | {"cache-control", "content-length"}
    assert named and named <= readable


@pytest.mark.parametrize(
    "origin",
    ["https://other.example", "http://lab.example.org", f"{LAB}:8443", f"{LAB}.evil.example", "null", "nonsense", ""],
)
def test_other_origins_read_nothing(allowed, article, reader, origin):
    assert "Access-Control-Allow-Origin" not in reader.send("GET", "articles/", origin=origin)
    assert "Access-Control-Allow-Origin" not in preflight("/api/v1/articles/", origin)


def test_pages_and_sessions_are_not_shared(allowed, article, corpus):
    """A cookie opens nothing to another site, and pages are never read by one."""
    browser = Client()
    browser.force_login(factories.make_member(corpus))
    assert "Access-Control-Allow-Credentials" not in browser.get("/api/v1/articles/", headers={"Origin": LAB})
    for path in ("/", "/corpora/desk/", "/admin/", "/sign-in/"):
        assert "Access-Control-Allow-Origin" not in browser.get(path, headers={"Origin": LAB})
        assert "Access-Control-Allow-Origin" not in preflight(path)


def test_without_the_setting_no_other_site_is_answered(settings, article, reader):
    assert MIDDLEWARE not in settings.MIDDLEWARE
    response = reader.send("GET", "articles/", origin=LAB)
    assert not [name for name in response.headers if name.startswith("Access-Control")]


@pytest.mark.processes
def test_the_setting_is_read_when_the_desk_starts(db):
    shown = "from django.conf import settings; print(settings.MIDDLEWARE[1], settings.CORS_ALLOWED_ORIGINS)"
    assert run("shell", "--no-imports", "-c", shown, CORS_ORIGINS=LAB).stdout.strip() == f"{MIDDLEWARE} ['{LAB}']"
    refused = run("check", CORS_ORIGINS=f"{LAB}/")
    assert refused.returncode != 0 and f"CORS_ORIGINS has '{LAB}/'" in refused.stderr
