"""Near copies: found on the way in, shown side by side, counted once, parted."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from corpusapp.articles.models import Article, CopyGroup
from tests import factories

STORY = (
    "The deputy foreign minister arrived in Tehran on Sunday for talks about the ceasefire in the north of the "
    "country, state media said. He is to meet the speaker of parliament and the adviser on foreign affairs before he "
    "travels on to Moscow later in the week. Both sides are expected to discuss the return of refugees, the opening of "
    "a border crossing that has been closed since spring, and a new line of credit for fuel and wheat. A joint "
    "statement will be read out on Monday evening, a spokesman told reporters, and no questions will be taken."
)


@pytest.fixture
def pair(corpus):
    """One story in two papers, with one word changed, the second with furniture of its own."""
    first = factories.make_article(corpus, STORY, title="Talks in Tehran", source="SANA")
    text = STORY.replace("refugees", "<i>exiles</i>") + "\nShare this on Facebook"
    zones = [[text.index("Share"), len(text), "chrome"]]
    second = factories.make_article(corpus, text, title="Deputy in Tehran", source="IRNA", zones=zones)
    first.refresh_from_db()
    assert first.copy_group_id is not None and first.copy_group_id == second.copy_group_id
    return first, second


def at(name, article):
    return reverse(name, args=[article.corpus.slug, article.pk])


def test_each_copy_leads_to_the_other(pair, corpus, visitors):
    for article in pair:
        page = visitors["reader"].get(at("article", article)).content.decode()
        assert f'<a href="{at("copies", article)}">1 near copy</a>' in page


def test_the_list_folds_copies_under_the_oldest_unless_it_is_narrowed(pair, corpus, visitors):
    def listed(**given):
        return visitors["reader"].get(reverse("article-list", args=[corpus.slug]), given).content.decode()

    assert "+1 near copy" in listed()
    assert "Talks in Tehran" in listed() and "Deputy in Tehran" not in listed()
    assert "Deputy in Tehran" in listed(source="IRNA") and "Deputy in Tehran" in listed(q="refugees or exiles")
    Article.objects.filter(pk=pair[0].pk).update(withdrawn_at="2026-01-01T00:00Z")
    assert "Deputy in Tehran" in listed() and "near copy" not in listed()


def test_the_differences_are_marked_and_furniture_is_left_out(pair, visitors):
    page = visitors["reader"].get(at("copies", pair[0])).content.decode()
    assert "<mark>refugees</mark>" in page
    assert "<mark>&lt;i&gt;exiles&lt;/i&gt;</mark>" in page
    assert "Share this" not in page
    assert "<i>exiles" not in page
    assert "Count this story once" not in page


def test_an_article_without_copies_says_so(article, visitors):
    assert "This article has no near copies" in visitors["reader"].get(at("copies", article)).content.decode()
    assert visitors["editor"].post(at("copies-leave", article)).status_code == 409
    assert visitors["editor"].post(at("copies-count", article), {"once": "1"}).status_code == 409


def test_only_copies_are_compared(pair, corpus, visitors):
    other = factories.make_article(corpus, "It rained.")
    for asked in (other.pk, pair[0].pk, 10**20, "x"):
        assert visitors["reader"].get(at("copies", pair[0]), {"with": asked}).status_code == 404
    assert visitors["reader"].get(at("copies", pair[0]), {"with": pair[1].pk}).status_code == 200


def test_a_story_is_counted_once_where_an_editor_says_so(pair, corpus, visitors):
    def counted():
        return visitors["reader"].get(reverse("corpus", args=[corpus.slug])).context["counts"]

    assert (counted().articles, counted().folded) == (2, 0)
    page = visitors["editor"].post(at("copies-count", pair[0]), {"once": "1"}, follow=True).content.decode()
    assert "Statistics count this story once" in page
    assert (counted().articles, counted().folded) == (1, 1)
    assert ">1 article<" in visitors["reader"].get(reverse("corpus", args=[corpus.slug])).content.decode()
    factories.suggest(pair[1], (0, 3, "ORG"))
    assert counted().by_state.get("suggested", 0) == 0
    Article.objects.filter(pk=pair[0].pk).update(withdrawn_at="2026-01-01T00:00Z")
    assert (counted().articles, counted().folded, counted().by_state["suggested"]) == (1, 0, 1)
    Article.objects.update(withdrawn_at=None)
    visitors["editor"].post(at("copies-count", pair[1]), {"once": "0"})
    assert (counted().articles, counted().folded) == (2, 0)


def test_an_editor_parts_what_is_no_copy(pair, visitors):
    assert visitors["reader"].post(at("copies-leave", pair[1])).status_code == 403
    answer = visitors["editor"].post(at("copies-leave", pair[1]))
    assert answer["Location"] == at("article", pair[1])
    assert not CopyGroup.objects.exists()
    assert "near copy" not in visitors["reader"].get(at("article", pair[0])).content.decode()


def test_a_withdrawn_copy_is_not_shown(pair, visitors):
    Article.objects.filter(pk=pair[1].pk).update(withdrawn_at="2026-01-01T00:00Z")
    assert "near cop" not in visitors["reader"].get(at("article", pair[0])).content.decode()
    page = visitors["reader"].get(at("copies", pair[0])).content.decode()
    assert "Deputy in Tehran" not in page


def test_a_fixed_number_of_queries(pair, corpus, visitors):
    def queries():
        with CaptureQueriesContext(connection) as found:
            assert visitors["editor"].get(at("copies", pair[0])).status_code == 200
        return len(found)

    queries()
    few = queries()
    for number in range(4):
        made = factories.make_article(corpus, f"Copy {number}.", source=f"S{number}")
        Article.objects.filter(pk=made.pk).update(copy_group=pair[1].copy_group_id)
    assert queries() == few
