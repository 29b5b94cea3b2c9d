"""Whatever is typed into a search, by whatever door: it is answered, or refused with 400."""

from urllib.parse import quote, quote_plus

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from annotations.review.models import Label
from corpusapp.articles.models import Membership
from tests import factories
from tests.admin.addresses import autocomplete
from tests.api.client import Rest

pytestmark = pytest.mark.django_db

_PIECES = st.one_of(
    st.sampled_from(
        [*"-\"'&|!():*<>~\\%_@,;.`$/{}[]?=+#", "--", " -", ' "', " or ", " OR ", "<->", ":*", "\0", "\t", "\n",
         "\u200c", "\xad", "\u0301", "ـ", "Zarif", "in", "the", "王", "王丽", "ไทย", "İ", "ß", "👍", "\U0010ffff",
         "1e9", "-5"]
    ),
    st.text(max_size=5),
)  # fmt: skip
QUERIES = st.lists(_PIECES, max_size=40).map("".join)
# Percent-encoded bytes that are no UTF-8: half a character, a lone surrogate.
BYTES = st.one_of(st.binary(max_size=20), st.sampled_from([b"\xed\xa0\x80", b"a\xed\xb2\x80 b", b"\xc3", b"\xff\xfe"]))
ADDRESS = st.one_of(QUERIES.map(lambda text: quote(text, errors="surrogatepass")), BYTES.map(quote_plus))

HOSTILE = (
    "-" * 100, " -" * 100, "- " * 200, "!" * 300, "(" * 300, '"' * 99, "a or " * 99, "-a " * 160, "a " * 250,
    "or or or", '-"', "王 " * 160, "-王 " * 120, "王" * 500, "\0", "a" * 499, "ﷺ" * 499, "&" * 400, ":* & !",
    "'" * 301, "\\" * 301,
    "word " * 10_000, "x" * 100_000, "\u0301" * 300, "\u200c" * 400, "İ" * 500,
)  # fmt: skip
# What the lists of the admin site are asked too, of which there are many.
LISTS = ("-" * 100, "\0", "a " * 250, "word " * 10_000)


@pytest.fixture
def doors(db):
    """The answer of every place that takes a search, by its name."""
    corpus = factories.make_corpus()
    article = factories.make_article(corpus, "Zarif met 王丽 in İstanbul.", title="Zarif")
    factories.suggest(article, (0, 5, "PERSON"))
    user = factories.make_superuser()
    browser, rest = Client(raise_request_exception=False), Rest(user)
    rest._http.raise_request_exception = False
    browser.force_login(user)
    pages = {
        "list": reverse("article-list", args=[corpus.slug]) + "?q=",
        "by uncertainty": reverse("article-list", args=[corpus.slug]) + "?order=uncertainty&q=",
        "article": reverse("article", args=[corpus.slug, article.pk]) + "?q=",
        "next": reverse("article-next", args=[corpus.slug]) + "?q=",
        **{f"concordance {mode}": reverse("concordance", args=[corpus.slug]) + f"?mode={mode}&q=" for mode in MODES},
        "choices of articles": autocomplete(Label, "corpus", ""),
        "choices of users": autocomplete(Membership, "user", ""),
    }
    lists = [model for model, one in admin.site._registry.items() if one.search_fields]
    pages |= {
        f"admin {model._meta.label}": reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        + "?q="
        for model in lists
    }
    calls = {
        "articles": "articles/?q=", "next": f"corpora/{corpus.slug}/next/?q=", "users": "users/?q=",
        "concordance": f"corpora/{corpus.slug}/concordance/?q=", "spans": f"spans/?corpus={corpus.slug}&q=",
        "runs": f"corpora/{corpus.slug}/suggest/?q=",
    }  # fmt: skip

    def ask(encoded, *, lists=True):
        shown = {name: address for name, address in pages.items() if lists or not name.startswith("admin")}
        answers = {name: browser.get(address + encoded) for name, address in shown.items()}
        for name, address in calls.items():
            answers[f"REST {name}"] = rest.post(address + encoded) if name == "runs" else rest.get(address + encoded)
        return {name: answer.status_code for name, answer in answers.items()}

    return ask


MODES = ("words", "exact", "prefix")


def refused_otherwise(statuses):
    """The doors that neither answer nor refuse with 400. To the next article one is led."""
    return {
        name: status
        for name, status in statuses.items()
        if status not in (200, 202, 400) and not (name == "next" and status == 302)
    }


def test_hostile_searches_are_answered_or_refused(doors):
    for text in HOSTILE:
        assert refused_otherwise(doors(quote(text), lists=text in LISTS)) == {}, ascii(text[:20])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(encoded=ADDRESS)
@example(encoded="%ED%A0%80")
def test_any_search_is_answered_or_refused(doors, encoded):
    assert refused_otherwise(doors(encoded, lists=False)) == {}


def test_a_plain_search_is_answered_everywhere(doors):
    statuses = doors("zarif")
    # The list of spans knows no search, and says so.
    assert statuses.pop("REST spans") == 400
    assert set(statuses.values()) <= {200, 202, 302}, statuses
