"""All that is like what was chosen: shown with boxes, applied in one decision, taken back by one button."""

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


def pair(span):
    return f"{span.pk}:{span.revision}"


def said(answer):
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
    """Press a button of the panel with the box ticked, and follow to the page."""
    answer = editor.post(address(article, "article-decide"), {"span": pair(span), "alike": "1", **values})
    assert answer.status_code == 303, answer.content
    return editor.get(answer["Location"])


def test_the_panel_offers_it_with_how_many_are_alike_here(article, editor, corpus, zarif):
    page = editor.get(f"{address(article, 'article')}?span={zarif.pk}").content.decode()
    assert len(values(page, "alike")) == 3
    assert "and all like it" in text_of(page, "selected-span") and "more here" not in text_of(page, "selected-span")
    factories.suggest(article, (0, 5, "PERSON"), (31, 36, "PERSON"))
    assert "(1 more here)" in editor.get(f"{address(article, 'article')}?span={zarif.pk}").content.decode()


def test_nothing_is_done_before_it_is_shown(article, editor, zarif, others):
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
    assert said(answer) == ["Relabelled “Zarif” ORG, and 2 like it in 3 articles."]
    assert {other.spans.filter(label__name="ORG", state="confirmed").count() for other in others[1:]} == {1}
    assert others[0].spans.get().state == "suggested"
    page = editor.get(address(others[1], "article")).content.decode()
    assert "Undo relabel in 3 articles" in page
    (result,) = values(page, "decision")
    undone = editor.post(address(others[1], "article-undo"), {"decision": result, "key": "u"})
    assert said(undone) == ["Undone: relabel, in 3 articles."]
    assert f"span={others[1].spans.get().pk}#" in undone["Location"]
    assert zarif.__class__.objects.filter(state="confirmed").count() == 0
    page = editor.get(address(article, "article")).content.decode()
    assert "Redo in 3 articles" in page
    again = editor.post(address(article, "article-undo"), {"decision": values(page, "decision")[0], "key": "r"})
    assert said(again) == ["Redone: undo, in 3 articles."]


def test_the_same_form_twice_is_one_decision(article, editor, zarif, others):
    html = choose(editor, article, zarif, label="ORG").content.decode()
    form = {name: values(html, name)[0] for name in ("key", "verb", "span", "label")} | {"match": values(html, "match")}
    editor.post(address(article), form)
    assert "It was already saved." in said(editor.post(address(article), form))[-1]
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("verb", ["confirm", "reject"])
def test_confirm_and_reject(article, editor, zarif, others, verb):
    answer = editor.post(address(article, "article-decide"), {verb: pair(zarif), "alike": "1"})
    html = editor.get(answer["Location"]).content.decode()
    form = {"verb": verb, "span": pair(zarif), "match": values(html, "match")}
    assert editor.post(address(article), form).status_code == 303
    assert {other.spans.get().state for other in others} == {f"{verb}ed"}


def test_a_move_marks_what_it_would_take_in(article, editor, corpus):
    span = article.spans.get(start=10)
    other = factories.make_article(corpus, "He met Muallem.")
    factories.suggest(other, (7, 14, "ORG"))
    html = choose(editor, article, span, verb="move", start="6", end="17").content.decode()
    assert '<span class="before">He </span><mark>met Muallem</mark><span class="after">.</span>' in html
    form = {"verb": "move", "span": pair(span), "start": "6", "end": "17", "match": values(html, "match")}
    assert editor.post(address(article), form).status_code == 303
    assert other.spans.filter(start=3, end=14, state="confirmed").exists()


def test_add(article, editor, corpus):
    other = factories.make_article(corpus, "Tehran. Tehran.")
    answer = editor.post(address(article, "span-add"), {"quote": "Tehran", "label": "GPE", "alike": "1"})
    html = editor.get(answer["Location"]).content.decode()
    assert values(html, "match") == [f"{other.pk}:0:6", f"{other.pk}:8:14"]
    form = {name: values(html, name)[0] for name in ("verb", "start", "end", "label")}
    answer = editor.post(address(article), {**form, "match": values(html, "match")})
    assert said(answer) == ["Added “Tehran” GPE, and 2 like it in 2 articles."]
    added = article.spans.get(start=46)
    assert f"span={added.pk}#" in answer["Location"]


def test_an_addition_of_words_that_stand_in_several_places_keeps_the_wish(article, editor):
    article.spans.all().delete()
    wish = {"form": "add", "label": "PERSON", "alike": "1"}
    answer = editor.post(address(article, "span-add"), {**wish, "quote": "Zarif"})
    assert "Which one do you mean?" in answer.content.decode()
    assert values(answer.content.decode(), "alike")[0] == "1"
    answer = editor.post(address(article, "span-add"), {**wish, "at": "31:36"})
    assert values(editor.get(answer["Location"]).content.decode(), "match") == [f"{article.pk}:0:5"]


def test_the_scope_is_switched_by_a_link(article, editor, zarif, others):
    page = f"{address(article)}?verb=reject&span={pair(zarif)}"
    html = editor.get(f"{page}&scope=article").content.decode()
    assert values(html, "match") == [] and "Nothing else like it in this article" in html
    assert len(values(editor.get(f"{page}&scope=corpus").content.decode(), "match")) == 3
    unticked = tags(editor.get(f"{page}&ticked=0").content.decode())
    assert not any("checked" in found for _, found in unticked if found.get("name") == "match")


def test_a_page_holds_so_many(article, editor, zarif, others, monkeypatch):
    monkeypatch.setattr(view, "SHOWN", 2)
    html = editor.get(f"{address(article)}?verb=reject&span={pair(zarif)}").content.decode()
    assert len(values(html, "match")) == 2 and "3 like it in the corpus, 2 of them shown" in html


def test_what_changed_meanwhile_is_said(article, editor, zarif, others):
    html = choose(editor, article, zarif, label="ORG").content.decode()
    like = others[0].spans.get()
    decide(user=factories.make_superuser(), article=others[0], choices=[Choice("confirm", like.pk, 1)])
    form = {"verb": "relabel", "span": pair(zarif), "label": "ORG", "match": values(html, "match")}
    answer = editor.post(address(article), form)
    assert said(answer)[1] == (
        f"Left unchanged, span {like.pk} of article {others[0].pk}: it has changed: revision 2, confirmed."
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
def test_a_refusal_is_said_on_the_article(article, editor, zarif, given, status, words):
    given = {name: value.format(pk=zarif.pk) for name, value in given.items()}
    for answer in (editor.get(address(article), given), editor.post(address(article), given)):
        assert answer.status_code == status
        assert words in answer.content.decode().replace("&#x27;", "'")
    assert not Decision.objects.exists()


def test_an_unsound_box_is_refused(article, editor, zarif):
    form = {"verb": "reject", "span": pair(zarif), "match": "1:2"}
    answer = editor.post(address(article), form)
    assert answer.status_code == 400 and "is not a mention" in answer.content.decode()


def test_without_a_verb_the_address_is_the_article(article, editor, zarif):
    assert editor.get(address(article), {"span": zarif.pk})["Location"].endswith(f"/?span={zarif.pk}")
