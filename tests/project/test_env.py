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


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", env.MailServer()),
        ("smtp://mail.example.org", env.MailServer("mail.example.org", 25)),
        ("smtp://anna:p%40ss@mail.example.org", env.MailServer("mail.example.org", 587, "anna", "p@ss", False, True)),
        ("smtps://anna:pass@mail.example.org", env.MailServer("mail.example.org", 465, "anna", "pass", True)),
        ("smtps://mail.example.org:2465/", env.MailServer("mail.example.org", 2465, tls=True)),
    ],
)
def test_a_mail_server(url, expected):
    assert env.mail_server("EMAIL_URL", {"EMAIL_URL": url}) == expected


@pytest.mark.parametrize(
    "url",
    ["mail.example.org", "http://u:secret@mail.example.org", "smtp://", "smtp://u:secret@host:many", "smtp://h/x"],
)
def test_another_text_for_a_mail_server_is_refused_without_its_password(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL is not the URL of a mail server") as refused:
        env.mail_server("EMAIL_URL", {"EMAIL_URL": url})
    assert "secret" not in str(refused.value)


def test_a_sender_is_an_address_and_required_with_a_server():
    named = "The desk <desk@example.org>"
    assert env.mail_address("EMAIL_FROM", True, {"EMAIL_FROM": named}) == named
    assert env.mail_address("EMAIL_FROM", False, {}) == ""
    for environ in ({}, {"EMAIL_FROM": "the desk"}):
        with pytest.raises(ImproperlyConfigured, match="EMAIL_FROM"):
            env.mail_address("EMAIL_FROM", True, environ)


def test_the_address_of_the_site():
    assert env.origin("SITE_URL", "http://localhost", {}) == "http://localhost"
    assert env.origin("SITE_URL", "", {"SITE_URL": "https://desk.example.org/"}) == "https://desk.example.org"
    for value in ("desk.example.org", "https://desk.example.org/path", "ftp://desk.example.org"):
        with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
            env.origin("SITE_URL", "", {"SITE_URL": value})


def test_origins_are_those_that_browsers_send():
    given = "https://lab.example.org, http://127.0.0.1:8080,http://localhost,https://[::1]:8443,https://xn--bcher-kva.example"
    assert env.origins("CORS_ORIGINS", {"CORS_ORIGINS": given}) == [word.strip() for word in given.split(",")]
    assert env.origins("CORS_ORIGINS", {}) == env.origins("CORS_ORIGINS", {"CORS_ORIGINS": " , "}) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://lab.example.org/", "https://lab.example.org"),
        ("https://lab.example.org/notebook", "https://lab.example.org"),
        ("https://lab.example.org:443", "https://lab.example.org"),
        ("http://lab.example.org:80", "http://lab.example.org"),
        ("HTTPS://Lab.Example.org", "https://lab.example.org"),
        ("https://anna:secret@lab.example.org", "https://lab.example.org"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("lab.example.org", "https://lab.example.org"),
        ("*", "https://lab.example.org"),
        ("null", "https://lab.example.org"),
        ("https://*.example.org", "https://lab.example.org"),
        ("https://", "https://lab.example.org"),
        ("https://lab..example.org", "https://lab.example.org"),
        ("https://lab.example.org:port", "https://lab.example.org"),
        ("https://lab.example.org:99999", "https://lab.example.org"),
        ("https://[::1", "https://lab.example.org"),
        ("https://lab example.org", "https://lab.example.org"),
        ("ftp://lab.example.org", "https://lab.example.org"),
        ("https://lab.example.org;https://other.example", "https://lab.example.org"),
    ],
)
def test_another_text_for_an_origin_is_refused(value, expected):
    with pytest.raises(ImproperlyConfigured, match="CORS_ORIGINS has") as refused:
        env.origins("CORS_ORIGINS", {"CORS_ORIGINS": f"https://first.example,{value}"})
    assert str(refused.value).endswith(f"write {expected}")
