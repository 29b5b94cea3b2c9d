"""The admin site withdraws and restores corpora; their managers find them there, and cannot change them meanwhile."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages

from corpusapp.articles.models import Article, Corpus
from tests import factories
from tests.admin.addresses import page

pytestmark = pytest.mark.django_db


def act(client, action: str, *corpora) -> str:
    """What the answer says last."""
    chosen = {"action": action, "_selected_action": [corpus.pk for corpus in corpora]}
    answer = client.post(page(Corpus, "changelist"), chosen)
    return str(list(get_messages(answer.wsgi_request))[-1])


def test_withdrawn_and_restored(article, corpus, client):
    client.force_login(factories.make_member(corpus, "manager", "keeper"))
    assert act(client, "restore_whole", corpus) == "corpus 'desk' is not withdrawn"
    assert act(client, "withdraw_whole", corpus) == "Withdrew Desk."
    assert act(client, "withdraw_whole", corpus) == "corpus 'desk' is already withdrawn"
    assert "desk" in client.get(page(Corpus, "changelist")).content.decode()
    assert "Zarif" not in client.get(page(Article, "changelist")).content.decode()
    change = page(Corpus, "change", corpus.pk)
    assert client.get(change).status_code == 200 and client.post(change, {"name": "Other"}).status_code == 403
    assert act(client, "restore_whole", corpus) == "Restored Desk."
    assert "Zarif" in client.get(page(Article, "changelist")).content.decode()
    assert LogEntry.objects.count() == 2 and Corpus.objects.get(pk=corpus.pk).name == "Desk"


def test_not_what_another_manages(corpus, client):
    client.force_login(factories.make_member(factories.make_corpus("other"), "manager"))
    client.post(page(Corpus, "changelist"), {"action": "withdraw_whole", "_selected_action": [corpus.pk]})
    assert Corpus.objects.get(pk=corpus.pk).withdrawn_at is None
    Corpus.objects.filter(pk=corpus.pk).update(withdrawn_at="2026-01-01T00:00Z")
    client.post(page(Corpus, "changelist"), {"action": "restore_whole", "_selected_action": [corpus.pk]})
    assert Corpus.objects.get(pk=corpus.pk).withdrawn_at is not None
    assert "desk" not in client.get(page(Corpus, "changelist")).content.decode()
