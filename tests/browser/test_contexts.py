"""A browser context that tests share keeps nothing of a test but loaded scripts and styles."""

import pytest

pytestmark = pytest.mark.browser

LEAVE = "() => { localStorage.setItem('desk:1', 'x'); sessionStorage.setItem('draft', 'x'); document.cookie = 'a=b'; }"
FOUND = "() => [localStorage.length, sessionStorage.length, document.cookie]"


def test_a_context_that_is_used_again_is_empty(contexts, settings, transactional_db):
    icon = f"{settings.STATIC_URL}img/icon.svg"
    context = contexts.take()
    page = context.new_page()
    page.goto(icon)
    page.evaluate(LEAVE)
    context.route("**/*", lambda route: route.abort())
    context.set_offline(True)
    contexts.give_back()
    assert contexts.take() is context
    assert len(context.pages) == 1 and context.cookies() == []
    page = context.new_page()
    page.goto(icon)
    assert page.evaluate(FOUND) == [0, 0, ""]
    contexts.give_back()


def test_options_are_those_of_one_test(contexts, settings, transactional_db):
    special = contexts.take(java_script_enabled=False)
    contexts.give_back()
    assert contexts.take() is not special
    contexts.give_back()
