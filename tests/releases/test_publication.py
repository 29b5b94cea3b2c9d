"""Licence, version, citation and contact in the manifest and the files of a release, as they were when it was made."""

import io
import json
import zipfile

import mlcroissant
import pytest

from annotations.exports.actions.make import make_export
from annotations.exports.models import Export
from annotations.exports.queries.exports import file_of
from annotations.releases.models import Release
from corpusapp.articles.actions.corpora import edit_corpus
from corpusapp.articles.models import Corpus
from tests import factories
from tests.api.client import Rest
from tests.exports import cast as exports
from tests.releases import cast

STATED = {
    "licence": "CC-BY-4.0",
    "version": "1.2.0",
    "citation": "@misc{wire,\n  title = {The {Wire}},\n}",
    "contact": "Noor Barakat <noor@example.org>",
}
RELEASES = "corpora/desk/releases/"


@pytest.fixture
def corpus(db):
    return exports.make_desk()


@pytest.fixture
def root(corpus):
    return Rest(factories.make_superuser())


def parquet(root: Rest, folder, address: str) -> dict[str, str]:
    """The card and the metadata of a file that is ordered here, which is unpacked into the folder."""
    order = root.post(address, {"format": "parquet"} | ({} if "releases" in address else {"stage": ["any"]}))
    make_export(export_id=order.json()["id"])
    data = file_of(Export.objects.get(pk=order.json()["id"])).read_bytes()
    zipfile.ZipFile(io.BytesIO(data)).extractall(folder)
    return {name: (folder / name).read_text() for name in ("README.md", "croissant.json")}


def warnings(folder) -> set[str]:
    found = mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).metadata.ctx.issues
    assert not found.errors
    return found.warnings


def test_a_release_keeps_what_was_stated_when_it_was_made(corpus, root, tmp_path):
    root.patch("corpora/desk/", STATED)
    release = cast.make(corpus)
    manifest = root.get(f"{RELEASES}1/manifest/").json()
    assert manifest["corpus"].items() >= STATED.items()
    root.patch("corpora/desk/", dict.fromkeys(STATED, "other"))
    assert root.get(f"{RELEASES}1/manifest/").json() == manifest
    files = parquet(root, tmp_path, f"{RELEASES}1/exports/")
    assert warnings(tmp_path) == set()
    metadata = json.loads(files["croissant.json"])
    assert (metadata["version"], metadata["citeAs"]) == ("1.2.0", STATED["citation"])
    assert metadata["datePublished"] == f"{release.finished_at:%Y-%m-%d}"
    assert "release 1" in files["README.md"] and STATED["citation"] in files["README.md"]


def test_the_pages_of_releases_show_it(corpus, client):
    user = factories.make_superuser()
    client.force_login(user)
    cast.make(corpus)
    edit_corpus(user=user, corpus=corpus, name="Desk", language="en", nesting_allowed=False, **STATED)
    cast.make(corpus)
    assert "Licence: <span" in client.get("/corpora/desk/releases/").content.decode()
    first, second = (client.get(f"/corpora/desk/releases/{number}/").content.decode() for number in (1, 2))
    assert "No licence is stated." in first and "Cite as" not in first
    assert "Licence: CC-BY-4.0. Version 1.2.0. Contact: Noor Barakat &lt;noor@example.org&gt;." in second
    assert "title = {The {Wire}}" in second


def test_a_corpus_as_it_is_says_it_too(corpus, root, tmp_path):
    root.patch("corpora/desk/", STATED)
    files = parquet(root, tmp_path, "corpora/desk/exports/")
    assert warnings(tmp_path) == set()
    assert "release" not in files["README.md"].split("|")[0] and "Version 1.2.0, 20" in files["README.md"]
    tei = root.get("corpora/desk/export/?format=tei&stage=any").getvalue().decode()
    assert 'target="https://creativecommons.org/licenses/by/4.0/"' in tei


def test_what_nobody_stated_is_said_to_be_missing(corpus, root, tmp_path):
    cast.make(corpus)
    files = parquet(root, tmp_path, f"{RELEASES}1/exports/")
    assert "No licence is stated." in files["README.md"]
    assert json.loads(files["croissant.json"])["version"] == "1.0.0"
    # What Croissant recommends besides, and nothing else.
    assert sorted(warning.split('"')[1].rpartition("/")[2] for warning in warnings(tmp_path)) == ["citeAs", "license"]


def test_a_release_of_an_earlier_version_has_none(corpus, root, tmp_path):
    release = cast.make(corpus)
    manifest = {**release.manifest, "corpus": {"slug": "desk", "name": "Desk", "language": "en"}}
    Release.objects.create(
        corpus=corpus, user=release.user, number=2, seed="1", **release.shares, state="made", selection={},
        articles=release.articles, sha256=release.sha256, size=release.size, manifest=manifest,
    )  # fmt: skip
    Corpus.objects.update(licence="CC0-1.0")
    assert "No licence is stated." in parquet(root, tmp_path, f"{RELEASES}2/exports/")["README.md"]
