"""Releases of the small corpus of the tests of exports."""

import json
from typing import Any

from annotations.exports.selection import Selection
from annotations.releases import store
from annotations.releases.actions.make import make_release
from annotations.releases.actions.order import order_release
from annotations.releases.models import Release
from corpusapp.articles.models import Corpus
from tests import factories
from tests.exports.cast import ANY


def make(corpus: Corpus, selection: Selection = ANY, **asked: Any) -> Release:
    """The next release of the corpus, with articles of any stage."""
    release, _ = order_release(user=factories.make_superuser(), corpus=corpus, selection=selection, **asked)
    make_release(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "made", release.reason
    return release


def lines(release: Release) -> list[dict[str, Any]]:
    return [json.loads(line) for line in store.lines(release.sha256)]
