"""Saved filters: own and shared, what they list, and the next article that they lead to."""

import pytest
from django.urls import reverse

from annotations.review.models import SavedFilter
from corpusapp.accounts.models import User
from corpusapp.articles.actions.erase import erase_corpus
from tests import factories
from tests.api.client import Rest


@pytest.fixture
def address(corpus):
    return reverse("article-list", args=[corpus.slug])


@pytest.fixture
def two(corpus):
    rain = factories.make_article(corpus, "It rained.", title="Rain", source="SANA")
    snow = factories.make_article(corpus, "It snowed.", title="Snow", source="IRNA")
    return rain, snow


def save(visitor, **values):
    return visitor.post(reverse("filter-save", args=["desk"]), {"name": "SANA", "query": "source=SANA", **values})


def test_a_saved_filter_lists_its_articles_and_is_carried_on(address, two, editor):
    page = editor.get(address, {"source": "SANA", "order": "date"}).text
    assert 'name="query" value="source=SANA&amp;order=date"' in page
    answer = save(editor, query="source=SANA&order=date&cursor=x&view=columns")
    saved = SavedFilter.objects.get()
    assert answer.status_code == 303 and answer["Location"] == f"{address}?filter={saved.pk}"
    assert saved.query == "source=SANA&order=date" and not saved.shared
    page = editor.get(answer["Location"]).text
    assert "Saved filter “SANA”." in page and "Rain" in page and "Snow</a>" not in page
    assert f'/articles/{two[0].pk}/?filter={saved.pk}"' in page and f'/next/?filter={saved.pk}"' in page
    assert f'href="?filter={saved.pk}&amp;order=work"' in page and 'value="SANA" checked' in page
    # What the address says besides goes over what is saved.
    assert "Snow</a>" in editor.get(address, {"filter": saved.pk, "source": "IRNA"}).text
    following = editor.get(reverse("article-next", args=["desk"]), {"filter": saved.pk})
    assert following["Location"].endswith(f"/articles/{two[0].pk}/?filter={saved.pk}")


def test_next_takes_the_filters_of_the_list(address, two, editor):
    following = editor.get(reverse("article-next", args=["desk"]), {"source": "SANA", "order": "date"})
    assert following["Location"].endswith(f"/articles/{two[0].pk}/?source=SANA&order=date")
    none = editor.get(reverse("article-next", args=["desk"]), {"source": "AFP"}, follow=True)
    assert "No other articles" in none.text
    assert editor.get(reverse("article-next", args=["desk"]), {"filter": "77"}).status_code == 404


def test_the_article_page_leads_on_in_the_same_list(address, two, editor):
    rain, _ = two
    other = factories.make_article(rain.corpus, "It hailed.", title="Hail", source="SANA")
    save(editor, query="source=SANA&order=work")
    saved = SavedFilter.objects.get()
    at = reverse("article", args=["desk", rain.pk])
    page = editor.get(at, {"filter": saved.pk}).text
    assert f'/articles/{rain.pk}/finish/?filter={saved.pk}"' in page
    assert f'<input type="hidden" name="filter" value="{saved.pk}">' in page
    assert '<option value="work" selected>' in page
    finish = reverse("article-finish", args=["desk", rain.pk])
    following = editor.post(f"{finish}?filter={saved.pk}", {"next": "1"})
    assert f"/articles/{other.pk}/?filter={saved.pk}&finished=" in following["Location"]
    SavedFilter.objects.all().delete()
    assert "filter=" not in editor.get(at, {"filter": saved.pk}).text


def test_managers_share_and_delete_shared_filters(address, two, visitors):
    editor, manager, reader = (visitors[name] for name in ("editor", "manager", "reader"))
    assert save(editor, shared="on").status_code == 403
    save(editor, name="mine")
    save(manager, name="ours", shared="on")
    mine, ours = SavedFilter.objects.order_by("pk")
    for visitor, seen in ((editor, {"mine", "ours"}), (manager, {"ours"}), (reader, {"ours"})):
        page = visitor.get(address).text
        assert {name for name in ("mine", "ours") if f'dir="auto">{name}</a>' in page} == seen
    assert reader.get(address, {"filter": mine.pk}).status_code == 404
    delete = {each.pk: reverse("filter-delete", args=["desk", each.pk]) for each in (mine, ours)}
    assert editor.post(delete[ours.pk]).status_code == 403
    assert manager.post(delete[mine.pk]).status_code == 404
    assert "Deleted filter “ours”" in manager.post(delete[ours.pk], follow=True).text
    assert editor.post(delete[mine.pk], {"back": f"filter={mine.pk}"})["Location"] == f"{address}?source=SANA"
    assert not SavedFilter.objects.exists()


REFUSED = [
    ({"name": " "}, 400, "A filter needs a name"),
    ({"name": "x" * 81}, 400, "A filter needs a name"),
    ({"query": ""}, 400, "There is nothing to save"),
    ({"query": "stage=gone"}, 400, "is not a stage"),
    ({"query": "order=sideways"}, 400, "is not an order"),
    ({"query": "nothing=known"}, 400, "There is nothing to save"),
    ({"name": "taken"}, 409, "You already have a filter"),
]


@pytest.mark.parametrize(("sent", "status", "sentence"), REFUSED)
def test_what_cannot_be_saved_is_refused(address, two, editor, sent, status, sentence):
    save(editor, name="taken")
    answer = save(editor, **sent)
    assert answer.status_code == status and sentence in answer.text
    assert SavedFilter.objects.count() == 1


def test_a_filter_that_no_longer_holds_is_shown_with_its_refusal(address, corpus, editor):
    user = User.objects.get(username="editor")
    saved = SavedFilter.objects.create(user=user, corpus=corpus, name="old", query="stage=gone")
    answer = editor.get(address, {"filter": saved.pk})
    assert answer.status_code == 400 and "is not a stage" in answer.text and ">old</a>" in answer.text
    assert editor.get(address, {"filter": "x"}).status_code == 400


def test_rest_lists_saves_and_deletes(corpus, two):
    rest = Rest(factories.make_member(corpus, username="anna"))
    saved = rest.post("corpora/desk/filters/", {"name": "SANA", "query": "source=SANA"}).json()
    assert saved["query"] == "source=SANA" and saved["user"] == "anna"
    assert rest.get("corpora/desk/filters/").json()["results"] == [saved]
    assert rest.get("corpora/desk/next/", filter=saved["id"]).json() == {"article": two[0].pk}
    assert rest.get("corpora/desk/next/", source="IRNA").json() == {"article": two[1].pk}
    both = rest.get("corpora/desk/next/", filter=saved["id"], source="IRNA")
    assert both.status_code == 400 and "not both" in both.json()["detail"]
    assert rest.post("corpora/desk/filters/", {"name": "x", "query": "stage=gone"}).status_code == 400
    assert rest.delete(f"corpora/desk/filters/{saved['id']}/").status_code == 204
    assert rest.get("corpora/desk/next/", filter=saved["id"]).status_code == 404


def test_erasing_a_corpus_deletes_its_filters(corpus, two, editor):
    save(editor)
    erase_corpus(user=factories.make_superuser(), corpus=corpus, slug=corpus.slug)
    assert not SavedFilter.objects.exists()
