"""Fill a new home: tables, an administrator, a corpus with its labels. Prints the administrator's token.

In a separate process, because no interface of the desk deletes labels.
"""

import argparse
import os


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exactly", action="store_true", help="no other labels")
    parser.add_argument("--nesting", action="store_true", help="allow nested spans")
    parser.add_argument("labels", nargs="*")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    try:
        call_command("migrate", interactive=False, verbosity=0)
        print(_prepare(options.labels, options.exactly, options.nesting))
    finally:
        connections.close_all()


def _prepare(labels: list[str], exactly: bool, nesting: bool) -> str:
    from annotations.review.actions.labels import ensure_labels
    from annotations.review.models import Label
    from corpusapp.accounts.actions.tokens import create_token
    from corpusapp.articles.actions.corpora import edit_corpus
    from tests import factories
    from tests.benchmarks.economy.desk import CORPUS

    user, corpus = factories.make_superuser(), factories.make_corpus(CORPUS)
    if exactly:
        Label.objects.filter(corpus=corpus).exclude(name__in=labels).delete()
    ensure_labels(corpus=corpus, names=labels)
    if nesting:
        about = {"name": corpus.name, "guidelines": "", "language": corpus.language}
        edit_corpus(user=user, corpus=corpus, nesting_allowed=True, **about)
    return create_token(user=user, name="benchmark")[1]


if __name__ == "__main__":
    main()
