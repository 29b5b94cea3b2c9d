"""The pages that set an article aside: the form, the notices, the way back, and a person's list."""

import pytest
from django.urls import reverse

from annotations.review.actions.set_aside import set_aside
from annotations.review.models import SetAside
from tests import factories


def at(article, name="article"):
    return reverse(name, args=[article.corpus.slug, article.pk])


@pytest.fixture
def other(corpus):
    return factories.make_article(corpus, "Mekdad spoke.", title="Mekdad in Tehran")


def words(response):
    return " ".join(response.content.decode().split())


def test_a_flag_stays_on_the_page(article, editor):
    answer = editor.post(at(article, "article-set-aside"), {"kind": "flag", "reason": "A fine lead"}, follow=True)
    assert answer.redirect_chain == [(at(article), 303)]
    assert "Flagged by you" in words(answer) and "A fine lead" in words(answer)


def test_a_park_goes_on_and_offers_an_undo(article, other, editor):
    sent = {"kind": "park", "reason": "Which <Zarif>?"}
    answer = editor.post(at(article, "article-set-aside") + "?order=work&q=", sent, follow=True)
    row = SetAside.objects.get()
    assert answer.redirect_chain == [(f"{at(other)}?order=work&set_aside={row.pk}", 302)]
    page = words(answer)
    assert 'is parked: <span dir="auto">Which &lt;Zarif&gt;?</span>' in page and "data-undo-finish" in page
    back = editor.post(at(article, "article-take-back"), {"kind": row.kind}, follow=True)
    assert back.redirect_chain == [(at(article), 303)] and "is no longer parked" in words(back)
    assert "is parked" not in words(editor.get(f"{at(other)}?set_aside={row.pk}"))


def test_the_last_article_leads_to_the_list(article, editor, visitors):
    answer = editor.post(at(article, "article-set-aside"), {"kind": "skip"}, follow=True)
    row = SetAside.objects.get()
    assert answer.redirect_chain[0][0] == f"{reverse('article-list', args=['desk'])}?set_aside={row.pk}"
    assert "is skipped" in words(answer) and "undo-key.js" in words(answer)
    # It is announced to nobody else, and no nonsense is.
    for visitor, number in ((visitors["manager"], row.pk), (editor, "x"), (editor, 10**30)):
        page = words(visitor.get(reverse("article-list", args=["desk"]), {"set_aside": number}))
        assert "is skipped" not in page


def test_a_refusal_shows_the_form_as_it_was_sent(article, editor):
    answer = editor.post(at(article, "article-set-aside"), {"kind": "park", "reason": " ", "form": "set-aside"})
    page = words(answer)
    assert answer.status_code == 400 and "A park needs a reason" in page
    assert 'id="set-aside" open' in page and 'value="park" checked' in page
    assert not SetAside.objects.exists()


def test_who_sees_and_does_what(article, visitors):
    expected = {"nobody": 302, "stranger": 404, "reader": 403, "editor": 302, "manager": 302}
    sent = {"kind": "park", "reason": "Which Zarif?"}
    assert {who: visitors[who].post(at(article, "article-set-aside"), sent).status_code for who in visitors} == expected
    assert SetAside.objects.count() == 2
    pages = {who: words(visitors[who].get(at(article))) for who in ("reader", "editor", "manager")}
    assert all("Parked by" in page and "Which Zarif?" in page for page in pages.values())
    assert {who: page.count("Take back") for who, page in pages.items()} == {"reader": 0, "editor": 2, "manager": 2}
    assert 'value="park"' in pages["editor"] and 'value="park"' not in pages["reader"]
    taken = {"kind": "park", "of": "manager"}
    assert visitors["reader"].post(at(article, "article-take-back"), taken).status_code == 403
    assert visitors["editor"].post(at(article, "article-take-back"), taken).status_code == 303
    assert visitors["editor"].post(at(article, "article-take-back"), taken).status_code == 404
    assert [row.user.username for row in SetAside.objects.all()] == ["editor"]


def test_a_done_article_offers_a_flag_alone(article, editor):
    editor.post(at(article, "article-finish"), {})
    page = words(editor.get(at(article)))
    assert 'name="kind" value="flag"' in page and 'value="park"' not in page


def test_own_list(article, other, editor, visitors, django_user_model):
    address, user = reverse("set-aside-list"), django_user_model.objects.get(username="editor")
    assert visitors["nobody"].get(address).status_code == 302
    assert "You have set no articles aside" in words(editor.get(address))
    set_aside(user=user, article=article, kind="flag", reason="For the index")
    set_aside(user=user, article=other, kind="park", reason="Who?")
    page = words(editor.get(address))
    assert "Zarif in Damascus" in page and "For the index" in page and "Mekdad in Tehran" in page
    page = words(editor.get(address, {"kind": "parked"}))
    assert "For the index" not in page and "Who?" in page
    assert "Who?" not in words(visitors["manager"].get(address))
    answer = editor.post(at(other, "article-take-back"), {"kind": "park", "from": "list"}, follow=True)
    assert answer.redirect_chain == [(address, 303)] and "Mekdad in Tehran” is no longer parked" in words(answer)
    assert "You have no parked articles" in words(editor.get(address, {"kind": "parked"}))


def test_the_list_of_articles_is_filtered(article, other, editor, visitors, django_user_model):
    user = django_user_model.objects.get(username="editor")
    set_aside(user=user, article=article, kind="flag")
    set_aside(user=user, article=other, kind="park", reason="Who?")
    address = reverse("article-list", args=["desk"])

    def listed(visitor, aside):
        return [row.article for row in visitor.get(address, {"aside": aside}).context["page"].rows]

    assert listed(editor, "flagged") == [article] and listed(editor, "parked") == [other]
    assert listed(visitors["manager"], "flagged") == [] and listed(visitors["manager"], "parked") == [other]
    assert editor.get(address, {"aside": "hidden"}).status_code == 400
    assert "1 parked" in words(editor.get(reverse("home")))
