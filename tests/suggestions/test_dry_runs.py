"""Updating suggestions by a filter: a dry run counts exactly what carrying it out changes."""

import pytest

from annotations.review.actions.stages import finish
from annotations.review.models import Review, Span
from annotations.review.queries import ArticleFilter
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import NewsReader
from annotations.suggestions.actions.process_run import process_pending
from annotations.suggestions.actions.runs import carry_out, suggest_again
from annotations.suggestions.models import ArticleReading, NameCount, PendingUpdate, Pipeline, RunItem
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed
from tests import factories
from tests.api.client import Rest

pytestmark = pytest.mark.django_db
TEXT = "Zarif met Mekdad in Ankara."


class FirstWord:
    """Labels the first word as a place."""

    name, version, digest = "first", "1", "first"

    def propose(self, texts):
        for _ in texts:
            yield [Proposal(0, 5, "GPE", pinned=True)]


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


@pytest.fixture
def articles(corpus):
    """Three articles with suggestions, one of them done."""
    found = [factories.make_article(corpus, f"{TEXT} {number}", source=name) for number, name in enumerate("AAB")]
    for article in found:
        factories.suggest(article, (0, 5, "PERSON"), (20, 26, "GPE"))
    finish(user=factories.make_member(corpus), article=found[0])
    return found


def stored_rows():
    return (
        list(Span.objects.order_by("pk").values_list()),
        list(Review.objects.order_by("pk").values_list()),
        [
            list(model.objects.order_by("pk").values_list())
            for model in (ArticleReading, NameCount, Pipeline, PendingUpdate)
        ],
    )


def test_a_dry_run_counts_and_changes_nothing(corpus, manager, articles):
    before = stored_rows()
    run = suggest_again(user=manager, corpus=corpus, article_filter=ArticleFilter(), form_values={}, dry=True)
    assert list(run.items.order_by("pk").values_list("article", flat=True)) == [articles[1].pk, articles[2].pk]
    assert process_pending(run=run, reader=NewsReader(FirstWord())) == 2
    run.refresh_from_db()
    assert run.changes == {"articles": 2, "added": 2, "removed": 4}
    assert set(run.items.values_list("state", flat=True)) == {RunItem.State.DONE}
    assert stored_rows() == before


def test_carrying_out_changes_what_was_counted(corpus, manager, articles):
    run = suggest_again(user=manager, corpus=corpus, article_filter=ArticleFilter(), form_values={}, dry=True)
    process_pending(run=run, reader=NewsReader(FirstWord()))
    done = carry_out(user=manager, run=run)
    process_pending(run=done, reader=NewsReader(FirstWord()))
    run.refresh_from_db()
    done.refresh_from_db()
    assert done.changes == run.changes
    spans = Span.objects.filter(article=articles[2]).values_list("start", "end", "label__name")
    assert list(spans) == [(0, 5, "GPE")]
    assert Span.objects.filter(article=articles[0]).count() == 2
    with pytest.raises(Conflict, match="is not a dry run"):
        carry_out(user=manager, run=done)


def test_a_run_has_the_articles_that_match_its_filter(corpus, manager, articles):
    narrowed = ArticleFilter(query="Mekdad", source="B")
    run = suggest_again(
        user=manager, corpus=corpus, article_filter=narrowed, form_values={"q": "Mekdad", "source": "B"}
    )
    assert list(run.items.values_list("article", flat=True)) == [articles[2].pk]
    with pytest.raises(Invalid, match="no open articles match"):
        suggest_again(user=manager, corpus=corpus, article_filter=ArticleFilter(stage="done"), form_values={})
    with pytest.raises(NotAllowed):
        suggest_again(user=factories.make_member(corpus), corpus=corpus, article_filter=narrowed, form_values={})


def test_dry_runs_over_rest(corpus, manager, articles):
    rest = Rest(manager)
    answer = rest.post("corpora/desk/suggest/?source=B&dry_run=1", {})
    assert answer.status_code == 202
    run = answer.json()
    assert run["dry_run"] is True
    assert run["changes"] == {"articles": 0, "added": 0, "removed": 0}
    assert run["suggestions"]["total"] == 1
    done = rest.post(f"runs/{run['id']}/carry-out/", {})
    assert (done.status_code, done.json()["dry_run"]) == (202, False)
    assert rest.post(f"runs/{done.json()['id']}/carry-out/", {}).status_code == 409
    both = rest.post("corpora/desk/suggest/?source=B", {"articles": [articles[2].pk]})
    assert (both.status_code, both.json()["field"]) == (400, "articles")
    editor = Rest(factories.make_member(corpus, Role.EDITOR, username="other"))
    assert editor.post("corpora/desk/suggest/?dry_run=1", {}).status_code == 403


def test_dry_runs_on_the_pages(client, corpus, manager, articles):
    client.force_login(manager)
    address = "/corpora/desk/pipelines/"
    assert 'name="dry"' in client.get(address).text
    page = client.post(f"{address}suggest/", {"source": "B", "dry": "1"}, follow=True)
    run = page.context["run"]
    process_pending(run=run, reader=NewsReader(FirstWord()))
    page = " ".join(client.get(page.wsgi_request.path).text.split())
    assert "It would add 1 suggestion and remove 2, in 1 article." in page
    assert ">Apply</button>" in page
    done = client.post(f"/corpora/desk/runs/{run.pk}/carry-out/", follow=True).context["run"]
    assert not done.dry
    assert "is not a dry run" in client.post(f"/corpora/desk/runs/{done.pk}/carry-out/", follow=True).text
    assert "no open articles match" in client.post(f"{address}suggest/", {"stage": "done"}, follow=True).text
    client.force_login(factories.make_member(corpus, Role.EDITOR, username="other"))
    assert 'name="dry"' not in client.get(address).text
    assert client.post(f"{address}suggest/", {"dry": "1"}).status_code == 403
    assert client.post(f"/corpora/desk/runs/{run.pk}/carry-out/").status_code == 403
