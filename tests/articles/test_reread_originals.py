"""The command that reads the originals of a corpus again."""

import io
import json
import zlib

import pytest
from django.core.management import CommandError, call_command

from corpusapp.articles.models import Article, Corpus, Original

pytestmark = pytest.mark.django_db
STORY = "TEHRAN, Aug. 8 (MNA) -- Zarif arrived in Damascus for talks on the road to Latakia.\n"


def reread(*arguments):
    out = io.StringIO()
    call_command("reread_originals", "--corpus", "desk", "--json", *arguments, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


@pytest.fixture
def corpus(tmp_path):
    """Three articles: one whose original yields another text, one without its zones, one unchanged."""
    for name in ("text", "zones", "same"):
        (tmp_path / f"{name}.txt").write_text(f"{STORY}{name.capitalize()} was named too.\n")
    silent = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    call_command("import_articles", str(tmp_path), corpus="desk", no_suggest=True, **silent)
    Original.objects.update(extractor="readers 0")
    Original.objects.filter(name="text.txt").update(data=zlib.compress(b"Muallem flew home from Tehran."))
    Original.objects.get(name="zones.txt").article.zones.all().delete()
    return Corpus.objects.get(slug="desk")


def test_changes_are_counted_and_nothing_is_written(corpus):
    report = reread()
    assert report == {
        "articles": 3, "other_text": 1, "other_zones": 1, "same": 1, "failed": 0, "applied": 0, "problems": [],
    }  # fmt: skip
    assert Article.objects.count() == 3 and reread() == report


def test_changes_are_applied_on_request(corpus):
    assert reread("--apply")["applied"] == 2
    old = Original.objects.get(name="text.txt", article__version=1).article
    assert old.next.text == "Muallem flew home from Tehran." and old.text.startswith("TEHRAN")
    assert Original.objects.get(name="zones.txt").article.zones.filter(kind="dateline").exists()
    assert (reread()["articles"], reread("--all")["other_text"], reread("--all")["other_zones"]) == (1, 0, 0)


def test_an_unreadable_original_does_not_stop_the_others(corpus):
    broken = Original.objects.get(name="same.txt")
    Original.objects.filter(pk=broken.pk).update(data=zlib.compress(b""))
    report = reread("--apply")
    assert (report["failed"], report["applied"]) == (1, 2)
    assert report["problems"][0]["article"] == broken.pk


def test_output_for_people_is_in_words(corpus):
    out, err = io.StringIO(), io.StringIO()
    call_command("reread_originals", "--corpus", "desk", stdout=out, stderr=err)
    expected = "3 read again: 1 with a new text, 1 with new zones, 1 unchanged, 0 failed; 0 applied\n"
    assert out.getvalue() == expected
    assert err.getvalue().startswith("100%, 2 of 3 changed, ")
    with pytest.raises(CommandError, match="there is no corpus 'nosuch'"):
        call_command("reread_originals", "--corpus", "nosuch")
