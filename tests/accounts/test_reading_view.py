"""How a person sees articles: kept one value at a time, and refused with the choices that there are."""

import pytest
from django.test import Client
from django.urls import reverse

from corpusapp.accounts.actions.preferences import choose_view
from corpusapp.accounts.reading_view import ReadingView, view_of
from corpusapp.core.errors import Invalid
from tests import factories

QUIETLY = {"HTTP_ACCEPT": "application/json"}


@pytest.fixture
def user(db):
    return factories.make_user("zaid")


def test_one_value_changes_and_the_others_stay(user):
    choose_view(user=user, values={"size": "2", "doubt": "65"})
    choose_view(user=user, values={"width": "wide", "full": "1"})
    user.refresh_from_db()
    assert view_of(user.preferences["view"]) == ReadingView(size=2, width="wide", full=True, doubt=65)
    # What is as usual is not kept.
    choose_view(user=user, values={"size": "0", "full": "0", "doubt": "80", "width": "medium"})
    user.refresh_from_db()
    assert user.preferences["view"] == {}


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("size", "5", "from -2 to 4"),
        ("size", "large", "from -2 to 4"),
        ("doubt", "101", "from 0 to 100"),
        ("width", "huge", "narrow, medium, wide"),
        ("full", "yes", "neither 0 nor 1"),
        ("colour", "red", "use size, width, full or doubt"),
    ],
)
def test_what_is_no_choice_is_refused_and_nothing_is_kept(user, name, value, says):
    with pytest.raises(Invalid, match=says):
        choose_view(user=user, values={"size": "1", name: value})
    user.refresh_from_db()
    assert "view" not in user.preferences


def test_scripts_send_one_value_and_forms_come_back_to_their_page(user):
    browser, address = Client(), reverse("reading-view")
    assert browser.post(address, {"size": "1"}).status_code == 302
    assert "view" not in user.preferences
    browser.force_login(user)
    assert browser.post(address, {"size": "1"}, **QUIETLY).status_code == 204
    refused = browser.post(address, {"size": "9"}, **QUIETLY)
    assert refused.status_code == 400 and "from -2 to 4" in refused.json()["detail"]
    page = browser.post(address, {"doubt": "200"}, follow=True).content.decode()
    assert "whole number from 0 to 100" in page
    assert "Reading view saved" in browser.post(address, {"doubt": "50"}, follow=True).content.decode()
    user.refresh_from_db()
    assert user.preferences["view"] == {"size": 1, "doubt": 50}
