"""Access to every page and form, by role."""

import zlib
from itertools import product

import pytest
from django.db import transaction
from django.urls import reverse

from annotations.entities.actions.entities import create_entity
from corpusapp.articles.models import Article, CopyGroup, Original
from tests import factories
from tests.pages.reading import tags

# Status for: nobody, stranger, reader, editor, manager.
PAGES = {
    "home": (302, 200, 200, 200, 200),
    "help": (200, 200, 200, 200, 200),
    "sign-in": (200, 302, 302, 302, 302),
    "password-change": (302, 200, 200, 200, 200),
    "password-changed": (302, 200, 200, 200, 200),
    "corpus": (302, 404, 200, 200, 200),
    "dashboard": (302, 404, 200, 200, 200),
    "article-list": (302, 404, 200, 200, 200),
    "article": (302, 404, 200, 200, 200),
    "span-history": (302, 404, 200, 200, 200),
    "copies": (302, 404, 200, 200, 200),
    "original": (302, 404, 200, 200, 200),
    "reading": (302, 404, 200, 200, 200),
    "corpus-members": (302, 404, 403, 403, 200),
    "import": (302, 404, 403, 403, 200),
    "corpus-new": (302, 403, 403, 403, 403),
    "corpus-settings": (302, 404, 403, 403, 200),
    "settings-guidelines": (302, 404, 403, 403, 200),
    "settings-labels": (302, 404, 403, 403, 200),
    "settings-label": (302, 404, 403, 403, 200),
    "settings-label-rename": (302, 404, 403, 403, 200),
    "settings-label-merge": (302, 404, 403, 403, 400),
    "settings-label-hide": (302, 404, 403, 403, 200),
    "import-batch": (302, 404, 200, 200, 200),
    "suggestion-run": (302, 404, 200, 200, 200),
    "entities": (302, 404, 200, 200, 200),
    "entities-duplicates": (302, 404, 200, 200, 200),
    "entities-unlinked": (302, 404, 200, 200, 200),
    "entities-ambiguous": (302, 404, 200, 200, 200),
    "entities-compare": (302, 404, 400, 400, 400),
    "entities-import": (302, 404, 403, 403, 200),
    "settings-knowledge": (302, 404, 403, 403, 200),
    "entity-new": (302, 404, 403, 200, 200),
    "entity": (302, 404, 200, 200, 200),
    "entity-find": (302, 404, 200, 200, 200),
    "entity-history": (302, 404, 200, 200, 200),
    "span-entity": (302, 404, 403, 200, 200),
}
FORMS = {
    "article-alike": (302, 404, 403, 303, 303),
    "article-decide": (302, 404, 403, 303, 303),
    "article-confirm-shown": (302, 404, 403, 303, 303),
    "article-finish": (302, 404, 403, 303, 303),
    "article-reopen": (302, 404, 403, 409, 409),
    "article-undo": (302, 404, 403, 404, 404),
    "span-add": (302, 404, 403, 303, 303),
    "zone-add": (302, 404, 403, 303, 303),
    "suggest-again": (302, 404, 403, 303, 303),
    "reading": (302, 404, 403, 303, 303),
    "copies-count": (302, 404, 403, 303, 303),
    "copies-leave": (302, 404, 403, 303, 303),
    "corpus-new": (302, 403, 403, 403, 403),
    "corpus-settings": (302, 404, 403, 403, 400),
    "settings-guidelines": (302, 404, 403, 403, 409),
    "settings-labels": (302, 404, 403, 403, 400),
    "settings-label": (302, 404, 403, 403, 400),
    "settings-label-rename": (302, 404, 403, 403, 409),
    "settings-label-merge": (302, 404, 403, 403, 400),
    "settings-label-hide": (302, 404, 403, 403, 303),
    "settings-label-move": (302, 404, 403, 403, 303),
    "settings-label-undo": (302, 404, 403, 403, 303),
    "corpus-withdraw": (302, 404, 403, 403, 303),
    "corpus-restore": (302, 404, 403, 403, 409),
    "entity-new": (302, 404, 403, 303, 303),
    "entity-edit": (302, 404, 403, 303, 303),
    "entity-look-up": (302, 404, 403, 400, 400),
    "entity-take": (302, 404, 403, 400, 400),
    "entities-import": (302, 404, 403, 403, 400),
    "settings-knowledge": (302, 404, 403, 403, 400),
    "settings-knowledge-address": (302, 404, 403, 403, 200),
    "entity-names": (302, 404, 403, 303, 303),
    "entity-identifiers": (302, 404, 403, 400, 400),
    "entity-mentions": (302, 404, 403, 400, 400),
    "entity-move": (302, 404, 403, 400, 400),
    "entities-compare": (302, 404, 403, 400, 400),
    "entities-duplicates": (302, 404, 403, 400, 400),
    "entities-unlinked": (302, 404, 403, 400, 400),
    "entities-ambiguous": (302, 404, 403, 400, 400),
    "entities-undo": (302, 404, 404, 404, 404),
    "span-entity": (302, 404, 403, 400, 400),
}
# Forms whose GET is another page, or no page.
ALONE = {"suggest-again", "reading", "copies-count", "copies-leave", "corpus-withdraw", "corpus-restore", "span-entity"}
ALONE |= {"corpus-new", "corpus-settings", *(name for name in FORMS if name.startswith(("entity-", "entities-")))}
WHO = ("nobody", "stranger", "reader", "editor", "manager")


@pytest.fixture
def address(article):
    """The address of a page by its name."""
    from annotations.suggestions.actions.runs import start_run

    span = article.spans.first()
    run = start_run(user=factories.make_superuser(), corpus=article.corpus, article_ids=[article.pk], batch=None)
    Original.objects.create(
        article=article, form="txt", name="a.txt", size=3, data=zlib.compress(article.text.encode()), extractor="x"
    )
    other = factories.make_article(article.corpus, "A copy of it.")
    group = CopyGroup.objects.create(corpus=article.corpus)
    Article.objects.filter(pk__in=[article.pk, other.pk]).update(copy_group=group)
    slug = article.corpus.slug
    entity = create_entity(user=factories.make_superuser(), corpus=article.corpus, name="Zarif", label="PERSON")
    more = {
        "span-history": [span.pk],
        "span-entity": [span.pk],
        "import-batch": [article.batch_id],
        "suggestion-run": [run.pk],
    }

    def of(name: str) -> str:
        if name == "entity-new" or name.startswith("entities"):
            return reverse(name, args=[slug])
        if name.startswith("entity"):
            return reverse(name, args=[slug, entity.entities[0].pk])
        if name in ("home", "help", "sign-in", "password-change", "password-changed"):
            return reverse(name)
        if name == "corpus-new":
            return reverse(name)
        if name.startswith("settings-label") and name != "settings-labels":
            return reverse(name, args=[slug, article.corpus.labels.first().pk])
        if name.startswith(("corpus-", "settings-")):
            return reverse(name, args=[slug])
        if name in ("corpus", "dashboard", "article-list", "import", "import-batch", "suggestion-run"):
            return reverse(name, args=[slug, *more.get(name, [])])
        return reverse(name, args=[slug, article.pk, *more.get(name, [])])

    return of


def test_pages(address, visitors):
    seen = {name: tuple(visitors[who].get(address(name)).status_code for who in WHO) for name in PAGES}
    assert seen == PAGES


def test_forms(address, visitors, article):
    span = article.spans.first()
    filled = {
        "confirm": f"{span.pk}:{span.revision}", "shown": f"{span.pk}:{span.revision}", "decision": "1",
        "quote": "Tehran", "label": "GPE", "kind": "caption",
        "verb": "confirm", "span": f"{span.pk}:{span.revision}", "name": "Another", "revision": "1",
    }  # fmt: skip
    answers = {}
    for name, who in product(FORMS, WHO):
        # All forms use the same article, so each is rolled back.
        before = transaction.savepoint()
        answers[name, who] = visitors[who].post(address(name), filled)
        transaction.savepoint_rollback(before)
    assert {name: tuple(answers[name, who].status_code for who in WHO) for name in FORMS} == FORMS
    for name in FORMS:
        assert answers[name, "nobody"]["Location"].startswith(reverse("sign-in"))


def test_get_of_a_form_redirects_to_the_article(address, visitors):
    for name in {name for name in FORMS if not name.startswith("settings-")} - ALONE:
        answer = visitors["editor"].get(address(name), {"span": "12"})
        assert answer["Location"] == address("article") + "?span=12", name
        assert visitors["stranger"].get(address(name)).status_code == 404, name


def test_get_does_not_request_suggestions(address, editor):
    assert editor.get(address("suggest-again")).status_code == 405


def test_article_is_not_found_under_another_corpus(article, editor):
    other = factories.make_corpus("elsewhere")
    factories.set_member(
        user=factories.make_superuser(),
        corpus=other,
        member=factories.User.objects.get(username="editor"),
        role="editor",
    )
    assert editor.get(reverse("article", args=[other.slug, article.pk])).status_code == 404


def test_home_shows_only_own_corpora(corpus, visitors):
    factories.make_corpus("elsewhere", name="Another's")
    assert "Another" not in visitors["reader"].get("/").content.decode()
    assert "The desk" in visitors["reader"].get("/").content.decode()
    assert "Ask the manager of a corpus" in visitors["stranger"].get("/").content.decode()


def test_links_depend_on_the_role(address, visitors):
    manager, reader = (visitors[who].get(address("corpus")).content.decode() for who in ("manager", "reader"))
    assert "/import/" in manager
    assert "/admin/" in manager
    assert f'href="{address("import")}"' not in reader
    assert "/admin/" not in reader


def test_no_page_needs_inline_script_or_style(address, visitors):
    for name in set(PAGES) - {"sign-in"}:
        page = visitors["manager"].get(address(name))
        if page.streaming:
            # The file of an original.
            continue
        for tag, attributes in tags(page.content.decode()):
            assert tag != "style", name
            assert tag != "script" or "src" in attributes, name
            assert not [key for key in attributes if key == "style" or key.startswith("on")], name


def test_the_policy_is_strict(address, editor):
    policy = editor.get(address("article"))["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
