"""The admin site asks once more, and says what goes and what stays."""

import pytest
from django.contrib.admin.models import LogEntry

from corpusapp.articles.models import Article, Corpus
from tests import factories
from tests.admin.addresses import page
from tests.erasing.world import NAME, holders_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def keeper(corpus, client):
    client.force_login(factories.make_member(corpus, "manager", "keeper"))
    return client


def chosen(row, action: str, **more) -> dict:
    return {"action": action, "_selected_action": [row.pk], **more}


def test_an_article(story, keeper):
    listed = page(Article, "changelist")
    asked = keeper.post(listed, chosen(story, "erase"))
    html = asked.content.decode()
    assert "Erasing cannot be undone" in html and "4 spans" in html and "1 originals" in html
    assert "log entries" in html and Article.objects.get(pk=story.pk).text
    answer = keeper.post(listed, chosen(story, "erase", confirmed="yes"), follow=True)
    assert "Erased 1 article permanently." in answer.content.decode()
    assert holders_of(NAME) == {"articles_importbatch"}
    assert LogEntry.objects.latest("pk").object_repr == f"erased article {story.pk}"
    assert f"erased article {story.pk}" in keeper.get(f"{listed}?withdrawn=yes").content.decode()
    assert keeper.get(page(Article, "change", story.pk)).status_code == 200
    again = keeper.post(listed, chosen(story, "erase"), follow=True)
    assert "None of the selected articles" in again.content.decode()


def test_a_corpus_by_its_slug(story, corpus, keeper):
    listed = page(Corpus, "changelist")
    assert "Type the slug" in keeper.post(listed, chosen(corpus, "erase_whole")).content.decode()
    wrong = keeper.post(listed, chosen(corpus, "erase_whole", confirmed="yes", slug="other"), follow=True)
    assert "repeat its slug: desk" in wrong.content.decode() and holders_of(NAME)
    keeper.post(listed, chosen(corpus, "erase_whole", confirmed="yes", slug="desk"))
    assert holders_of(NAME) == set()


def test_not_what_another_manages(story, corpus, client):
    client.force_login(factories.make_member(factories.make_corpus("other"), "manager"))
    for model, row, action in ((Article, story, "erase"), (Corpus, corpus, "erase_whole")):
        client.post(page(model, "changelist"), chosen(row, action, confirmed="yes", slug="desk"))
    assert Article.objects.get(pk=story.pk).text and Corpus.objects.get(pk=corpus.pk).erased_at is None
