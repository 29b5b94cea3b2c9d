"""A new corpus, its general settings and its guidelines, in the browser without scripts."""

import pytest
from django.test import Client
from django.urls import reverse

from annotations.review.models import Label
from corpusapp.articles.actions.corpora import edit_guidelines, guidelines_mark
from corpusapp.articles.models import Corpus, Membership, Role
from corpusapp.articles.templatetags.markdown import markdown
from tests import factories

pytestmark = pytest.mark.django_db
NEW = {"name": "Iran and Syria", "slug": "", "language": "en", "label_set": "ontonotes", "labels": ""}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root():
    return signed_in(factories.make_superuser())


@pytest.fixture
def corpus():
    return factories.make_corpus(guidelines="Whole names.")


@pytest.fixture
def manager(corpus):
    return signed_in(factories.make_member(corpus, Role.MANAGER))


def labels(slug):
    return list(Label.objects.filter(corpus__slug=slug).values_list("name", "definition"))


def test_a_new_corpus_gets_a_label_set_and_goes_on_to_its_first_import(root):
    answer = root.post(reverse("corpus-new"), NEW | {"label_set": "conll", "language": "fa"})
    assert (answer.status_code, answer["Location"]) == (303, reverse("import", args=["iran-and-syria"]))
    corpus = Corpus.objects.get()
    assert (corpus.slug, corpus.name, corpus.language) == ("iran-and-syria", "Iran and Syria", "fa")
    assert [name for name, _ in labels(corpus.slug)] == ["PER", "ORG", "LOC", "MISC"]
    assert Membership.objects.get(corpus=corpus).role == Role.MANAGER
    assert "Next: import its first articles" in root.get(answer["Location"]).content.decode()
    assert not corpus.entities_enabled


def test_a_new_corpus_links_entities_unless_this_is_unticked(root):
    page = root.get(reverse("corpus-new")).content.decode()
    assert 'name="entities_enabled" aria-describedby="entities-help" checked' in page
    assert root.post(reverse("corpus-new"), NEW | {"label_set": "conll", "entities_enabled": "on"}).status_code == 303
    assert Corpus.objects.get().entities_enabled


def test_own_labels_are_read_by_line(root):
    own = "WEAPON: named kinds of arms: rifles\r\n\r\nUNIT\tbrigades\r\nSHIP"
    assert root.post(reverse("corpus-new"), NEW | {"label_set": "own", "labels": own}).status_code == 303
    assert labels("iran-and-syria") == [
        ("WEAPON", "named kinds of arms: rifles"), ("UNIT", "brigades"), ("SHIP", "")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "This field is required"),
        ({"name": "دمشق"}, "no address can be made of the name"),
        ({"slug": "Iran Syria"}, "cannot be a corpus"),
        ({"slug": "new"}, "the address of a page"),
        ({"slug": "desk"}, "already exists"),
        ({"language": "klingon"}, "Select a valid choice"),
        ({"label_set": "wordnet"}, "Select a valid choice"),
        ({"label_set": "own"}, "enter at least one label"),
        ({"label_set": "own", "labels": "SHIP\n\nSHIP: again"}, "line 3: the label &#x27;SHIP&#x27; is listed twice"),
        ({"label_set": "own", "labels": "SHIP\n_X: no"}, "line 2: &#x27;_X&#x27; cannot be a label"),
    ],
)
def test_a_refused_corpus_is_shown_as_typed(root, corpus, changed, said):
    answer = root.post(reverse("corpus-new"), NEW | changed)
    page = answer.content.decode()
    assert (answer.status_code, Corpus.objects.count()) == (400, 1)
    assert said in page
    if "name" not in changed:
        assert 'value="Iran and Syria"' in page


def test_general_settings(manager, corpus):
    address = reverse("corpus-settings", args=[corpus.slug])
    assert manager.post(address, {"name": "The desk", "language": "ar", "nesting_allowed": "on"}).status_code == 303
    corpus.refresh_from_db()
    assert (corpus.name, corpus.language, corpus.nesting_allowed) == ("The desk", "ar", True)
    assert corpus.guidelines == "Whole names."
    assert manager.post(address, {"name": "", "language": "ar"}).status_code == 400
    corpus.refresh_from_db()
    assert corpus.name == "The desk"
    assert reverse("corpus-withdraw", args=[corpus.slug]) in manager.get(address).content.decode()


def test_a_preview_saves_nothing_and_loses_nothing(manager, corpus):
    address, mark = reverse("settings-guidelines", args=[corpus.slug]), guidelines_mark(corpus.guidelines)
    page = manager.post(address, {"guidelines": "# Titles\r\n\r\n*stay out*", "shown": mark, "preview": "1"})
    assert "<h3>Titles</h3>" in page.content.decode()
    assert "# Titles\n\n*stay out*" in page.content.decode()
    corpus.refresh_from_db()
    assert corpus.guidelines == "Whole names."
    assert manager.post(address, {"guidelines": "# Titles", "shown": mark}).status_code == 303
    corpus.refresh_from_db()
    assert corpus.guidelines == "# Titles"
    assert "<h4>Titles</h4>" not in manager.get(reverse("corpus", args=[corpus.slug])).content.decode()
    assert "<h3>Titles</h3>" in manager.get(reverse("corpus", args=[corpus.slug])).content.decode()


def test_guidelines_changed_meanwhile_are_not_overwritten(manager, corpus):
    address, mark = reverse("settings-guidelines", args=[corpus.slug]), guidelines_mark(corpus.guidelines)
    edit_guidelines(user=factories.make_superuser(), corpus=corpus, guidelines="Of another.", shown=mark)
    answer = manager.post(address, {"guidelines": "Mine.", "shown": mark})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Of another." in page and "Mine." in page
    corpus.refresh_from_db()
    assert corpus.guidelines == "Of another."
    # The page is based on the text that it shows, so that saving again replaces it knowingly.
    assert f'value="{guidelines_mark("Of another.")}"' in page
    answer = manager.post(address, {"guidelines": "Both.", "shown": guidelines_mark("Of another.")})
    assert answer.status_code == 303


def test_guidelines_that_are_too_long_are_refused(manager, corpus):
    address, mark = reverse("settings-guidelines", args=[corpus.slug]), guidelines_mark(corpus.guidelines)
    answer = manager.post(address, {"guidelines": "x" * 100_001, "shown": mark})
    assert answer.status_code == 400
    assert "the limit is 100000" in answer.content.decode()


def test_members_are_in_the_navigation_only_where_there_is_a_page_of_them(manager, corpus):
    page = manager.get(reverse("corpus-settings", args=[corpus.slug])).content.decode()
    assert 'aria-current="page">General</a>' in page


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# One\n## Two", "<h3>One</h3>\n<h4>Two</h4>"),
        ("a\nb", "<p>a<br />\nb</p>"),
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>"),
        ("[x](https://example.org)", '<a href="https://example.org" rel="noopener noreferrer nofollow">x</a>'),
        ("![x](https://example.org/x.png)", '!<a href="https://example.org/x.png"'),
        ("    indented", "<p>indented</p>"),
        ('[x](https://a.b "\\" onclick=\\"")', "&quot; onclick=&quot;"),
    ],
)
def test_markdown(text, html):
    found = markdown(text)
    assert html in found
    assert "<script" not in found and "<img" not in found


PUBLICATION = {
    "licence": "CC-BY-4.0",
    "version": "1.2.0",
    "citation": '@misc{wire,\n  title = {The {"Wire"}},\n}',
    "contact": "Anna <a@example.org>",
}


def test_a_manager_says_what_users_of_the_data_have_to_know(corpus, manager):
    address, given = reverse("corpus-settings", args=["desk"]), {"name": "Desk", "language": "en", **PUBLICATION}
    assert '<option value="CC0-1.0">' in manager.get(address).content.decode()
    typed = given | {"citation": PUBLICATION["citation"].replace("\n", "\r\n")}
    assert manager.post(address, typed).status_code == 303
    corpus.refresh_from_db()
    assert {name: getattr(corpus, name) for name in PUBLICATION} == PUBLICATION
    page = manager.get(address).content.decode()
    assert 'value="Anna &lt;a@example.org&gt;"' in page and "title = {The {&quot;Wire&quot;}}" in page


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("licence", "x" * 501, "at most 500 characters"),
        ("licence", "CC0\u2028CC1", "a tab or line break (U+2028) at 3"),
        ("version", "1\x07", "a control character (U+0007) at 1"),
        ("citation", "x" * 10_001, "at most 10000 characters"),
        ("citation", "a\x1bb", "a control character (U+001B) at 1"),
        ("contact", "An\x85na", "a control character (U+0085) at 2"),
    ],
)
def test_what_no_file_could_hold_is_refused_and_nothing_is_saved(corpus, manager, field, value, reason):
    given = {"name": "Other", "language": "en", **PUBLICATION, field: value}
    answer = manager.post(reverse("corpus-settings", args=["desk"]), given)
    assert answer.status_code == 400 and reason in answer.content.decode()
    corpus.refresh_from_db()
    assert (corpus.name, corpus.licence) == ("Desk", "")
