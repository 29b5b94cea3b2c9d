"""Scripts and styles joined into one file each, and pages sent compressed."""

import gzip
import re

import pytest
from django.urls import reverse

from corpusapp.core.pages import bundles
from corpusapp.core.pages.bundles import BUNDLES, address, bundle


@pytest.mark.parametrize("name", BUNDLES)
def test_a_bundle_is_kept_for_ever_and_sent_compressed_where_that_is_understood(client, name):
    plain = client.get(address(name))
    compressed = client.get(address(name), headers={"Accept-Encoding": "gzip, br"})
    assert gzip.decompress(compressed.content) == plain.content == bundle(name).plain
    assert "Content-Encoding" not in plain
    for answer in (plain, compressed):
        assert "immutable" in answer["Cache-Control"]
        assert answer["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(("digest", "name"), [("0123456789ab", "workbench.js"), ("0123456789ab", "other.js")])
def test_another_version_or_name_is_not_found(client, digest, name):
    answer = client.get(reverse("bundle", args=[digest, name]))
    assert answer.status_code == 404
    assert "reload the page" in answer.content.decode()


def test_each_module_stands_once_and_after_those_that_it_imports():
    text = bundle("workbench.js").plain.decode()
    found = list(re.finditer(r"^const \$(\w+) = \(", text, re.MULTILINE))
    places = {place[1]: place.start() for place in found}
    assert len(places) == len(found)
    assert places["code_points"] < places["span_store"] < places["workbench"]
    assert "const { STATES } = $span_store;" in text
    assert not re.search(r"^(import|export)\b", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("modules", "complaint"),
    [
        ({"a": 'import b from "./b.js";\n'}, "not in a form that can be joined"),
        ({"a": "export default 3;\n"}, "not in a form that can be joined"),
        ({"a": 'const b = await import("./b.js");\n'}, "not in a form that can be joined"),
        ({"a": 'import "./b.js";\n', "b": 'import "./a.js";\n'}, "a imports b imports a"),
    ],
)
def test_what_cannot_be_joined_is_refused(monkeypatch, modules, complaint):
    monkeypatch.setattr(bundles, "_read", lambda path: modules[path.removeprefix("js/").removesuffix(".js")])
    with pytest.raises(ValueError, match=complaint):
        bundles._scripts(("js/a.js",))


def test_comments_stay_behind():
    for name in BUNDLES:
        assert not re.search(rb"^ *//|^/\*", bundle(name).plain, re.MULTILINE)


def test_pages_go_out_compressed_and_nothing_else(article, editor):
    wanted = {"Accept-Encoding": "gzip"}
    page = editor.get(reverse("article", args=[article.corpus.slug, article.pk]), headers=wanted)
    assert page["Content-Encoding"] == "gzip"
    assert b"Zarif" in gzip.decompress(page.content)
    assert "Content-Encoding" not in editor.get(f"/api/v1/articles/{article.pk}/", headers=wanted)
