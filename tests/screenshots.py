"""Pictures of each page, light and dark, wide and narrow, into var/screenshots: `python -m tests.screenshots`.

The articles are those that ship with the project, and one from right to left, on a database of its own. The few that
the README shows are taken into static/screenshots too.
"""

import argparse
import os
import shutil
from pathlib import Path

from tests import database
from tests.benchmarks.serving import chromium, desk, session_of

SIZES = {"wide": (1180, 720), "narrow": (360, 740)}
SAMPLE = Path(__file__).parents[1] / "corpusapp" / "sample" / "articles.jsonl"
PROJECT = Path(__file__).parents[1]
DEFAULT = PROJECT / "var" / "screenshots"
BEST = {"workbench-light-wide.png", "workbench-dark-wide.png", "workbench-light-narrow.png"}
SHOWN = PROJECT / "static" / "screenshots"
ARABIC = (
    "دمشق تستقبل وفداً إيرانياً لبحث طريق الحرير\n"
    "دمشق – التقى نائب وزير الخارجية فيصل المقداد يوم الأربعاء في دمشق علي أكبر ولايتي، مستشار المرشد الأعلى، وبحثا "
    "عودة اللاجئين السوريين من لبنان والأردن.\n"
    "وقال ولايتي إن طهران ستشارك في إعمار حلب وحمص، وإن وفداً من غرفة تجارة أصفهان يصل إلى اللاذقية في 12 أيلول.\n"
)
GUIDELINES = """\
# Names

Mark **whole names**; titles stay outside.

- *Label*: Ali Akbar Velayati
- *Leave*: Adviser to the Leader

1. One label a name.
2. When in doubt, comment.
"""
PUBLICATION = {
    "licence": "CC-BY-4.0",
    "version": "1.2.0",
    "citation": "@misc{wire2026,\n  title = {The {Levant} wire},\n  author = {Barakat, Noor},\n  year = 2026,\n}",
    "contact": "Noor Barakat <desk@example.org>",
}
NAMES = {
    "PERSON": ("فيصل المقداد", "علي أكبر ولايتي"), "GPE": ("لبنان", "الأردن", "طهران", "حلب", "حمص", "اللاذقية"),
    "NORP": ("السوريين",), "ORG": ("غرفة تجارة أصفهان",), "DATE": ("يوم الأربعاء", "12 أيلول"),
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, default=DEFAULT)
    parser.add_argument("--only", nargs="*", default=[], metavar="PAGE", help="such as workbench; all without it")
    parser.add_argument("--whole", action="store_true", help="whole pages, not what the window shows first")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    run = database.start()
    try:
        options.to.mkdir(parents=True, exist_ok=True)
        take(options.to, options.only, options.whole)
    finally:
        if run is not None:
            run.end()


def take(folder: Path, only: list[str], whole: bool) -> None:
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
                for name, path in pages.items():
                    if only and name not in only:
                        continue
                    context.clear_cookies()
                    if name not in ("sign-in", "invitation"):
                        context.add_cookies([{**session_of(user), "url": address}])
                    _picture(context.new_page(), name, path, folder / f"{name}-{colours}-{size}.png", whole)
                context.close()


def _picture(page: object, name: str, path: str, file: Path, whole: bool) -> None:
    page.goto(path)
    if at_work := name.startswith("workbench"):
        page.wait_for_selector("html.keys #selected-span")
        _press(page, "Tab", "a", "a", "x", "Tab")
    page.screenshot(path=file, full_page=whole)
    if file.name in BEST and not whole:
        shutil.copy(file, SHOWN)
    if at_work:
        # So that the next picture begins as this one did.
        _press(page, *["Control+z"] * 3)
    page.close()


def _press(page: object, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_selector("#saved[data-state=saved]")


def _cast() -> tuple[object, dict[str, str]]:
    """Somebody to look, and the pages that are looked at."""
    from django.urls import reverse

    from annotations.entities.actions.link_articles import link_marked
    from annotations.entities.models import Entity
    from annotations.review.actions.assign import assign
    from annotations.review.actions.comments import add_comment
    from annotations.review.actions.merge_labels import merge_labels
    from annotations.review.actions.saved_filters import save_filter
    from annotations.review.actions.set_aside import set_aside
    from annotations.review.actions.stages import finish
    from annotations.suggestions.actions.process_run import process_run
    from annotations.suggestions.actions.runs import start_run
    from corpusapp.articles.actions.import_articles import import_articles
    from corpusapp.articles.actions.invitations import invite
    from corpusapp.articles.models import Article, ImportBatch
    from corpusapp.intake.files import read_paths
    from tests import factories
    from tests.releases.cast import make

    user = factories.make_user("noor", first_name="Noor", last_name="Barakat", is_superuser=True)
    corpus = factories.make_corpus("wire", name="Levant wire", guidelines=GUIDELINES, **PUBLICATION)
    items = read_paths([SAMPLE])
    import_articles(user=user, corpus=corpus, items=items, origin=ImportBatch.Origin.COMMAND, suggest=False)
    articles = list(Article.objects.filter(corpus=corpus).order_by("pk"))
    process_run(run=start_run(user=user, corpus=corpus, article_ids=[article.pk for article in articles]))
    arabic = _arabic(corpus)
    for article in articles[1:4]:
        waiting = article.spans.filter(state="suggested").values_list("pk", "revision")
        finish(user=user, article=article, shown=dict(waiting))
    comment = add_comment(user=user, article=articles[0], text="Is the pipeline a PRODUCT or a FAC?", span=None)
    _members_and_notices(user, corpus, articles[0], comment)
    assign(user=user, corpus=corpus, article_ids=[article.pk for article in articles[5:7]], assignee=user)
    save_filter(user=user, corpus=corpus, name="SANA, least work", query="source=SANA&order=work", shared=True)
    releases = [make(corpus), make(corpus)]
    copy = Article.objects.filter(corpus=corpus, copy_group__gt=0).latest("pk")
    set_aside(user=user, article=articles[5], kind="flag", reason="A good example for the guidelines")
    set_aside(user=user, article=articles[4], kind="park", reason="Waits for the desk: is the ministry one ORG or two?")
    slug, span = corpus.slug, articles[0].spans.order_by("start").first()
    named = (
        "article-list",
        "dashboard",
        "comments",
        "guidelines",
        "corpus",
        "corpus-members",
        "import",
        "pipelines",
        "suggester",
        "export",
        "releases",
        "corpus-settings",
        "settings-labels",
        "settings-guidelines",
        "entities",
        "entity-new",
        "entities-duplicates",
        "entities-unlinked",
        "entities-ambiguous",
    )
    link_marked(corpus=corpus)
    entities = Entity.objects.filter(corpus=corpus).order_by("-mentions", "pk")[:2]
    label, other = corpus.labels.filter(name__in=["PERSON", "NORP"]).order_by("position")
    merged = corpus.labels.get(name="LAW")
    merge_labels(user=user, label=merged, into=corpus.labels.get(name="EVENT"))
    pages = {
        "sign-in": reverse("sign-in"),
        "home": reverse("home"),
        "workbench": reverse("article", args=[slug, articles[0].pk]),
        "workbench-rtl": reverse("article", args=[slug, arabic.pk]),
        "history": reverse("span-history", args=[slug, articles[0].pk, span.pk]),
        "span-entity": reverse("span-entity", args=[slug, articles[0].pk, span.pk]),
        "concordance": reverse("concordance", args=[slug]) + "?q=Damascus",
        "disagreements": reverse("disagreements", args=[slug]) + "?verb=reject&suggested=GPE",
        "label": reverse("label", args=[slug, "PERSON"]),
        "invitation": reverse("invitation", args=[invite(user=user, corpus=corpus, role="editor")[1]]),
        "release": reverse("release", args=[slug, releases[0].number]),
        "comparison": reverse("release-compare", args=[slug, releases[1].number]) + f"?with={releases[0].number}",
        "import-batch": reverse("import-batch", args=[slug, corpus.batches.first().pk]),
        "not-found": "/nowhere/",
        **{name: reverse(name, args=[slug, entities[0].pk]) for name in ("entity", "entity-find", "entity-history")},
        "entities-compare": reverse("entities-compare", args=[slug])
        + "".join(f"{'&' if number else '?'}entity={entity.pk}" for number, entity in enumerate(entities)),
        "copies": reverse("copies", args=[slug, copy.pk]),
        "article-columns": reverse("article-list", args=[slug]) + "?view=columns&order=work",
        **{name: reverse(name, args=[slug]) for name in named},
        "settings-labels-undo": reverse("settings-labels", args=[slug]) + f"?done=merge&label={merged.pk}",
        "settings-label": reverse("settings-label", args=[slug, label.pk]),
        "settings-label-merge": reverse("settings-label-merge", args=[slug, other.pk]) + f"?into={label.pk}",
        **{name: reverse(name) for name in ("corpus-new", "keys", "help", "account", "notices")},
        **{name: reverse(name) for name in ("set-aside-list", "password-change")},
        "admin": reverse("admin:index"),
        "admin-status": reverse("admin:status"),
        "admin-list": reverse("admin:articles_article_changelist"),
        "admin-corpus": reverse("admin:articles_corpus_change", args=[corpus.pk]),
        "admin-article": reverse("admin:articles_article_change", args=[articles[0].pk]),
        "admin-add": reverse("admin:articles_membership_add"),
    }
    return user, pages


def _members_and_notices(user: object, corpus: object, article: object, comment: object) -> None:
    """Some members, invitations in two states, and notices of replies, a mention and an accepted invitation."""
    from annotations.review.actions.comments import add_comment
    from corpusapp.articles.actions.corpora import set_member
    from corpusapp.articles.actions.invitations import accept_invitation, invite
    from tests import factories

    set_member(user=user, corpus=corpus, member=user, role="manager")
    rania = factories.make_member(corpus, "editor", "rania")
    invitation, _ = invite(user=user, corpus=corpus, role="reader", note="Samir, of the evening desk")
    accept_invitation(user=factories.make_user("samir"), invitation=invitation)
    invite(user=user, corpus=corpus, role="editor", note="Leila")
    add_comment(user=rania, article=article, text="A FAC, see the guidelines.", reply_to=comment.pk)
    add_comment(user=rania, article=article, text="@noor, is the date of the dateline right?")


def _arabic(corpus: object) -> object:
    """An article from right to left, with the spans that belong there."""
    from tests import factories

    article = factories.make_article(corpus, ARABIC, language="ar", title=ARABIC.split("\n")[0], source="سانا")
    places = [(ARABIC.index(name), ARABIC.index(name) + len(name), label) for label in NAMES for name in NAMES[label]]
    factories.suggest(article, *places, score=0.86)
    return article


if __name__ == "__main__":
    main()
