"""The page of matches: preview, one decision on the selected ones, and undo."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Decision
from annotations.review.views import matches as view
from tests import factories
from tests.pages.reading import tags, text_of, values


def address(article, name="article-alike"):
    return reverse(name, args=[article.corpus.slug, article.pk])


def span_and_revision(span):
    return f"{span.pk}:{span.revision}"


def messages_of(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


@pytest.fixture
def zarif(article):
    return article.spans.get(start=0)


@pytest.fixture
def others(corpus):
    articles = [factories.make_article(corpus, f"On day {n} <b>Zarif</b> & others met.\nMore.") for n in range(3)]
    for article in articles:
        factories.suggest(article, (12, 17, "PERSON"))
    return articles


def choose(editor, article, span, **values):
    """Submit a choice with "alike" selected; returns the page of matches."""
    answer = editor.post(address(article, "article-decide"), {"span": span_and_revision(span), "alike": "1", **values})
    assert answer.status_code == 303, answer.content
    return editor.get(answer["Location"])


def test_article_page_shows_the_number_of_matches(article, editor, corpus, zarif):
    page = editor.get(f"{address(article, 'article')}?span={zarif.pk}").content.decode()
    assert len(values(page, "alike")) == 3
    assert "and all like it" in text_of(page, "selected-span") and "more here" not in text_of(page, "selected-span")
    factories.suggest(article, (0, 5, "PERSON"), (31, 36, "PERSON"))
    assert "(1 more here)" in editor.get(f"{address(article, 'article')}?span={zarif.pk}").content.decode()


def test_preview_changes_nothing(article, editor, zarif, others):
    page = choose(editor, article, zarif, label="ORG")
    assert page.status_code == 200
    html = page.content.decode()
    assert "Relabel all like" in html and "3 like it in the corpus" in html
    assert values(html, "match") == [f"{other.pk}:{other.spans.get().pk}:1" for other in reversed(others)]
    assert all("checked" in found for tag, found in tags(html) if tag == "input" and found.get("type") == "checkbox")
    assert "On day 2 &lt;b&gt;</span><mark>Zarif</mark>" in html
    assert not Decision.objects.exists()


def test_apply_undo_and_redo(article, editor, zarif, others):
    html = choose(editor, article, zarif, label="ORG").content.decode()
    form = {name: values(html, name)[0] for name in ("key", "verb", "span", "label")}
    ticked = values(html, "match")[:2]
    answer = editor.post(address(article), {**form, "match": ticked})
    assert answer.status_code == 303 and f"/articles/{article.pk}/?span=" in answer["Location"]
    assert messages_of(answer) == ["Relabelled “Zarif” ORG, and 2 like it in 3 articles."]
    assert {other.spans.filter(label__name="ORG", state="confirmed").count() for other in others[1:]} == {1}
    assert others[0].spans.get().state == "suggested"
    page = editor.get(address(others[1], "article")).content.decode()
    assert "Undo relabel in 3 articles" in page
    (result,) = values(page, "decision")
    undone = editor.post(address(others[1], "article-undo"), {"decision": result, "key": "u"})
    assert messages_of(undone) == ["Undone: relabel, in 3 articles."]
    assert f"span={others[1].spans.get().pk}#" in undone["Location"]
    assert zarif.__class__.objects.filter(state="confirmed").count() == 0
    page = editor.get(address(article, "article")).content.decode()
    assert "Redo in 3 articles" in page
    again = editor.post(address(article, "article-undo"), {"decision": values(page, "decision")[0], "key": "r"})
    assert messages_of(again) == ["Redone: undo, in 3 articles."]


def test_form_sent_twice_makes_one_decision(article, editor, zarif, others):
    html = choose(editor, article, zarif, label="ORG").content.decode()
    form = {name: values(html, name)[0] for name in ("key", "verb", "span", "label")} | {"match": values(html, "match")}
    editor.post(address(article), form)
    assert "It was already saved." in messages_of(editor.post(address(article), form))[-1]
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("verb", ["confirm", "reject"])
def test_confirm_and_reject(article, editor, zarif, others, verb):
    answer = editor.post(address(article, "article-decide"), {verb: span_and_revision(zarif), "alike": "1"})
    html = editor.get(answer["Location"]).content.decode()
    form = {"verb": verb, "span": span_and_revision(zarif), "match": values(html, "match")}
    assert editor.post(address(article), form).status_code == 303
    assert {other.spans.get().state for other in others} == {f"{verb}ed"}


def test_preview_of_a_move_marks_the_new_range(article, editor, corpus):
    span = article.spans.get(start=10)
    other = factories.make_article(corpus, "He met Muallem.")
    factories.suggest(other, (7, 14, "ORG"))
    html = choose(editor, article, span, verb="move", start="6", end="17").content.decode()
    assert '<span class="before">He </span><mark>met Muallem</mark><span class="after">.</span>' in html
    form = {"verb": "move", "span": span_and_revision(span), "start": "6", "end": "17", "match": values(html, "match")}
    assert editor.post(address(article), form).status_code == 303
    assert other.spans.filter(start=3, end=14, state="confirmed").exists()


def test_add(article, editor, corpus):
    other = factories.make_article(corpus, "Tehran. Tehran.")
    answer = editor.post(address(article, "span-add"), {"quote": "Tehran", "label": "GPE", "alike": "1"})
    html = editor.get(answer["Location"]).content.decode()
    assert values(html, "match") == [f"{other.pk}:0:6", f"{other.pk}:8:14"]
    form = {name: values(html, name)[0] for name in ("verb", "start", "end", "label")}
    answer = editor.post(address(article), {**form, "match": values(html, "match")})
    assert messages_of(answer) == ["Added “Tehran” GPE, and 2 like it in 2 articles."]
    added = article.spans.get(start=46)
    assert f"span={added.pk}#" in answer["Location"]


def test_choice_of_an_occurrence_keeps_alike_selected(article, editor):
    article.spans.all().delete()
    wish = {"form": "add", "label": "PERSON", "alike": "1"}
    answer = editor.post(address(article, "span-add"), {**wish, "quote": "Zarif"})
    assert "Which one do you mean?" in answer.content.decode()
    assert values(answer.content.decode(), "alike")[0] == "1"
    answer = editor.post(address(article, "span-add"), {**wish, "at": "31:36"})
    assert values(editor.get(answer["Location"]).content.decode(), "match") == [f"{article.pk}:0:5"]


def test_links_switch_the_scope(article, editor, zarif, others):
    page = f"{address(article)}?verb=reject&span={span_and_revision(zarif)}"
    html = editor.get(f"{page}&scope=article").content.decode()
    assert values(html, "match") == [] and "Nothing else like it in this article" in html
    assert len(values(editor.get(f"{page}&scope=corpus").content.decode(), "match")) == 3
    unticked = tags(editor.get(f"{page}&ticked=0").content.decode())
    assert not any("checked" in found for _, found in unticked if found.get("name") == "match")


def test_preview_shows_a_limited_number_of_matches(article, editor, zarif, others, monkeypatch):
    monkeypatch.setattr(view, "SHOWN", 2)
    html = editor.get(f"{address(article)}?verb=reject&span={span_and_revision(zarif)}").content.decode()
    assert len(values(html, "match")) == 2 and "3 like it in the corpus, 2 of them shown" in html


def test_matches_changed_meanwhile_are_reported(article, editor, zarif, others):
    html = choose(editor, article, zarif, label="ORG").content.decode()
    match = others[0].spans.get()
    decide(user=factories.make_superuser(), article=others[0], choices=[Choice("confirm", match.pk, 1)])
    form = {"verb": "relabel", "span": span_and_revision(zarif), "label": "ORG", "match": values(html, "match")}
    answer = editor.post(address(article), form)
    assert messages_of(answer)[1] == (
        f"Left unchanged, span {match.pk} of article {others[0].pk}: it has changed: revision 2, confirmed."
    )


@pytest.mark.parametrize(
    ("given", "status", "words"),
    [
        ({"verb": "reject"}, 400, "is not a span and revision"),
        ({"verb": "reject", "span": "{pk}:"}, 428, "missing the revision"),
        ({"verb": "reject", "span": "{pk}:9"}, 409, "at revision 1, you saw 9"),
        ({"verb": "relabel", "span": "{pk}:1", "label": "NOSUCH"}, 400, "has no label"),
        ({"verb": "relabel", "span": "{pk}:1"}, 400, "needs label"),
        ({"verb": "move", "span": "{pk}:1", "start": "0"}, 400, "End: this offset is missing"),
        ({"verb": "erase", "span": "{pk}:1"}, 400, "is not a verb"),
        ({"verb": "add", "start": "0", "end": "999", "label": "ORG"}, 400, "past the end"),
    ],
)
def test_refusal_is_shown_on_the_article_page(article, editor, zarif, given, status, words):
    given = {name: value.format(pk=zarif.pk) for name, value in given.items()}
    for answer in (editor.get(address(article), given), editor.post(address(article), given)):
        assert answer.status_code == status
        assert words in answer.content.decode().replace("&#x27;", "'")
    assert not Decision.objects.exists()


def test_invalid_match_is_refused(article, editor, zarif):
    form = {"verb": "reject", "span": span_and_revision(zarif), "match": "1:2"}
    answer = editor.post(address(article), form)
    assert answer.status_code == 400 and "is not a mention" in answer.content.decode()


def test_address_without_a_verb_redirects_to_the_article(article, editor, zarif):
    assert editor.get(address(article), {"span": zarif.pk})["Location"].endswith(f"/?span={zarif.pk}")
