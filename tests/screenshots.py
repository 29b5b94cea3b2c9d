"""Pictures of the desk, light and dark, wide and narrow, into static/screenshots: `python -m tests.screenshots`.

The article is one that ships with the project, on a database of its own.
"""

import argparse
import os
from pathlib import Path

from tests import database
from tests.benchmarks.serving import chromium, desk, session_of

SIZES = {"wide": (1440, 900), "narrow": (360, 740)}
SAMPLE = Path(__file__).parents[1] / "corpusapp" / "sample" / "articles.jsonl"
DEFAULT = Path(__file__).parents[1] / "static" / "screenshots"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=DEFAULT)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    run = database.start()
    try:
        options.to.mkdir(parents=True, exist_ok=True)
        take(options.to)
    finally:
        if run is not None:
            run.end()


def take(folder: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment()
    call_command("migrate", verbosity=0)
    user, pages = _cast()
    with desk() as address, chromium() as browser:
        for colours in ("light", "dark"):
            for size, (width, height) in SIZES.items():
                context = browser.new_context(
                    base_url=address, color_scheme=colours, viewport={"width": width, "height": height}
                )
                context.add_cookies([{**session_of(user), "url": address}])
                for name, path in pages.items():
                    _picture(context.new_page(), name, path, folder / f"{name}-{colours}-{size}.png")
                context.close()


def _picture(page: object, name: str, path: str, file: Path) -> None:
    page.goto(path)
    if name.startswith("workbench"):
        page.wait_for_selector("html.keys #hand")
        for key in ("Tab", "a", "a", "x", "Tab"):
            page.keyboard.press(key)
        page.wait_for_selector("#saved[data-state=saved]")
        for _ in range(4):
            page.keyboard.press("Control+z")
        page.wait_for_selector("#saved[data-state=saved]")
    page.screenshot(path=file)
    page.close()


def _cast() -> tuple[object, dict[str, str]]:
    """Somebody to look, and the pages that are looked at."""
    from django.urls import reverse

    from annotations.suggestions.actions.start_run import start_run
    from annotations.suggestions.worker import work
    from corpusapp.articles.actions.import_articles import import_articles
    from corpusapp.articles.models import Article, ImportBatch
    from corpusapp.intake.files import read_paths
    from tests import factories

    user = factories.make_user("noor", first_name="Noor", last_name="Barakat", is_superuser=True)
    corpus = factories.make_corpus("wire", name="Levant wire", guidelines="Titles stay outside of names.")
    items = read_paths([SAMPLE])
    import_articles(user=user, corpus=corpus, items=items, origin=ImportBatch.Origin.COMMAND, suggest=False)
    articles = list(Article.objects.filter(corpus=corpus).order_by("pk"))
    work(run=start_run(user=user, corpus=corpus, article_ids=[article.pk for article in articles]))
    arabic = next((article for article in articles if article.language in ("ar", "fa")), None)
    pages = {
        "workbench": reverse("article", args=[corpus.slug, articles[0].pk]),
        "list": reverse("article-list", args=[corpus.slug]),
        "concordance": reverse("concordance", args=[corpus.slug]) + "?q=Damascus",
        "dashboard": reverse("dashboard", args=[corpus.slug]),
        "guidelines": reverse("guidelines", args=[corpus.slug]),
        "keys": reverse("keys"),
    }
    if arabic:
        pages["workbench-rtl"] = reverse("article", args=[corpus.slug, arabic.pk])
    return user, pages


if __name__ == "__main__":
    main()
