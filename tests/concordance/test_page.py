"""The concordance page: list, preview, one decision on the selected mentions, and undo."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from annotations.review.models import Decision, Span
from tests.pages.reading import values

PAGES = ("concordance", "concordance-preview", "concordance-decide", "concordance-undo")


def at(name="concordance"):
    return reverse(name, args=["desk"])


def messages_of(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def boxes(client, **query):
    return values(client.get(at(), query).content.decode(), "mention")


def preview(client, selected, verb, label="", back="q=Zarif"):
    return client.post(at("concordance-preview"), {"mention": selected, "verb": verb, "label": label, "back": back})


def decide(client, page, **more):
    html = page.content.decode()
    sent = {"choice": values(html, "choice"), "key": values(html, "key")[0], "back": "q=Zarif", **more}
    return client.post(at("concordance-decide"), sent)


def test_only_members_see_the_concordance(visitors, articles):
    statuses = {who: client.get(at(), {"q": "Zarif"}).status_code for who, client in visitors.items()}
    assert statuses == {"nobody": 302, "stranger": 404, "reader": 200, "editor": 200, "manager": 200}
    assert values(visitors["reader"].get(at(), {"q": "Zarif"}).content.decode(), "mention") == []


def test_only_editors_decide(visitors, articles):
    selected = boxes(visitors["editor"], q="Zarif")[:1]
    for who, status in {"nobody": 302, "stranger": 404, "reader": 403, "manager": 200}.items():
        assert preview(visitors[who], selected, "confirm").status_code == status, who
    for name in PAGES[2:]:
        for who, status in {"nobody": 302, "stranger": 404, "reader": 403, "manager": 400}.items():
            assert visitors[who].post(at(name), {"back": "q=Zarif"}).status_code == status, (who, name)
    assert not Decision.objects.exists()


def test_list_shows_mentions_in_context_with_their_spans(editor, articles):
    page = editor.get(at(), {"q": "zarif"}).content.decode()
    assert "5 mentions in 3 articles" in page
    forms = re.findall(r'dir="auto">([^<]+)</a> <span class="count">(\d+)</span>', page)
    assert forms == [("Zarif", "3"), ("Zarif Foundation", "1"), ("zarif", "1")]
    first, second, third = articles
    span = Span.objects.get(article=third, start=16)
    assert boxes(editor, q="zarif") == [
        f"{third.pk}:{span.pk}:1",
        f"{second.pk}:{second.spans.get().pk}:1",
        f"{second.pk}:27-32",
        f"{first.pk}:{first.spans.get(start=6).pk}:1",
        f"{first.pk}:43-48",
    ]


def test_one_decision_on_several_articles_and_one_undo(editor, articles):
    page = preview(editor, boxes(editor, q="Zarif", mode="exact"), "label", "PERSON")
    html = page.content.decode()
    assert "there is a suggested span" in html
    will = "Will change 1 label, confirm 1 suggestion and add 1 span in 2 articles; 1 left out ("
    assert page.status_code == 200 and will in html, html
    assert not Decision.objects.exists()
    answer = decide(editor, page)
    assert answer.status_code == 303 and messages_of(answer) == ["Decided 3 mentions in 2 articles."]
    decision = Decision.objects.get()
    assert answer["Location"] == f"{at()}?q=Zarif&stroke={decision.pk}"
    confirmed = Span.objects.filter(state="confirmed").values_list("article", "start", "end", "label__name")
    first, _, third = articles
    assert sorted(confirmed) == [
        (first.pk, 6, 11, "PERSON"),
        (first.pk, 43, 48, "PERSON"),
        (third.pk, 16, 21, "PERSON"),
    ]
    html = editor.get(answer["Location"]).content.decode()
    assert ">Undo</button>" in html
    answer = editor.post(at("concordance-undo"), {"decision": str(decision.pk), "back": "q=Zarif"})
    assert answer.status_code == 303 and messages_of(answer)[-1] == "Undone in 2 articles."
    assert not Span.objects.exclude(state="suggested").exists()


def test_mentions_changed_since_are_left_out_and_reported(editor, visitors, articles):
    page = preview(editor, boxes(editor, q="Zarif", mode="exact"), "label", "PERSON")
    first, _, third = articles
    visitors["manager"].post(
        reverse("article-decide", args=["desk", third.pk]), {"reject": f"{third.spans.get(start=16).pk}:1"}
    )
    answer = decide(editor, page)
    assert answer.status_code == 303
    assert [line for line in messages_of(answer) if "has changed" in line]
    assert Span.objects.get(article=third, start=16).state == "rejected"
    assert Span.objects.filter(article=first, state="confirmed").count() == 2


def test_form_sent_twice_makes_one_decision(editor, articles):
    page = preview(editor, boxes(editor, q="Muallem"), "label", "PERSON")
    assert decide(editor, page).status_code == decide(editor, page).status_code == 303
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    ("sent", "status", "reason"),
    [
        ({}, 400, "choose what to do"),
        ({"verb": "confirm"}, 400, "nothing is selected"),
        ({"verb": "confirm", "mention": "x"}, 400, "is not a mention"),
        ({"verb": "label", "mention": "1:2:3"}, 400, "choose a label"),
    ],
)
def test_refused_form_shows_the_list_again(editor, articles, sent, status, reason):
    answer = editor.post(at("concordance-preview"), {"back": "q=Zarif", **sent})
    assert answer.status_code == status and reason in answer.content.decode().lower()
    assert "Zarif Foundation" in answer.content.decode()


@pytest.mark.parametrize(
    "query",
    [{"score_from": "2"}, {"mode": "x"}, {"order": "left"}, {"published_from": "x"}, {"q": "Zarif", "cursor": "x"}],
)
def test_invalid_filter_is_shown_with_its_refusal(editor, articles, query):
    answer = editor.get(at(), query)
    assert answer.status_code == 400 and 'role="alert"' in answer.content.decode()


def test_mentions_of_done_articles_cannot_be_selected(editor, visitors, articles):
    editor.post(reverse("article-finish", args=["desk", articles[0].pk]))
    html = editor.get(at(), {"q": "Muallem"}).content.decode()
    assert "disabled" in html
    answer = preview(editor, [f"{articles[0].pk}:16-23"], "label", "PERSON")
    assert "done: reopen it first" in answer.content.decode()
