"""Matches of a span, and one decision with one undo on all of them."""

import pytest

from annotations.review.actions.apply_to_matches import apply_to_matches, preview_matches
from annotations.review.actions.choices import Choice, Seen, ShownMatch
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish, reopen
from annotations.review.actions.undo import undo
from annotations.review.models import Change, Decision, Review, Span
from annotations.review.queries import article_log, last_decision, last_undo
from annotations.review.queries import matches as queries
from corpusapp.articles.actions.withdraw import withdraw_articles
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed, NotFound, RevisionMissing, Stale
from tests import factories
from tests.review.replay import decided, replayed

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


@pytest.fixture
def article(corpus):
    """Zarif twice, both suggested as ORG."""
    article = factories.make_article(corpus)
    factories.suggest(article, (0, 5, "ORG"), (10, 17, "ORG"), (31, 36, "ORG"))
    return article


@pytest.fixture
def others(corpus):
    """Three articles with Zarif as ORG, and one with Zarif as PERSON."""
    articles = [factories.make_article(corpus, f"{n}: Zarif spoke to Zarifian.") for n in range(4)]
    for article in articles[:3]:
        factories.suggest(article, (3, 8, "ORG"), (18, 26, "ORG"))
    factories.suggest(articles[3], (3, 8, "PERSON"))
    return articles


def first(article):
    return article.spans.order_by("start").first()


def of(verb, span, **more):
    return Choice(verb, span.pk, span.revision, **more)


def shown_matches(found):
    if found.rows and found.rows[0].span is None:
        return [ShownMatch(row.article, start=row.start, end=row.end) for row in found.rows]
    return [ShownMatch(row.article, row.span, row.revision) for row in found.rows]


def triples(article):
    return sorted(article.spans.values_list("start", "end", "label__name", "state"))


def places(found):
    return [(row.article, row.start) for row in found.rows]


def test_matches_are_suggestions_with_the_same_surface_and_label(editor, article, others):
    choice = of("relabel", first(article), label="PERSON")
    here = preview_matches(user=editor, article=article, choice=choice, corpus=False)
    assert (here.surface, here.count, here.truncated, places(here)) == ("Zarif", 1, False, [(article.pk, 31)])
    everywhere = preview_matches(user=editor, article=article, choice=choice, corpus=True)
    newest_first = [(other.pk, 3) for other in reversed(others[:3])]
    assert places(everywhere) == [(article.pk, 31), *newest_first]


def test_decided_done_and_withdrawn_spans_are_no_matches(editor, article, others):
    decide(user=editor, article=others[0], choices=[of("confirm", first(others[0]))])
    finish(user=editor, article=others[1])
    withdraw_articles(user=factories.make_superuser(), corpus=others[2].corpus, article_ids=[others[2].pk])
    found = preview_matches(user=editor, article=article, choice=of("reject", first(article)), corpus=True)
    assert places(found) == [(article.pk, 31)]


@pytest.mark.parametrize("verb", ["confirm", "reject", "relabel"])
def test_one_decision_applies_to_all_matches_and_one_undo_reverts_it(editor, article, others, verb):
    choice = of(verb, first(article), **({"label": "PERSON"} if verb == "relabel" else {}))
    before = [triples(one) for one in (article, *others)]
    found = preview_matches(user=editor, article=article, choice=choice, corpus=True)
    result = apply_to_matches(user=editor, article=article, choice=choice, shown=shown_matches(found))
    assert (result.decision.verb, result.decision.article_id, result.left_out) == (verb, None, [])
    label = "PERSON" if verb == "relabel" else "ORG"
    state = "rejected" if verb == "reject" else "confirmed"
    assert [(span.article_id, span.label.name, span.state) for span in result.spans] == [
        (pk, label, state) for pk in (article.pk, article.pk, *(other.pk for other in reversed(others[:3])))
    ]
    assert all((18, 26, "ORG", "suggested") in triples(other) for other in others[:3])
    after = [triples(one) for one in (article, *others)]
    undone = undo(user=editor, decision=result.decision)
    assert (undone.decision.verb, undone.decision.article_id, undone.left_out) == ("undo", None, [])
    assert [triples(one) for one in (article, *others)] == before
    redone = undo(user=editor, decision=undone.decision)
    assert redone.decision.verb == "redo"
    assert [triples(one) for one in (article, *others)] == after
    assert all(replayed(one) == decided(one) for one in (article, *others))


@pytest.mark.parametrize(
    ("verb", "more"), [("reject", {}), ("relabel", {"label": "PERSON"}), ("move", {"start": 0, "end": 9})]
)
def test_withdrawn_suggestion_still_has_matches(editor, article, others, verb, more):
    choice = of(verb, first(article), seen=Seen(0, 5, "ORG"), **more)
    factories.suggest(article, (10, 17, "ORG"), (31, 36, "ORG"))
    found = preview_matches(user=editor, article=article, choice=choice, corpus=True)
    assert places(found)[:1] == ([] if verb == "move" else [(article.pk, 31)])
    result = apply_to_matches(user=editor, article=article, choice=choice, shown=shown_matches(found))
    assert len(result.spans) == (1 if verb == "move" else 5)
    assert "changed in the meantime" in result.decision.notices[0]
    assert all(replayed(one) == decided(one) for one in (article, *others))
    before = triples(article)
    undo(user=editor, decision=undo(user=editor, decision=result.decision).decision)
    assert triples(article) == before


def test_decision_on_one_article_names_it(editor, article, others):
    choice = of("confirm", first(article))
    found = preview_matches(user=editor, article=article, choice=choice, corpus=False)
    result = apply_to_matches(user=editor, article=article, choice=choice, shown=shown_matches(found))
    assert result.decision.article_id == article.pk
    alone = apply_to_matches(user=editor, article=others[0], choice=of("reject", first(others[0])), shown=[])
    assert (alone.decision.article_id, len(alone.spans)) == (others[0].pk, 1)


def test_move_applies_to_matches_with_the_same_surrounding_words(editor, corpus):
    texts = [
        "The Foreign Ministry said.",
        "Our Foreign Ministry said.",
        "The Foreign Office said.",
        "Ah Foreign Minist",
    ]
    articles = [factories.make_article(corpus, text) for text in texts]
    for one in articles[:3]:
        factories.suggest(one, (4, 11, "GPE"))
    factories.suggest(articles[3], (3, 10, "GPE"))
    choice = of("move", first(articles[0]), start=4, end=20, label="ORG")
    found = preview_matches(user=editor, article=articles[0], choice=choice, corpus=True)
    assert places(found) == [(articles[1].pk, 4)]
    stray = [ShownMatch(one.pk, first(one).pk, 1) for one in articles[2:]]
    result = apply_to_matches(user=editor, article=articles[0], choice=choice, shown=[*shown_matches(found), *stray])
    assert triples(articles[1]) == [(4, 11, "GPE", "rejected"), (4, 20, "ORG", "confirmed")]
    assert [left["reason"] for left in result.left_out] == ["the moved range has other words"] * 2
    assert triples(articles[2]) == [(4, 11, "GPE", "suggested")]
    undo(user=editor, decision=result.decision)
    assert triples(articles[1]) == [(4, 11, "GPE", "suggested")]


def test_move_onto_a_match_changes_no_span_twice(editor, corpus):
    article = factories.make_article(corpus, "aa aa aa aa")
    factories.suggest(article, *[(n, n + 2, "ORG") for n in (0, 3, 6, 9)])
    choice = of("move", first(article), start=3, end=5)
    found = preview_matches(user=editor, article=article, choice=choice, corpus=True)
    assert [start for _, start in places(found)] == [3, 6]
    result = apply_to_matches(user=editor, article=article, choice=choice, shown=shown_matches(found))
    assert len(result.spans) + len(result.left_out) == 3
    assert replayed(article) == decided(article)
    undo(user=editor, decision=result.decision)
    assert {state for *_, state in triples(article)} == {"suggested"}


def test_match_with_an_existing_target_confirms_that_span(editor, article, others):
    factories.suggest(others[0], (3, 8, "ORG"), (3, 8, "PERSON"))
    (match,) = others[0].spans.filter(label__name="ORG")
    choice = of("relabel", first(article), label="PERSON")
    apply_to_matches(user=editor, article=article, choice=choice, shown=[ShownMatch(others[0].pk, match.pk, 1)])
    assert triples(others[0]) == [(3, 8, "ORG", "rejected"), (3, 8, "PERSON", "confirmed")]


def test_add_matches_free_ranges(editor, corpus):
    text = "Iran and Iranian, Iran's Iran-Syria Iran (Iran)\nIran Iran"
    article = factories.make_article(corpus, text, zones=[[48, 52, "chrome"]])
    origin = factories.make_article(corpus, "In Iran.")
    # A suggestion overlaps the fifth mention, and the sixth was rejected.
    factories.suggest(article, (25, 35, "ORG"), (42, 46, "GPE"))
    decide(user=editor, article=article, choices=[of("reject", article.spans.get(start=42))])
    choice = Choice("add", start=3, end=7, label="GPE")
    found = preview_matches(user=editor, article=origin, choice=choice, corpus=True)
    assert places(found) == [(article.pk, start) for start in (0, 18, 36, 53)]
    as_person = Choice("add", start=3, end=7, label="PERSON")
    assert (article.pk, 42) in places(preview_matches(user=editor, article=origin, choice=as_person, corpus=True))
    result = apply_to_matches(user=editor, article=origin, choice=choice, shown=shown_matches(found))
    assert {span.surface for span in result.spans} == {"Iran"} and len(result.spans) == 5
    undo(user=editor, decision=result.decision)
    assert not Span.objects.filter(state="confirmed").exists()


def test_ranges_taken_meanwhile_are_left_out(editor, corpus):
    origin, other = factories.make_article(corpus, "In Iran."), factories.make_article(corpus, "Iran. Iran. Iran.")
    choice = Choice("add", start=3, end=7, label="GPE")
    found = preview_matches(user=editor, article=origin, choice=choice, corpus=True)
    decide(user=editor, article=other, choices=[Choice("add", start=6, end=10, label="ORG")])
    shown = [
        *shown_matches(found),
        ShownMatch(other.pk, start=1, end=5),
        ShownMatch(other.pk, start=0, end=10**12),
        ShownMatch(other.pk, start=12, end=12),
    ]
    result = apply_to_matches(user=editor, article=origin, choice=choice, shown=shown)
    assert [(span.article_id, span.start) for span in result.spans] == [(origin.pk, 3), (other.pk, 0), (other.pk, 12)]
    assert [(left["start"], left["reason"]) for left in result.left_out] == [
        (6, "there is a confirmed span"),
        (1, "the words there differ"),
        (0, "the words there differ"),
        (12, "the words there differ"),
    ]


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("🇸🇾", "Flag 🇸🇾 here, 👩‍👩‍👧 there, 🇸🇾."),
        ("👩‍👩‍👧", "A 👩‍👩‍👧 and a 👩‍👩‍👧 more, 🎉."),
        ("ظريف", "وصل ظريف إلى دمشق ثم غادر ظريف، وظريف."),
        ("北京", "他在北京举行会谈，北京说。"),
        ("Al-Za'tari", "The Al-Za'tari camp; “Al-Za'tari”."),
        ("<b>", "<b> bold <b> again"),
        ("U.S.", "The U.S. and the U.S.-led"),
    ],
)
def test_surfaces_in_any_script(editor, corpus, words, text):
    origin, other = factories.make_article(corpus, f"{words} 1"), factories.make_article(corpus, f"🎉 {text}")
    choice = Choice("add", start=0, end=len(words), label="ORG")
    found = preview_matches(user=editor, article=origin, choice=choice, corpus=True)
    assert [row.text for row in found.rows] == [words] * 2
    assert [other.text[row.start : row.end] for row in found.rows] == [words] * 2
    result = apply_to_matches(user=editor, article=origin, choice=choice, shown=shown_matches(found))
    assert [span.surface for span in result.spans] == [words] * 3
    undo(user=editor, decision=result.decision)
    factories.suggest(origin, (0, len(words), "ORG"))
    factories.suggest(other, *[(row.start, row.end, "ORG") for row in found.rows])
    reject = of("reject", first(origin))
    found = preview_matches(user=editor, article=origin, choice=reject, corpus=True)
    assert len(apply_to_matches(user=editor, article=origin, choice=reject, shown=shown_matches(found)).spans) == 3


def test_words_beyond_the_indexed_characters_are_found(editor, corpus):
    origin = factories.make_article(corpus, "Zarif")
    far = factories.make_article(corpus, "word " * 20_001 + "Zarif")
    choice = Choice("add", start=0, end=5, label="PERSON")
    assert places(preview_matches(user=editor, article=origin, choice=choice, corpus=True)) == [(far.pk, 100_005)]


def test_context_ends_at_line_breaks_and_after_sixty_code_points(editor, corpus):
    origin = factories.make_article(corpus, "Zarif")
    factories.make_article(corpus, f"no\n{'é' * 80} Zarif\u2028no")
    choice = Choice("add", start=0, end=5, label="PERSON")
    (row,) = preview_matches(user=editor, article=origin, choice=choice, corpus=True).rows
    assert (row.left, row.right, row.title) == ("é" * 59 + " ", "", "no")


def test_matches_changed_since_they_were_shown_are_left_out(editor, corpus, article, others):
    choice = of("relabel", first(article), label="PERSON")
    shown = shown_matches(preview_matches(user=editor, article=article, choice=choice, corpus=True))
    decide(user=editor, article=others[0], choices=[of("confirm", first(others[0]))])
    finish(user=editor, article=others[1])
    withdraw_articles(user=factories.make_superuser(), corpus=others[2].corpus, article_ids=[others[2].pk])
    shown += [
        ShownMatch(others[3].pk, first(others[3]).pk, 1),
        ShownMatch(article.pk, article.spans.get(start=10).pk, 1),
    ]
    result = apply_to_matches(user=editor, article=article, choice=choice, shown=shown)
    assert [(span.article_id, span.start) for span in result.spans] == [(article.pk, 0), (article.pk, 31)]
    reasons = {left["article"]: left["reason"] for left in result.left_out}
    assert reasons == {
        others[0].pk: "it has changed: revision 2, confirmed",
        others[1].pk: f"article {others[1].pk} is done",
        others[2].pk: f"there is no article {others[2].pk} in this corpus: it may be withdrawn",
        others[3].pk: "it is not a match: its words or its label differ",
        article.pk: "it is not a match: its words or its label differ",
    }
    assert result.decision.left_out == result.left_out


def test_refused_choice_changes_nothing(editor, article, others):
    span = first(article)
    shown = [ShownMatch(others[0].pk, first(others[0]).pk, 1)]
    for choice, kind, field in [
        (Choice("relabel", span.pk, 7, label="PERSON"), Stale, "choice.revision"),
        (Choice("relabel", span.pk, None, label="PERSON"), RevisionMissing, "choice.revision"),
        (Choice("relabel", span.pk, 1, label="NOSUCH"), Invalid, "choice.label"),
        (Choice("relabel", span.pk, 1, label="ORG"), Conflict, "choice"),
        (Choice("move", span.pk, 1, start=0, end=999), Invalid, "choice.end"),
        (Choice("confirm", 10**9, 1), NotFound, "choice.span"),
    ]:
        with pytest.raises(kind) as refused:
            apply_to_matches(user=editor, article=article, choice=choice, shown=shown)
        assert refused.value.field == field
    finish(user=editor, article=article)
    with pytest.raises(Conflict, match="is done"):
        apply_to_matches(user=editor, article=article, choice=of("reject", span), shown=shown)
    with pytest.raises(Conflict, match="is done"):
        preview_matches(user=editor, article=article, choice=of("reject", span), corpus=True)
    reopen(user=editor, article=article)
    assert not Change.objects.exists()
    assert (
        apply_to_matches(user=editor, article=article, choice=of("reject", span), shown=shown).decision.article is None
    )


def test_only_editors_may_apply_and_preview(corpus, article, others):
    choice = of("reject", first(article))
    reader, stranger = factories.make_member(corpus, Role.READER), factories.make_user("stranger")
    for user, kind in ((reader, NotAllowed), (stranger, NotFound)):
        with pytest.raises(kind):
            apply_to_matches(user=user, article=article, choice=choice, shown=[])
        with pytest.raises(kind):
            preview_matches(user=user, article=article, choice=choice, corpus=True)


def test_too_many_matches_are_refused(editor, article, monkeypatch):
    shown = [ShownMatch(article.pk, pk, 1) for pk in range(10**9, 10**9 + queries.MAX_MATCHES + 1)]
    with pytest.raises(Invalid, match="5001 matches in one decision: the limit is 5000"):
        apply_to_matches(user=editor, article=article, choice=of("reject", first(article)), shown=shown)
    result = apply_to_matches(user=editor, article=article, choice=of("reject", first(article)), shown=shown[1:])
    assert len(result.left_out) == queries.MAX_MATCHES


def test_preview_reports_truncation(editor, article, others, monkeypatch):
    monkeypatch.setattr(queries, "MAX_MATCHES", 2)
    found = preview_matches(user=editor, article=article, choice=of("reject", first(article)), corpus=True)
    assert (found.count, len(found.rows), found.truncated) == (4, 2, True)
    add = Choice("add", start=6, end=9, label="ORG")
    for n in range(4):
        factories.make_article(article.corpus, f"Who met {n}?")
    found = preview_matches(user=editor, article=article, choice=add, corpus=True)
    assert (found.count > 2, len(found.rows), found.truncated) == (True, 2, True)


def test_repeated_key_makes_one_decision(editor, article, others):
    choice = of("reject", first(article))
    shown = shown_matches(preview_matches(user=editor, article=article, choice=choice, corpus=True))
    one = apply_to_matches(user=editor, article=article, choice=choice, shown=shown, client_key="k")
    two = apply_to_matches(user=editor, article=article, choice=choice, shown=shown, client_key="k")
    assert (one.decision, two.repeated, [s.pk for s in two.spans]) == (two.decision, True, [s.pk for s in one.spans])
    with pytest.raises(Conflict, match="another request"):
        apply_to_matches(user=editor, article=article, choice=choice, shown=shown[1:], client_key="k")


def test_articles_of_matches_keep_their_stage(editor, article, others):
    choice = of("reject", first(article))
    shown = shown_matches(preview_matches(user=editor, article=article, choice=choice, corpus=True))
    apply_to_matches(user=editor, article=article, choice=choice, shown=shown)
    stages = dict(Review.objects.values_list("article", "stage"))
    assert stages == {article.pk: "in_review", **{other.pk: "suggested" for other in others}}


def test_undo_leaves_out_changed_spans_and_reports_them(editor, article, others):
    choice = of("relabel", first(article), label="PERSON")
    shown = shown_matches(preview_matches(user=editor, article=article, choice=choice, corpus=True))
    result = apply_to_matches(user=editor, article=article, choice=choice, shown=shown)
    now = others[0].spans.get(label__name="PERSON")
    decide(user=editor, article=others[0], choices=[of("reject", now)])
    finish(user=editor, article=others[1])
    undone = undo(user=editor, decision=result.decision)
    assert {left["article"]: left["reason"] for left in undone.left_out} == {
        others[0].pk: f"span {now.pk} has changed",
        others[1].pk: f"article {others[1].pk} is now done or withdrawn",
    }
    assert (3, 8, "ORG", "suggested") in triples(others[2])
    assert (3, 8, "PERSON", "confirmed") in triples(others[1])
    with pytest.raises(Conflict, match="already undone"):
        undo(user=editor, decision=result.decision)


def test_undo_is_refused_if_every_article_is_done(editor, article, others):
    match = first(others[0])
    result = apply_to_matches(
        user=editor, article=article, choice=of("reject", first(article)), shown=[ShownMatch(others[0].pk, match.pk, 1)]
    )
    for one in (article, others[0]):
        finish(user=editor, article=one)
    with pytest.raises(Conflict, match="everything in this decision"):
        undo(user=editor, decision=result.decision)
    reopen(user=editor, article=others[0])
    undone = undo(user=editor, decision=result.decision)
    assert (undone.decision.article_id, len(undone.spans), len(undone.left_out)) == (others[0].pk, 1, 1)


def test_only_managers_undo_decisions_of_others(editor, corpus, article, others):
    shown = [ShownMatch(others[0].pk, first(others[0]).pk, 1)]
    result = apply_to_matches(user=editor, article=article, choice=of("reject", first(article)), shown=shown)
    with pytest.raises(NotAllowed):
        undo(user=factories.make_member(corpus), decision=result.decision)
    assert undo(user=factories.make_member(corpus, Role.MANAGER), decision=result.decision).spans


def test_log_of_an_article_shows_only_its_changes(editor, article, others):
    shown = [ShownMatch(one.pk, first(one).pk, 1) for one in others[:2]] + [ShownMatch(others[2].pk, 10**9, 1)]
    decide(user=editor, article=others[0], choices=[Choice("add", start=18, end=20, label="PERSON")])
    result = apply_to_matches(user=editor, article=article, choice=of("reject", first(article)), shown=shown)
    page = article_log(others[0])
    assert [decision.verb for decision in page.rows] == ["add", "reject"]
    assert [change.article_id for change in page.rows[1].changes.all()] == [others[0].pk]
    assert article_log(others[0], cursor=page.next_cursor or "", size=1).next_cursor
    assert article_log(others[2]).rows == []
    for one in (article, *others[:2]):
        assert last_decision(editor, one) == result.decision
    undone = undo(user=editor, decision=result.decision)
    assert [last_undo(editor, one) for one in (article, others[1], others[2])] == [
        undone.decision,
        undone.decision,
        None,
    ]


def test_a_thousand_matches_take_a_fixed_number_of_queries(editor, corpus, article, django_assert_max_num_queries):
    texts = [{"text": f"Report {n}: Zarif left."} for n in range(1000)]
    from corpusapp.articles.actions.import_articles import import_articles
    from corpusapp.articles.models import Article, ImportBatch
    from corpusapp.intake.draft import draft_from_record

    import_articles(
        user=factories.make_superuser(),
        corpus=corpus,
        items=[draft_from_record({**text, "spans": [_suggested(text["text"])]}) for text in texts],
        origin=ImportBatch.Origin.COMMAND,
        suggest=False,
    )
    choice = of("relabel", first(article), label="PERSON")
    with django_assert_max_num_queries(20):
        found = preview_matches(user=editor, article=article, choice=choice, corpus=True)
    assert found.count == 1001
    with django_assert_max_num_queries(40):
        result = apply_to_matches(user=editor, article=article, choice=choice, shown=shown_matches(found))
    assert len(result.spans) == 1002
    with django_assert_max_num_queries(40):
        undone = undo(user=editor, decision=result.decision)
    assert len(undone.spans) == 1002
    assert Decision.objects.filter(article=None).count() == 2
    assert not Span.objects.exclude(state="suggested").exists()
    assert Article.objects.count() == 1001


def _suggested(text):
    start = text.index("Zarif")
    return {"start": start, "end": start + 5, "label": "ORG", "state": "suggested"}
