"""A real Chromium. Where none is installed the tests are skipped, loudly; with CI set that is a failure."""

import os
import shutil
import warnings

import pytest

from tests.browser.contexts import Contexts, RequestsUnderWay

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Pages of one context share a process, which one page that is kept open keeps alive: see `Contexts`.
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--process-per-site"]


def _chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="package")
def chromium():
    path = _chromium()
    if path is None:
        sentence = f"no Chromium was found: install one of {', '.join(NAMES)}, or name it in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(sentence)
        warnings.warn(sentence, stacklevel=1)
        pytest.skip(sentence)
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread, in which Django would not touch its database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
            yield browser
            browser.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="package")
def contexts(chromium, live_server):
    from django.conf import settings

    kept = Contexts(chromium, live_server.url, quiet=f"{settings.STATIC_URL}img/icon.svg")
    yield kept
    kept.close()


@pytest.fixture
def open_page(contexts, live_server, requests_under_way):
    """Opens pages on the live desk; at the end no page may have complained, least of all of the policy."""
    complaints = []

    def open_one(user=None, **options):
        context = contexts.take(**options)
        if user is not None:
            context.add_cookies([{**_session_of(user), "url": options.get("base_url", live_server.url)}])
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_one
    contexts.give_back()
    requests_under_way.wait_for_none()
    # The browser itself notes answers such as 409, and a desk out of reach, as failed loads; those are meant. It also
    # notes where Playwright looks for an element of the panel before that is shown, and where a field is not focused
    # because a test has focused another one.
    meant = ("Failed to load resource: ", "hidden by content-visibility", "Autofocus processing was blocked")
    assert [line for line in complaints if not any(words in line for words in meant)] == []


@pytest.fixture(scope="package")
def requests_under_way():
    with RequestsUnderWay() as requests:
        yield requests


def _session_of(user) -> dict[str, str]:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.fixture
def article(transactional_db):
    from tests import factories

    text = "Zarif 👩‍👩‍👧 met Wálid\u0301 Muallem 🇸🇾 in Damascus.\nHe left for Tehran on Monday."
    article = factories.make_article(factories.make_corpus(name="The desk"), text, title="Zarif in Damascus")
    places = [("Zarif", "PERSON"), ("Muallem", "ORG"), ("Damascus", "GPE"), ("Monday", "DATE")]
    factories.suggest(article, *((text.index(w), text.index(w) + len(w), label) for w, label in places))
    return article


@pytest.fixture
def editor(article):
    from tests import factories

    return factories.make_member(article.corpus, username="zaid")
