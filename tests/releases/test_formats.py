"""Exports of a release in other formats: always the same bytes, whatever happens to the corpus."""

import gzip
import hashlib
import json
import subprocess
import sys

import pytest
from django.conf import settings

from annotations.exports.actions.make import make_export
from annotations.exports.format_choices import is_streamed
from annotations.exports.queries.exports import file_of
from annotations.formats import json_text
from annotations.formats.registry import formats
from annotations.releases import store
from annotations.releases.actions.order import order_release_export
from annotations.releases.models import Release
from annotations.releases.queries import manifest as manifests
from annotations.review.models import Label, Span
from corpusapp.articles.models import Article, Corpus
from tests import factories
from tests.api.client import Rest, linked, refusal
from tests.exports.cast import ALL, make_desk
from tests.processes import environment
from tests.releases import cast

PATH = "corpora/desk/releases/1/"
# Another process, with another order of sets.
OTHER_PROCESS = """
import hashlib, json, sys
import django; django.setup()
from annotations.releases.queries.files import ReleaseSource
from annotations.releases.models import Release
from annotations.releases import store
from annotations.formats.registry import formats
from annotations.formats.report import Report
release = Release(**json.load(sys.stdin))
context = ReleaseSource(release).context()
for form in formats.written():
    digest = hashlib.sha256()
    for chunk in form.chunks(store.records(release.sha256), Report(), context):
        digest.update(chunk)
    print(form.name, digest.hexdigest())
"""


@pytest.fixture
def corpus(db):
    return make_desk()


def made(release, form: str, part: str = "") -> bytes:
    """An export, ordered and made."""
    export = order_release_export(user=factories.make_superuser(), release=release, format=form, part=part)
    make_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == "finished", export.reason
    return file_of(export).read_bytes()


@pytest.mark.processes
def test_every_format_is_the_same_later_in_another_process(corpus):
    """Slow, because two processes load spaCy and Arrow. One would not show the order of sets."""
    release = cast.make(corpus, selection=ALL)
    root = Rest(factories.make_superuser())
    first = {form.name: made(release, form.name) for form in formats.written()}
    Span.objects.filter(corpus=corpus).update(state="rejected")
    Article.objects.filter(corpus=corpus).update(title="Other", withdrawn_at="2026-01-01T00:00:00Z")
    Label.objects.filter(corpus=corpus).update(definition="Other.")
    Corpus.objects.update(guidelines="Other.", name="Other")
    for form in formats.written():
        if is_streamed(form):
            answer = root.get(f"{PATH}export/", format=form.name)
            assert (b"".join(answer.streaming_content), answer["X-Versions"]) == (first[form.name], "as made")
    about = {"number": 1, "sha256": release.sha256, "manifest": release.manifest, "selection": release.selection}
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS],
        cwd=settings.BASE_DIR,
        env=environment(DJANGO_SETTINGS_MODULE="corpusapp.settings", PYTHONHASHSEED="7"),
        input=json.dumps(about),
        capture_output=True,
        text=True,
    )
    anew = dict(line.split() for line in done.stdout.splitlines())
    assert anew == {name: hashlib.sha256(body).hexdigest() for name, body in first.items()}, done.stderr


def as_before(release: Release) -> Release:
    """A second release as made by a version without stages."""
    lines = []
    for line in store.lines(release.sha256):
        held = json.loads(line)
        kept = {key: value for key, value in held.items() if key not in ("stage", "finished_at", "decided")}
        lines.append(json_text.dumps(kept) + "\n")
    packed = gzip.compress("".join(lines).encode(), mtime=0)
    sha256 = hashlib.sha256(packed).hexdigest()
    store.path_of(sha256).write_bytes(packed)
    manifest = {key: value for key, value in release.manifest.items() if key != "left_out"}
    manifest["filter"] = manifest["filter"] | {"stage": []}
    manifest["filter"].pop("finished_by")
    return Release.objects.create(
        corpus=release.corpus,
        user=release.user,
        number=release.number + 1,
        seed="1",
        **release.shares,
        state="made",
        selection={},
        articles=release.articles,
        sha256=sha256,
        size=len(packed),
        manifest=manifest,
    )


def test_a_release_of_an_earlier_version_stays_readable(corpus):
    """Its file, its manifest and its exports; its articles are of any stage."""
    old = as_before(cast.make(corpus, selection=ALL))
    root, path = Rest(factories.make_superuser()), "corpora/desk/releases/2/"
    again = root.get(f"{path}export/")
    assert b"".join(again.streaming_content) == b"".join(store.lines(old.sha256))
    assert "X-Left-Out-Articles" not in again
    assert root.get(f"{path}manifest/").json() == old.manifest
    assert (old.chosen.stages, root.get(f"{path}check/").json()["state"]) == (("any",), "whole")
    reported = b"".join(root.get(f"{path}file/").streaming_content)
    assert hashlib.sha256(reported).hexdigest() == old.sha256
    # Undecided text is unknown, so that all is exported as before.
    assert made(old, "conll").count(b"-DOCSTART-") == 2
    compared = root.get("corpora/desk/releases/1/compare/2/").json()
    assert compared["articles"] == {"added": 0, "changed": 0, "removed": 0}


def test_exports_of_one_part(corpus):
    for number in range(6):
        factories.make_article(corpus, f"Report {number * 7919} from Damascus.", external_id=f"r-{number}")
    release = cast.make(corpus, shares={"train": 34, "dev": 33, "test": 33})
    root = Rest(factories.make_superuser())
    lines = {}
    for part in ("train", "dev", "test"):
        body = b"".join(root.get(f"{PATH}export/", part=part).streaming_content)
        lines[part] = body.splitlines(keepends=True)
        assert len(lines[part]) == release.counts["parts"][part]["articles"]
        assert all(json.loads(line)["split"] == part for line in lines[part])
    whole = list(store.lines(release.sha256))
    assert sorted(line for found in lines.values() for line in found) == sorted(whole)
    assert made(release, "doccano", "test").count(b"\n") == len(lines["test"])
    refusal(root.get(f"{PATH}export/", part="valid"), 400, "part")
    refusal(root.post(f"{PATH}exports/", {"format": "conll", "part": "valid"}), 400, "part")


def test_different_versions_are_reported(corpus, monkeypatch):
    release = cast.make(corpus)
    root = Rest(factories.make_superuser())
    here = manifests.versions()
    monkeypatch.setattr(manifests, "versions", lambda: here | {"spacy": "9.9"})
    reported = f"spacy was {here['spacy']} and is 9.9"
    assert root.get(PATH).json()["versions"] == [reported]
    # Only in formats that depend on it.
    assert root.get(f"{PATH}export/")["X-Versions"] == "as made"
    assert root.get(f"{PATH}export/report/").json()["versions"] == []
    export = root.post(f"{PATH}exports/", {"format": "conll"}).json()
    assert (export["release"], export["part"], export["name"]) == (1, "", "desk-r1.conll")
    make_export(export_id=export["id"])
    assert root.get(f"corpora/desk/exports/{export['id']}/").json()["report"]["versions"] == [reported]
    monkeypatch.setattr(manifests, "versions", lambda: here | {"formats": "other"})
    assert root.get(f"{PATH}export/")["X-Versions"] == f"formats was {here['formats']} and is other"
    assert release.manifest["versions"] == here


def test_losses_are_reported_or_refused(corpus):
    cast.make(corpus)
    factories.make_article(corpus, "One\x01two", spans=[[0, 3, "ORG"]])
    cast.make(corpus)
    root, path = Rest(factories.make_superuser()), "corpora/desk/releases/2/"
    assert refusal(root.get(f"{path}export/", format="tei", strict=1), 409, "strict")["current"]["losses"]
    lax = root.get(f"{path}export/", format="tei")
    report = linked(lax)["describedby"]
    assert b"".join(lax.streaming_content) and root.get(report).json()["losses"] == {"character": 1}
    assert root.get(report).json()["versions"] == [] and lax["X-Left-Out-Articles"] == "0"
    assert b"".join(root.get(f"{report}losses/").streaming_content).count(b"\n") == 2
    refusal(root.get(report.replace("releases/2", "releases/1")), 404)
    assert root.get(f"{PATH}export/", format="tei", strict=1).status_code == 200
    assert "POST /api/v1/" in refusal(root.get(f"{path}export/", format="conll"), 400, "format")["detail"]


def test_utf16_offsets_in_formats_that_allow_them(corpus):
    cast.make(corpus)
    root = Rest(factories.make_superuser())
    answer = root.get(f"{PATH}export/", offsets="utf16")
    line = json.loads(b"".join(answer.streaming_content).splitlines()[0])
    assert (line["offsets"], line["spans"][0]["start"], answer["X-Offsets"]) == ("utf16", 22, "utf16")
    refusal(root.get(f"{PATH}export/", offsets="utf16", format="brat"), 400, "offsets")


def test_a_changed_release_is_not_exported(corpus):
    release = cast.make(corpus)
    path = store.path_of(release.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"\0")
    export = order_release_export(user=factories.make_superuser(), release=release, format="jsonl-tokens")
    make_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == "failed" and "has changed" in export.reason
    root = Rest(factories.make_superuser())
    assert "changed in size" in refusal(root.get(f"{PATH}file/"), 409)["detail"]
    path.unlink()
    assert "missing" in refusal(root.get(f"{PATH}export/"), 409)["detail"]
