"""Settings from the environment are typed, and errors name the variable."""

import pyrage
import pytest
from django.core.exceptions import ImproperlyConfigured

from corpusapp import env


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("Yes", True), (" on ", True), ("false", False)])
def test_booleans(value, expected):
    assert env.boolean("DEBUG", default=not expected, environ={"DEBUG": value}) is expected


@pytest.mark.parametrize("environ", [{}, {"DEBUG": ""}])
def test_an_absent_or_empty_value_is_the_default(environ):
    assert env.boolean("DEBUG", default=True, environ=environ) is True
    assert env.text("DEBUG", "default", environ) == "default"
    assert env.integer("DEBUG", 7, environ) == 7
    assert env.words("DEBUG", ("a", "b"), environ) == ["a", "b"]


def test_another_text_for_a_boolean_is_refused():
    with pytest.raises(ImproperlyConfigured, match="DEBUG='maybe'"):
        env.boolean("DEBUG", default=False, environ={"DEBUG": "maybe"})


@pytest.mark.parametrize("value", ["-1", "1.5", "many", "٣"])
def test_another_text_for_a_number_is_refused(value):
    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env.integer("SIZE", 1, {"SIZE": value})


def test_words_are_separated_by_commas():
    assert env.words("HOSTS", environ={"HOSTS": " a.example , b.example,"}) == ["a.example", "b.example"]


def test_a_public_key_is_valid_or_empty():
    key = str(pyrage.x25519.Identity.generate().to_public())
    assert env.public_key("BACKUP_RECIPIENT", {"BACKUP_RECIPIENT": f" {key} "}) == key
    assert env.public_key("BACKUP_RECIPIENT", {}) == ""
    with pytest.raises(ImproperlyConfigured, match="BACKUP_RECIPIENT: 'age1x' is not a public key"):
        env.public_key("BACKUP_RECIPIENT", {"BACKUP_RECIPIENT": "age1x"})
