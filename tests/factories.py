"""A small cast for the tests: one corpus about Iran–Syria diplomacy, another beside it, and their people."""

import io
import itertools
from typing import Any

from django.db import transaction
from django.utils import timezone

from annotations.review.actions.propose import ProposalRow, replace_suggestions
from annotations.review.models import Label, Span
from annotations.suggestions.models import Pipeline
from corpusapp.accounts.models import User
from corpusapp.articles.actions.corpora import create_corpus, set_member
from corpusapp.articles.actions.store import log_problems, store
from corpusapp.articles.actions.uploads import receive_upload, work_off_upload
from corpusapp.articles.models import Article, Corpus, ImportBatch, Role
from corpusapp.core.job_states import JobState
from corpusapp.intake.complete import complete_all
from corpusapp.intake.draft import Draft, draft_from_record

numbers = itertools.count(1)
PASSWORD = "a long enough password"
TEXT = "Zarif met Muallem in Damascus. Zarif left for Tehran."


def make_superuser(username: str = "root") -> User:
    return User.objects.filter(username=username).first() or User.objects.create_superuser(username, password=PASSWORD)


def make_user(username: str, **values: Any) -> User:
    return User.objects.create_user(username, password=PASSWORD, **values)


def make_corpus(slug: str = "desk", **values: Any) -> Corpus:
    """A corpus with the OntoNotes labels, made by the superuser."""
    return create_corpus(user=make_superuser(), slug=slug, **values)


def make_member(corpus: Corpus, role: Role = Role.EDITOR, username: str = "") -> User:
    """A new user with a role in the corpus."""
    member = make_user(username or f"{role}-{next(numbers)}")
    set_member(user=make_superuser(), corpus=corpus, member=member, role=role)
    return member


def make_article(corpus: Corpus, text: str = TEXT, *, suggest: bool = False, **record: Any) -> Article:
    """One article; other keys are those of a JSONL line. Texts must differ within a corpus."""
    return make_articles(corpus, {"text": text, **record}, suggest=suggest)[0]


def make_articles(corpus: Corpus, *records: dict[str, Any], suggest: bool = False) -> list[Article]:
    """Articles as an import stores them, without its bookkeeping: a test about importing calls `import_articles`."""
    drafts = [draft_from_record(record) for record in records]
    assert all(isinstance(draft, Draft) for draft in drafts), drafts
    options = {"add_labels": False, "suggest": suggest, "columns": {}}
    with transaction.atomic():
        batch = ImportBatch.objects.create(
            user=make_superuser(), corpus=corpus, origin=ImportBatch.Origin.COMMAND, options=options,
            state=JobState.DONE, finished_at=timezone.now(), items=len(drafts), added=len(drafts),
        )  # fmt: skip
        outcome = store(batch=batch, completed=complete_all([(draft, None) for draft in drafts], corpus.language))
        assert (outcome.failures, outcome.duplicates) == ([], [])
        log_problems(batch, outcome, drafts)
        if outcome.changed:
            ImportBatch.objects.filter(pk=batch.pk).update(changed=outcome.changed)
    return list(Article.objects.filter(batch=batch).order_by("pk"))


def upload(corpus: Corpus, *files: tuple[str, bytes], **options: Any) -> ImportBatch:
    """Bring files in as a person does, and work them off."""
    opened = [(name, io.BytesIO(data)) for name, data in files]
    batch = receive_upload(
        user=make_superuser(), corpus=corpus, files=opened, origin=ImportBatch.Origin.FORM, suggest=False, **options
    )
    return work_off(batch)


def work_off(batch: ImportBatch | None = None) -> ImportBatch:
    """What a worker does with an upload; the newest one, where none is named."""
    return work_off_upload(batch=batch or ImportBatch.objects.latest("pk"))


def make_pipeline(name: str = "hand") -> Pipeline:
    return Pipeline.objects.get_or_create(digest=name, defaults={"name": name, "version": "1"})[0]


def suggest(article: Article, *triples: tuple[int, int, str], score: float | None = None) -> list[Span]:
    """Make exactly these (start, end, label) the article's suggestions; returns them in reading order."""
    labels = dict(Label.objects.filter(corpus_id=article.corpus_id).values_list("name", "pk"))
    replace_suggestions(
        corpus=article.corpus,
        pipeline_id=make_pipeline().pk,
        article_ids=[article.pk],
        proposals=[ProposalRow(article.pk, start, end, labels[label], score) for start, end, label in triples],
    )
    return list(Span.objects.for_reading().filter(article=article, state="suggested"))
