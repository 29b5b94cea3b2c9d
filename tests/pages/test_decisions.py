"""The forms of the article page that decide, undo, finish and reopen, and their refusals."""

import html

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from annotations.review.models import Decision, Span
from tests import factories
from tests.pages.reading import values


def address(article, name="article-decide"):
    return reverse(name, args=[article.corpus.slug, article.pk])


def span_and_revision(span):
    return f"{span.pk}:{span.revision}"


def messages_of(answer):
    return [str(message) for message in get_messages(answer.wsgi_request)]


def triples(article):
    return sorted(article.spans.values_list("start", "end", "label__name", "state"))


def test_confirm_redirects_to_the_next_suggestion(article, editor):
    first, second, _ = article.spans.order_by("start")
    answer = editor.post(address(article), {"confirm": span_and_revision(first)})
    assert answer.status_code == 303
    assert answer["Location"] == f"{address(article, 'article')}?span={second.pk}#s{second.pk}"
    assert messages_of(answer) == ["Confirmed “Zarif” PERSON."]
    first.refresh_from_db()
    assert first.state == "confirmed"


def test_reject(article, editor):
    *_, last = article.spans.order_by("start")
    answer = editor.post(address(article), {"reject": span_and_revision(last)})
    last.refresh_from_db()
    assert last.state == "rejected"
    assert f"span={article.spans.order_by('start').first().pk}#" in answer["Location"]


def test_relabel_keeps_the_former_label_as_rejected(article, editor):
    span = article.spans.get(start=10)
    assert editor.post(address(article), {"span": span_and_revision(span), "label": "PERSON"}).status_code == 303
    assert (10, 17, "PERSON", "confirmed") in triples(article)
    assert (10, 17, "ORG", "rejected") in triples(article)


def test_move(article, editor):
    span = article.spans.get(start=10)
    answer = editor.post(address(article), {"span": span_and_revision(span), "verb": "move", "start": "6", "end": "17"})
    assert answer.status_code == 303
    assert (6, 17, "ORG", "confirmed") in triples(article)


BAD_OFFSETS = {
    "3.0": "start: '3.0' is not a whole number", "१": "start: '१' is not a whole number", "-1": "before the beginning",
    "": "start: this offset is missing", "null": "start: 'null' is not a whole number", "1e3": "is not a whole number",
    str(10**20): "100000000000000000000", "9" * 60: "is not a whole number", "17": "does not lie after start",
    "+1": "not a whole number",
    "0x1": "is not a whole number", "1_0": "is not a whole number",
}  # fmt: skip


@pytest.mark.parametrize("start", BAD_OFFSETS)
def test_invalid_offset_is_refused_and_shown_again(article, editor, start):
    span = article.spans.get(start=10)
    before = triples(article)
    answer = editor.post(
        address(article), {"form": "move", "span": span_and_revision(span), "verb": "move", "start": start, "end": "17"}
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert BAD_OFFSETS[start] in html.unescape(page).lower()
    assert start in values(page, "start")
    assert triples(article) == before


def test_stale_revision_is_409_and_shows_the_current_span(article, editor):
    span = article.spans.get(start=10)
    editor.post(address(article), {"span": span_and_revision(span), "label": "PERSON"})
    answer = editor.post(address(article), {"confirm": span_and_revision(span)})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Changed in the meantime" in page
    assert "PERSON</span> [10, 17), confirmed, revision 2" in page
    assert Decision.objects.count() == 1


REFUSED = [
    ({}, 400, "is not a span and revision"),
    ({"confirm": "12"}, 428, "missing the revision"),
    ({"confirm": "x:1"}, 400, "is not a span and revision"),
    ({"confirm": f"{10**17}:1"}, 404, "has no span"),
    ({"span": "{pair}"}, 400, "no decision chosen"),
    ({"span": "{pair}", "label": "PLANET"}, 400, "has no label"),
    ({"span": "{pair}", "label": "ORG"}, 409, "already has this range and label"),
]


@pytest.mark.parametrize(("data", "status", "sentence"), REFUSED)
def test_refusals_give_the_reason(article, editor, data, status, sentence):
    span = article.spans.get(start=10)
    answer = editor.post(
        address(article), {key: value.format(pair=span_and_revision(span)) for key, value in data.items()}
    )
    assert answer.status_code == status
    assert sentence in answer.content.decode().lower()
    assert Decision.objects.count() == 0


def test_form_sent_twice_makes_one_decision(article, editor):
    span = article.spans.get(start=10)
    data = {"key": "page-1", "confirm": span_and_revision(span)}
    assert editor.post(address(article), data).status_code == 303
    assert "already saved" in messages_of(editor.post(address(article), data))[-1]
    assert Decision.objects.count() == 1


def test_confirm_all_confirms_shown_suggestions_and_reports_others(article, editor):
    page = editor.get(address(article, "article")).content.decode()
    (shown,) = values(page, "shown")
    editor.post(address(article), {"reject": span_and_revision(article.spans.get(start=10))})
    answer = editor.post(address(article, "article-confirm-shown"), {"shown": shown})
    assert answer.status_code == 303
    assert {state for *_, state in triples(article)} == {"confirmed", "rejected"}
    assert any(message.startswith("Left unchanged") for message in messages_of(answer))


@pytest.mark.parametrize(("shown", "status"), [("", 400), ("1:1 what", 400), ("12", 428), ("999999:1", 409)])
def test_confirm_all_refuses_invalid_lists(article, editor, shown, status):
    assert editor.post(address(article, "article-confirm-shown"), {"shown": shown}).status_code == status
    assert not Span.objects.filter(state="confirmed").exists()


def test_undo_and_redo(article, editor):
    span = article.spans.get(start=10)
    editor.post(address(article), {"span": span_and_revision(span), "label": "PERSON"})
    before = [(0, 5, "PERSON", "suggested"), (10, 17, "ORG", "suggested"), (21, 29, "GPE", "suggested")]
    (decision,) = values(editor.get(address(article, "article")).content.decode(), "decision")
    assert editor.post(address(article, "article-undo"), {"decision": decision}).status_code == 303
    assert triples(article) == before
    (redo,) = values(editor.get(address(article, "article")).content.decode(), "decision")
    assert editor.post(address(article, "article-undo"), {"decision": redo}).status_code == 303
    assert (10, 17, "PERSON", "confirmed") in triples(article)


def test_undo_refuses_foreign_undone_and_other_articles_decisions(article, editor, visitors):
    visitors["manager"].post(address(article), {"confirm": span_and_revision(article.spans.get(start=10))})
    theirs = Decision.objects.get().pk
    assert editor.post(address(article, "article-undo"), {"decision": theirs}).status_code == 403
    assert editor.post(address(article, "article-undo"), {"decision": "x"}).status_code == 400
    manager = visitors["manager"]
    assert manager.post(address(article, "article-undo"), {"decision": theirs}).status_code == 303
    assert manager.post(address(article, "article-undo"), {"decision": theirs}).status_code == 409
    other = factories.make_article(article.corpus, "Another text.")
    assert manager.post(address(other, "article-undo"), {"decision": theirs}).status_code == 404


def test_decision_on_a_withdrawn_suggestion_is_applied_with_a_notice(article, editor):
    page = editor.get(address(article, "article")).content.decode()
    (shown,) = (value for value in values(page, "confirm") if value.endswith(":10:17:ORG"))
    factories.suggest(article)
    answer = editor.post(address(article), {"confirm": shown})
    assert answer.status_code == 303
    assert triples(article) == [(10, 17, "ORG", "confirmed")]
    assert "changed in the meantime" in messages_of(answer)[1]
    assert editor.post(address(article), {"confirm": "999999:1"}).status_code == 404


def test_finish_is_announced_on_the_next_page_and_undone_from_there(article, editor):
    other = factories.make_article(article.corpus, "Zarif slept.")
    (shown,) = values(editor.get(address(article, "article")).content.decode(), "shown")
    answer = editor.post(address(article, "article-finish"), {"shown": shown, "with_shown": "1", "next": "1"})
    landed = editor.get(answer["Location"]).content.decode()
    assert answer["Location"].startswith(address(other, "article"))
    assert "is done, 3 confirmed." in landed
    (decision,) = values(landed.partition('id="finished"')[2].partition("</form>")[0], "decision")
    undone = editor.post(address(article, "article-undo"), {"decision": decision})
    assert undone["Location"].startswith(address(article, "article"))
    assert "is open again, 3 spans to decide again." in messages_of(undone)[0]
    assert {state for *_, state in triples(article)} == {"suggested"}
    (redo,) = values(editor.get(address(article, "article")).content.decode(), "decision")
    again = editor.post(address(article, "article-undo"), {"decision": redo})
    assert (article.reviews.get().stage, "is done again." in messages_of(again)[0]) == ("done", True)
    assert 'id="finished"' not in editor.get(answer["Location"]).content.decode()
    assert 'id="finished"' not in editor.get(address(other, "article") + "?finished=x").content.decode()


def test_finish_of_the_last_article_is_announced_on_the_list(article, editor):
    answer = editor.post(address(article, "article-finish"), {"next": "1"})
    assert answer["Location"].startswith(reverse("article-list", args=[article.corpus.slug]))
    assert "is done." in editor.get(answer["Location"]).content.decode().partition('id="finished"')[2]


def test_finish_and_reopen(article, editor):
    assert editor.post(address(article, "article-finish")).status_code == 303
    assert article.reviews.get().stage == "done"
    page = editor.get(address(article, "article")).content.decode()
    assert "Finished on" in page
    assert values(page, "confirm") == []
    assert editor.post(address(article), {"confirm": span_and_revision(article.spans.get(start=10))}).status_code == 409
    assert editor.post(address(article, "article-finish")).status_code == 409
    assert editor.post(address(article, "article-reopen")).status_code == 303
    assert article.reviews.get().stage == "in_review"


def test_finish_confirms_shown_suggestions(article, editor):
    (shown,) = values(editor.get(address(article, "article")).content.decode(), "shown")
    assert editor.post(address(article, "article-finish"), {"shown": shown, "with_shown": "1"}).status_code == 303
    assert {state for *_, state in triples(article)} == {"confirmed"}
    assert article.reviews.get().stage == "done"


def test_history_shows_user_and_columns_before_and_after(article, editor):
    span = article.spans.get(start=10)
    editor.post(address(article), {"span": span_and_revision(span), "label": "PERSON"})
    page = editor.get(reverse("span-history", args=[article.corpus.slug, article.pk, span.pk])).content.decode()
    for words in ("editor", "relabel", "[10, 17), suggested, revision 1", "[10, 17), confirmed, revision 2", "ORG"):
        assert words in page
    absent = reverse("span-history", args=[article.corpus.slug, article.pk, 10**17])
    assert editor.get(absent).status_code == 404


def test_rejected_spans_are_shown_on_request(article, editor):
    span = article.spans.get(start=10)
    editor.post(address(article), {"reject": span_and_revision(span)})
    plain = editor.get(address(article, "article")).content.decode()
    asked = editor.get(address(article, "article") + "?rejected=1").content.decode()
    assert f'id="s{span.pk}"' not in plain
    assert f'id="s{span.pk}"' in asked
    assert "is not shown" in editor.get(address(article, "article") + f"?span={span.pk}").content.decode()


def test_only_the_selected_span_has_a_form(article, editor):
    span = article.spans.get(start=10)
    page = editor.get(address(article, "article") + f"?span={span.pk}").content.decode()
    assert [value for value in values(page, "span") if ":" in value] == [f"{span_and_revision(span)}:10:17:ORG"] * 2
    assert len([value for value in values(page, "label") if value == "PERSON"]) == 1
    assert values(editor.get(address(article, "article")).content.decode(), "span") == []
