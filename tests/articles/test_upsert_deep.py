"""Upserts: a chunk of records does what the same records do one by one, and the command line knows them too."""

import io
import json
import uuid
from typing import Any

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpusapp.accounts.models import User
from corpusapp.articles.actions.deduplicate import AMBIGUOUS
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Article, Corpus, ImportBatch
from corpusapp.intake.draft import drafts_from_body
from tests import factories

TEXTS = ("Zarif met Muallem.", "Zarif  met\nMuallem.", "Assad stayed in Damascus.", "Talks went on.")


def _some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


RECORD = st.fixed_dictionaries(
    {"text": st.sampled_from(TEXTS)},
    optional={
        "external_id": _some(st.sampled_from(["", "a", "b"])),
        "url": _some(st.sampled_from(["", "https://example.org/a", "https://example.org/b"])),
        "title": _some(st.sampled_from(["", "One", "Two"])),
        "source": _some(st.sampled_from(["", "SANA", "IRNA"])),
        "published_on": _some(st.sampled_from(["", "2018-09-03", "2018-09-04"])),
        "metadata": _some(st.dictionaries(st.sampled_from(["author", "desk"]), _some(st.integers(0, 1)), max_size=2)),
    },
)


@pytest.fixture
def root(db):
    return factories.make_superuser()


def upsert(user: User, corpus: Corpus, records: list[dict[str, Any]]) -> ImportBatch:
    origin = ImportBatch.Origin.REST
    items = drafts_from_body(records)
    return import_articles(user=user, corpus=corpus, items=items, origin=origin, suggest=False, upsert=True)


def contents(corpus: Corpus) -> list[str]:
    columns = (
        "text", "external_id", "url", "title", "source__name", "published_on", "published_evidence", "author",
        "metadata", "version", "previous__text", "search_vector",
    )  # fmt: skip
    return sorted(map(repr, Article.objects.filter(corpus=corpus).values_list(*columns)))


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(RECORD, min_size=1, max_size=8))
def test_a_chunk_does_what_its_records_do_one_by_one(root, records):
    whole, single = (factories.make_corpus(f"desk-{uuid.uuid4()}") for _ in range(2))
    batch = upsert(root, whole, records)
    one_by_one = [upsert(root, single, [record]) for record in records]
    assert contents(whole) == contents(single)
    for name in ("added", "changed", "updated", "duplicates", "failed"):
        assert getattr(batch, name) == sum(getattr(one, name) for one in one_by_one), name
    assert batch.added + batch.updated + batch.duplicates + batch.failed == len(records)
    reasons = batch.problems.filter(kind="failed").values_list("reason", flat=True)
    assert all(reason.startswith(AMBIGUOUS) for reason in reasons)


def test_the_command_upserts(root, tmp_path):
    path = tmp_path / "a.jsonl"

    def run(*options: str, **record: str) -> str:
        path.write_text(json.dumps({"text": TEXTS[0], "external_id": "a", **record}))
        said = io.StringIO()
        call_command("import_articles", str(path), "--corpus", "desk", "--no-suggest", *options, stdout=said)
        return said.getvalue().strip()

    assert run(title="One") == "1 added, 0 duplicates, 0 changed, 0 failed"
    assert run(title="Two") == "0 added, 1 duplicates, 0 changed, 0 failed"
    assert run("--upsert", title="Two").startswith("0 added, 0 duplicates, 0 changed, 0 failed, 1 updated")
    assert Article.objects.get().title == "Two"
