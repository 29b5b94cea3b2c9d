"""The pages of knowledge bases and of the import of a list."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from annotations.entities.actions.entities import create_entity
from annotations.entities.models import Entity, KnowledgeService
from annotations.review.models import Decision
from corpusapp.accounts.models import Token
from corpusapp.articles.models import Role
from tests.entities.knowledge_base import running
from tests.factories import make_corpus, make_member
from tests.pages.reading import tags

pytestmark = pytest.mark.django_db


@pytest.fixture
def base(settings):
    settings.SERVICE_HOSTS = ["127.0.0.1"]
    with running() as service:
        yield service


@pytest.fixture
def corpus():
    return make_corpus()


@pytest.fixture
def browser(corpus):
    client = Client()
    client.force_login(make_member(corpus, Role.MANAGER))
    return client


def text_of(response):
    return response.content.decode()


def hidden(response):
    """The hidden values of the forms of a page."""
    inputs = [attributes for name, attributes in tags(text_of(response)) if name == "input"]
    return {one["name"]: one.get("value", "") for one in inputs if one.get("type") == "hidden"}


def test_a_knowledge_base_is_set_up_asked_and_taken_from_in_the_browser(base, corpus, browser):
    settings = reverse("settings-knowledge", args=["desk"])
    assert "https://wikidata.reconci.link/en/api" in text_of(browser.get(settings))
    values = {
        "name": "Wikidata",
        "url": base.url,
        "scheme": "wikidata",
        "types": "PERSON Q5",
        "alias_properties": "Aen",
    }
    assert browser.post(settings, {**values, "types": "PERSON"}).status_code == 400
    refused = browser.post(settings, {**values, "url": "http://10.0.0.1/"})
    assert refused.status_code == 400 and "SERVICE_HOSTS allows 127.0.0.1" in text_of(refused)
    assert browser.post(settings, values).status_code == 303
    service = KnowledgeService.objects.get()
    assert service.types == {"PERSON": "Q5"} and base.url in text_of(browser.get(settings))

    haddad = create_entity(user=make_member(corpus), corpus=corpus, name="Omar Haddad", label="PERSON").entities[0]
    page, named = reverse("entity", args=["desk", haddad.pk]), {"service": service.pk}
    assert "Find in Wikidata" in text_of(browser.get(page))
    found = browser.post(reverse("entity-look-up", args=["desk", haddad.pk]), named, follow=True)
    assert (
        "2 candidates" in text_of(found) and "mayor of Port Lina" in text_of(found) and "a footballer" in text_of(found)
    )
    taken = browser.post(
        reverse("entity-take", args=["desk", haddad.pk]), {**named, "candidate": "Q901", "revision": 1, "key": "k"},
        follow=True,
    )  # fmt: skip
    assert "is wikidata Q901" in text_of(taken) and "is taken" in text_of(taken)
    assert set(haddad.aliases.values_list("name", flat=True)) == {"Omar Haddad", "O. Haddad"}

    base.answer = b"<html>"
    Entity.objects.filter(pk=haddad.pk).update(name="O. Haddad")
    failed = browser.post(reverse("entity-look-up", args=["desk", haddad.pk]), named)
    assert failed.status_code == 502 and "Wikidata answers POST its address with invalid JSON" in text_of(failed)
    assert browser.post(reverse("settings-knowledge-remove", args=["desk", service.pk])).status_code == 303
    assert not KnowledgeService.objects.exists()


def test_an_address_for_openrefine_is_shown_once(corpus, browser):
    shown = text_of(browser.post(reverse("settings-knowledge-address", args=["desk"])))
    url = shown.partition('class="token-key">')[2].partition("<")[0]
    assert Client().get(url.removeprefix("http://testserver")).json()["versions"] == ["0.2"]
    token = Token.objects.get()
    assert (token.scope, token.corpus) == ("read", corpus)
    assert "token-key" not in text_of(browser.get(reverse("settings-knowledge", args=["desk"])))


def test_a_list_is_previewed_with_a_choice_of_columns_and_imported(corpus, browser):
    address = reverse("entities-import", args=["desk"])
    assert browser.get(address).status_code == 200
    file = SimpleUploadedFile("liste.csv", b"Titel,Art,GND\nAda <Roth>,PERSON,118\nBea,ROBOT,119\n")
    refused = browser.post(address, {"file": file})
    assert refused.status_code == 400 and "No column is the name" in text_of(refused)
    file = SimpleUploadedFile("liste.csv", b"Name,Art,GND\nAda <Roth>,PERSON,118\nBea,ROBOT,119\n")
    preview = browser.post(address, {"file": file, "label": "ORG"})
    assert preview.status_code == 200 and "2 new, 0 known" in text_of(preview)
    assert "Angle brackets" not in text_of(preview) and "Ada &lt;Roth&gt;" in text_of(preview)
    values = hidden(preview)
    values |= {"column:Name": "name", "column:Art": "label", "column:GND": "identifier:gnd", "label": "ORG"}
    again = browser.post(address, values)
    assert "1 new, 0 known" in text_of(again) and "Line 3" in text_of(again) and "ROBOT" in text_of(again)
    assert not Entity.objects.exists()
    done = browser.post(address, {**values, "import": "1"}, follow=True)
    assert "Imported 1 entity; 0 entities gained something. 1 entry left out." in text_of(done)
    assert Entity.objects.get().identifiers.get().scheme == "gnd"
    # Sent twice, it is imported once.
    browser.post(address, {**values, "import": "1"})
    assert Decision.objects.count() == 1


def test_a_kept_file_is_its_uploader_s_alone(corpus, browser):
    address = reverse("entities-import", args=["desk"])
    file = SimpleUploadedFile("list.csv", b"name,label\nAda,PERSON\n")
    draft = hidden(browser.post(address, {"file": file}))["draft"]
    other = Client()
    other.force_login(make_member(corpus, Role.MANAGER))
    for client, given in ((other, draft), (browser, draft[:-1]), (browser, ""), (browser, "x:y:z")):
        refused = client.post(address, {"draft": given, "import": "1"})
        assert refused.status_code == 400 and "choose it again" in text_of(refused)
    assert not Entity.objects.exists()
