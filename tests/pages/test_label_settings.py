"""The labels of a corpus in its settings, without scripts: previews, changes and their undo."""

import pytest
from django.test import Client
from django.urls import reverse

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Label, Span
from corpusapp.articles.models import Role
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def browser(corpus):
    client = Client()
    client.force_login(factories.make_member(corpus, Role.MANAGER))
    return client


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus)


def label(corpus, name):
    return Label.objects.get(corpus=corpus, name=name)


def at(name, label, query=""):
    return reverse(f"settings-label{name}", args=[label.corpus.slug, label.pk]) + query


def rows(corpus):
    return (
        sorted(Span.objects.filter(corpus=corpus).values_list("pk", "label__name", "state", "score", "pipeline_id")),
        list(Label.objects.filter(corpus=corpus).order_by("pk").values()),
    )


def form_of(page, action):
    """The hidden fields of the form on a page that is sent to an address."""
    import lxml.html

    (form,) = (form for form in lxml.html.fromstring(page).forms if form.action == action)
    return dict(form.form_values())


def test_a_label_is_added_and_edited(browser, corpus):
    address = reverse("settings-labels", args=[corpus.slug])
    new = {"name": "WEAPON", "family": "things", "definition": "Arms.", "key": "w", "do": "T-72", "dont": "tank\r\ngun"}
    assert browser.post(address, new).status_code == 303
    added = label(corpus, "WEAPON")
    assert (added.key, added.examples, added.position) == ("w", "+ T-72\n- tank\n- gun", 19)
    page = browser.get(at("", added)).content.decode()
    assert "T-72" in page and "tank\ngun" in page
    answer = browser.post(at("", added), {"family": "people", "definition": "", "key": "", "do": "", "dont": ""})
    added.refresh_from_db()
    assert (answer.status_code, added.family, added.key, added.examples) == (303, "people", "", "")
    refused = browser.post(address, new | {"key": "a"})
    assert refused.status_code == 400
    assert "already has a label" in refused.content.decode()
    refused = browser.post(at("", added), new | {"key": "a"})
    assert (refused.status_code, "is the shortcut of confirm" in refused.content.decode()) == (400, True)
    assert 'value="a"' in refused.content.decode()


def test_the_guidelines_show_examples(browser, corpus):
    browser.post(at("", label(corpus, "PERSON")), {"family": "people", "do": "Bashar Assad", "dont": "the president"})
    page = browser.get(reverse("guidelines", args=[corpus.slug])).content.decode()
    assert "Bashar Assad" in page and "the president" in page


def test_labels_are_moved(browser, corpus):
    person = label(corpus, "PERSON")
    browser.post(at("-move", person), {"to": "down"})
    assert Label.objects.filter(corpus=corpus).first().name == "ORG"


@pytest.fixture
def decided(corpus, article):
    spans = factories.suggest(article, (0, 5, "NORP"), (10, 17, "NORP"), (21, 29, "NORP"), (21, 29, "GPE"))
    decide(
        user=factories.make_superuser(), article=article,
        choices=[Choice("confirm", spans[0].pk, 1), Choice("reject", spans[1].pk, 1)],
    )  # fmt: skip
    return label(corpus, "NORP")


@pytest.mark.parametrize(
    ("verb", "query", "sent"),
    [
        ("-rename", "?name=PEOPLES", "Rename to PEOPLES"),
        ("-merge", "?into={gpe}", "into GPE"),
        ("-hide", "", "Hide NORP"),
    ],
)
def test_a_preview_counts_what_is_touched_and_an_undo_restores_it(browser, corpus, decided, verb, query, sent):
    before = rows(corpus)
    address = at(verb, decided)
    page = browser.get(address + query.format(gpe=label(corpus, "GPE").pk)).content.decode()
    assert "1 confirmed, 1 suggested, 1 rejected" in page and sent in page
    assert "releases and exported files stay as they are" in page
    assert rows(corpus) == before
    done = browser.post(address, form_of(page, None))
    assert done.status_code == 303
    assert rows(corpus) != before
    page = browser.get(done["Location"]).content.decode()
    undo = at("-undo", decided)
    forms = page.split(f'action="{undo}"')
    assert len(forms) >= 2
    sent_back = form_of(f'<form action="{undo}"{forms[1].split("</form>")[0]}</form>', undo)
    assert browser.post(undo, sent_back).status_code == 303
    assert rows(corpus) == before


def test_a_merge_is_told_what_is_shared(browser, corpus, decided):
    page = browser.get(at("-merge", decided, f"?into={label(corpus, 'GPE').pk}")).content.decode()
    assert "1 of the spans have a span of GPE at the same place" in page
    assert browser.get(at("-merge", decided, "?into=0")).status_code == 404
    assert browser.post(at("-merge", decided), {"into": decided.pk}).status_code == 400


def test_a_rename_that_was_overtaken_is_not_undone(browser, corpus, decided):
    browser.post(at("-rename", decided), {"name": "PEOPLES", "shown": "NORP"})
    browser.post(at("-rename", decided), {"name": "GROUPS", "shown": "PEOPLES"})
    page = browser.post(at("-undo", decided), {"former": "NORP", "shown": "PEOPLES"}, follow=True).content.decode()
    assert "is now named" in page
    decided.refresh_from_db()
    assert decided.name == "GROUPS"


def test_labels_of_other_corpora_are_not_found(browser, corpus):
    other = label(factories.make_corpus("other"), "PERSON")
    for name in ("", "-rename", "-merge", "-hide"):
        assert browser.get(reverse(f"settings-label{name}", args=[corpus.slug, other.pk])).status_code == 404
    for name in ("-rename", "-merge", "-hide", "-move", "-undo"):
        assert browser.post(reverse(f"settings-label{name}", args=[corpus.slug, other.pk])).status_code == 404
    # Not as the target of a merge either.
    assert browser.post(at("-merge", label(corpus, "PERSON")), {"into": other.pk}).status_code == 404


def test_the_workbench_offers_no_hidden_label(browser, corpus, article, decided):
    address = reverse("article", args=[corpus.slug, article.pk])
    assert "<option>LAW</option>" in browser.get(address).content.decode()
    for hidden in ("LAW", "NORP"):
        browser.post(at("-hide", label(corpus, hidden)))
    page = browser.get(address).content.decode()
    assert "<option>LAW</option>" not in page and "<option>NORP</option>" not in page
    # It is named for the spans that have it.
    assert 'data-name="NORP"' in page and 'data-name="LAW"' not in page
