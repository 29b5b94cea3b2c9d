"""Duplicates are not stored again, and near copies are grouped."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpusapp.articles.actions import copies
from corpusapp.articles.actions.copies import leave_copies, set_counted_once
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Article, CopyGroup, Role
from corpusapp.core.errors import Conflict, NotAllowed
from corpusapp.intake.draft import draft_from_record
from tests import factories

pytestmark = pytest.mark.django_db
WORDS = [f"word{number}" for number in range(400)]


def story(seed, length=150):
    return " ".join(random.Random(seed).choices(WORDS, k=length)) + "."


def changed(text, seed):
    words = text.split(" ")
    for place in random.Random(seed).sample(range(len(words)), len(words) // 10):
        words[place] = f"other{place}"
    return " ".join(words)


def import_records(corpus, *records):
    return import_articles(
        user=factories.make_superuser(),
        corpus=corpus,
        items=[draft_from_record(record) for record in records],
        origin="command",
        suggest=False,
    )


def groups(corpus):
    return dict(Article.objects.filter(corpus=corpus).values_list("external_id", "copy_group"))


def test_text_that_differs_in_white_space_or_boilerplate_is_a_duplicate():
    corpus = factories.make_corpus()
    text = story(1)
    furniture = "\n\nRead more: something else entirely"
    import_records(corpus, {"text": text, "external_id": "a"})
    chrome = [[len(text), len(text + furniture), "chrome"]]
    batch = import_records(
        corpus, {"text": text.replace(" ", "  \n")}, {"text": text + furniture, "zones": chrome}, {"text": text + " x"}
    )
    assert (batch.added, batch.duplicates) == (1, 2)
    original = Article.objects.get(external_id="a")
    assert {problem.article for problem in batch.problems.filter(kind="duplicate")} == {original}


def test_near_copies_are_grouped():
    corpus = factories.make_corpus()
    first = story(1)
    import_records(corpus, {"text": first, "external_id": "a"}, {"text": story(2), "external_id": "other"})
    import_records(
        corpus, {"text": changed(first, 3), "external_id": "b"}, {"text": changed(first, 4), "external_id": "c"}
    )
    found = groups(corpus)
    assert found["other"] is None
    assert found["a"] is not None
    assert found["a"] == found["b"] == found["c"]


def test_an_article_that_connects_two_groups_merges_them():
    corpus = factories.make_corpus()
    left, right = story(1), story(2)
    import_records(corpus, {"text": left, "external_id": "a"}, {"text": changed(left, 3), "external_id": "b"})
    import_records(corpus, {"text": right, "external_id": "c"}, {"text": changed(right, 4), "external_id": "d"})
    assert len(set(groups(corpus).values())) == 2
    import_records(corpus, {"text": f"{left} {right}", "external_id": "both"})
    assert len(set(groups(corpus).values())) == 1
    assert CopyGroup.objects.count() == 1


def test_versions_of_one_article_are_not_copies():
    corpus = factories.make_corpus()
    import_records(corpus, {"text": story(1), "external_id": "a"})
    batch = import_records(corpus, {"text": changed(story(1), 2), "external_id": "a"})
    assert batch.changed == 1
    assert not CopyGroup.objects.exists()


def test_copies_are_found_within_one_corpus_only():
    import_records(factories.make_corpus("one"), {"text": story(1)})
    import_records(factories.make_corpus("two"), {"text": changed(story(1), 2)})
    assert not CopyGroup.objects.exists()


def test_an_editor_counts_a_group_once_and_removes_an_article():
    corpus = factories.make_corpus()
    import_records(corpus, {"text": story(1), "external_id": "a"}, {"text": changed(story(1), 2), "external_id": "b"})
    group, editor = CopyGroup.objects.get(), factories.make_member(corpus)
    assert set_counted_once(user=editor, group=group, once=True).counted_once
    with pytest.raises(NotAllowed):
        set_counted_once(user=factories.make_member(corpus, Role.READER), group=group, once=False)
    article = Article.objects.get(external_id="a")
    leave_copies(user=editor, article=article)
    assert set(groups(corpus).values()) == {None}
    with pytest.raises(Conflict, match="not in a group"):
        leave_copies(user=editor, article=Article.objects.get(external_id="b"))


@pytest.mark.processes
def test_many_articles_are_completed_in_child_processes_with_equal_results(monkeypatch):
    from corpusapp.articles.actions import import_articles as importing

    records = [
        {
            "text": f"Headline number {n}\n\nTEHRAN, Aug. {n + 1} (LW) -- {story(n)}\n\nNews Code {n}",
            "external_id": str(n),
        }
        for n in range(12)
    ]
    columns = ("external_id", "title", "dateline", "content_sha256", "language", "zones__start", "zones__kind")
    here, there = factories.make_corpus("here"), factories.make_corpus("there")
    import_records(here, *records)
    monkeypatch.setattr(importing, "CHUNK", 5)
    import_records(there, *records)
    rows = [
        [tuple(map(str, row)) for row in corpus.articles.order_by("pk", "zones__start").values_list(*columns)]
        for corpus in (here, there)
    ]
    assert rows[0] == rows[1]
    assert len(rows[0]) > 24


_ids = st.integers(0, 12)


@given(st.dictionaries(_ids, st.sampled_from([None, None, 1, 2, 3]), min_size=1), st.data())
def test_articles_are_connected_by_pairs_and_by_their_groups(groups, data):
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(sorted(groups)), st.sampled_from(sorted(groups)))))
    found = copies.components(pairs, groups)
    assert sorted(pk for members in found for pk in members) == sorted(groups)
    number = {pk: place for place, members in enumerate(found) for pk in members}
    assert all(number[new] == number[old] for new, old in pairs)
    grouped = {pk: group for pk, group in groups.items() if group}
    assert all(number[one] == number[two] for one in grouped for two in grouped if grouped[one] == grouped[two])
    # No two of them could be told apart by fewer components: each is held together by its pairs and groups.
    links = [*pairs, *((one, two) for one in grouped for two in grouped if grouped[one] == grouped[two])]
    for members in found:
        reached = {min(members)}
        while more := {b for a, b in [*links, *((b, a) for a, b in links)] if a in reached} - reached:
            reached |= more
        assert reached == members
