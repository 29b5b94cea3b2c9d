"""An article of rare words, everywhere where words of an article can stand, and a search for them in the database."""

import zlib

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import connection

from annotations.review.actions.choices import Choice
from annotations.review.actions.comments import add_comment
from annotations.review.actions.decide import decide
from annotations.review.actions.set_aside import set_aside
from annotations.review.actions.stages import finish
from annotations.review.models import Span
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import NewsReader
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_pending
from annotations.suggestions.actions.runs import start_run
from corpusapp.articles.actions.retry import retry_problem
from corpusapp.articles.models import Article, ImportProblem
from tests import factories

NAME = "Xylokastro"
WORDS = (NAME, "Vrachati")
PAGE = f"""<html><head><title>{NAME} and the port</title><meta name="author" content="Anna {WORDS[1]}"></head><body>
<article><h1>{NAME} and the port</h1><p>{WORDS[1]} (SANA) - {NAME} met Muallem in Damascus on Monday, the agency said.
They spoke of the port and of the ships that wait before it, and of what is to come.</p>
<p>{NAME} left for Tehran in the evening, where talks are to be held, as officials of the ministry told.</p></article>
</body></html>"""


class Lookup:
    name, version, digest = "lookup", "1", "lookup"

    def propose(self, texts):
        for source in texts:
            start = source.text.find(NAME)
            yield [Proposal(start, start + len(NAME), "PERSON")] if start >= 0 else []


def make_told(corpus) -> Article:
    root = factories.make_superuser()
    batch = factories.upload(corpus, (f"{NAME}.html", PAGE.encode()), source=f"{NAME} Times")
    article = Article.objects.get(batch=batch)
    factories.upload(corpus, (f"{NAME}-again.txt", article.text.encode()))
    have_read(article)
    span = Span.objects.filter(article=article).first()
    decide(user=root, article=article, choices=[Choice("confirm", span=span.pk, revision=span.revision)])
    add_comment(user=root, article=article, text=f"Is {NAME} the port?", span=span.pk)
    set_aside(user=root, article=article, kind="flag", reason=f"{NAME}, for the index.")
    finish(user=root, article=article)
    learn_from_decisions(corpus=corpus)
    LogEntry.objects.log_actions(root.pk, [article], CHANGE, "List action: marked done.")
    return article


def have_read(article: Article) -> None:
    """By a suggester that knows one name."""
    run = start_run(user=factories.make_superuser(), corpus=article.corpus, article_ids=[article.pk])
    process_pending(run=run, reader=NewsReader(Lookup()))


def make_retried(corpus) -> Article:
    """One that failed, and came in when it was tried again."""
    from annotations.review.actions.labels import add_label

    line = f'{{"text": "{NAME} is here.", "spans": [[0, 10, "PORT"]]}}\n'
    factories.upload(corpus, ("lines.jsonl", line.encode()))
    root = factories.make_superuser()
    add_label(user=root, corpus=corpus, name="PORT")
    assert retry_problem(user=root, problem=ImportProblem.objects.get(kind="failed", batch__corpus=corpus))
    return Article.objects.latest("pk")


def holders_of(word: str) -> set[str]:
    """The tables of which a row holds the word, as text or as bytes, compressed ones too."""
    found = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t WHERE t::text ILIKE %s LIMIT 1', [f"%{word}%"])
            if cursor.fetchall() or word.encode() in _bytes_of(cursor, table):
                found.add(table)
    return found


def _bytes_of(cursor, table: str) -> bytes:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type = 'bytea'", [table]
    )
    held = []
    for (column,) in cursor.fetchall():
        cursor.execute(f'SELECT "{column}" FROM "{table}"')
        held += [_unpacked(bytes(value)) for (value,) in cursor.fetchall() if value is not None]
    return b"\n".join(held)


def _unpacked(value: bytes) -> bytes:
    try:
        return zlib.decompress(value)
    except zlib.error:
        return value
