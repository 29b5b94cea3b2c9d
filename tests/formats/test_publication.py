"""Licence, version, citation and contact in the formats that have a place for them."""

import io
import json
import re
import zipfile
from pathlib import Path

import pytest
import trafilatura
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from markdown_it import MarkdownIt

from annotations.formats.dataset_card import card, croissant
from annotations.formats.protocol import Context
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats
from annotations.formats.tei import NAMESPACE
from corpusapp.core.licences import COMMON, known_licence, url_of

BIBTEX = """@misc{wire2026,
  title = {The {Levant} "wire": 50\\% & more},
  author = {Barakat, Noor and {\\'A}lvarez, Jos\u00e9},
  note = {``quoted'' \U0001f54a --- [a] `b` ```c``` | d},
}"""
STATED = Context(
    name="wire",
    title="Levant wire",
    licence="CC-BY-4.0",
    version="1.2.0",
    citation=BIBTEX,
    contact="Noor Barakat <noor@example.org>, https://wire.example.org/about",
    release="3",
    published="2026-11-30",
)
TEI = f"{{{NAMESPACE}}}"
SCHEMA = Path(trafilatura.__file__).parent / "data" / "tei_corpus.dtd"
# What a corpus may be told, by `edit_corpus`.
LINES = st.text(
    st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\u2028\u2029\ufffe\uffff"), max_size=30
)
TEXTS = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\r\x85\ufffe\uffff").filter(
        lambda char: char in "\n\t" or not re.match(r"[\x00-\x1f\x7f-\x9f]", char)
    ),
    max_size=60,
)


def written(name: str, context: Context) -> bytes:
    out = io.BytesIO()
    formats.get(name).write(
        [Record("Zarif", (SpanRecord(0, 5, "PERSON"),), id=7, external_id="e-7")], out, context=context
    )
    return out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    zipfile.ZipFile(io.BytesIO(written("parquet", STATED))).extractall(folder)
    return folder


def issues(folder: Path):
    import mlcroissant

    return mlcroissant.Dataset(jsonld=str(folder / "croissant.json")).metadata.ctx.issues


def test_croissant_has_nothing_to_warn_of(folder):
    found = issues(folder)
    assert (found.errors, found.warnings) == (set(), set())
    metadata = json.loads((folder / "croissant.json").read_text())
    assert metadata["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert (metadata["version"], metadata["citeAs"], metadata["datePublished"]) == ("1.2.0", BIBTEX, "2026-11-30")
    assert metadata["creator"] == {
        "@type": "sc:Organization",
        "name": "Noor Barakat",
        "email": "noor@example.org",
        "url": "https://wire.example.org/about",
    }


def test_the_columns_have_numbers_for_ids(folder):
    import pyarrow.parquet

    (row,) = pyarrow.parquet.read_table(folder / "data" / "train-00000-of-00001.parquet").to_pylist()
    assert (row["id"], row["external_id"]) == (7, "e-7")
    fields = json.loads((folder / "croissant.json").read_text())["recordSet"][0]["field"]
    assert [field["dataType"] for field in fields if field["name"] == "id"] == ["sc:Integer"]


def test_the_card_says_all_of_it(folder):
    _, head, page = (folder / "README.md").read_text().split("---\n", 2)
    assert yaml.safe_load(head)["license"] == "cc-by-4.0"
    assert "Version 1.2.0, release 3, 2026-11-30." in page
    by = "Creative Commons Attribution 4.0 International (CC-BY-4.0), <https://creativecommons.org/licenses/by/4.0/>"
    assert f"Licence: {by}." in page
    fences = [token for token in MarkdownIt().parse(page) if token.type == "fence"]
    assert [(token.info, token.content) for token in fences] == [("bibtex", f"{BIBTEX}\n")]


def test_the_card_says_what_is_not_stated():
    page = card(Context(name="wire"), {}, [])
    for note in (
        "**No licence is stated.**",
        "No version is stated.",
        "No contact is stated.",
        "No citation is stated.",
    ):
        assert note in page
    head = yaml.safe_load(page.split("---\n")[1])
    assert not {"license", "license_name"} & set(head)
    stated = {"license", "version", "citeAs", "creator", "datePublished"}
    assert not stated & set(json.loads(croissant(Context(name="wire"), [])))


def test_another_licence_is_named_on_the_card():
    head = yaml.safe_load(card(Context(licence="Ask the desk: a@b.c"), {}, []).split("---\n")[1])
    assert (head["license"], head["license_name"], "license_link" in head) == ("other", "Ask the desk: a@b.c", False)
    head = yaml.safe_load(card(Context(licence="https://wire.example.org/terms"), {}, []).split("---\n")[1])
    assert (head["license"], head["license_link"]) == ("other", "https://wire.example.org/terms")


@pytest.mark.parametrize(
    ("version", "release", "expected"),
    [
        ("1.2.0", "3", "1.2.0"), ("v1.2.0", "", "1.2.0"), ("2", "", "2.0.0"), ("2.1", "", "2.1.0"), ("", "3", "3.0.0"),
        ("2026-11", "3", "3.0.0"), ("2026-11", "", None), ("1.2.3.4", "", None), ("", "", None),
        ("01.2.0", "4", "4.0.0"),
    ],
)  # fmt: skip
def test_a_version_has_three_numbers_in_croissant(version, release, expected):
    assert json.loads(croissant(Context(version=version, release=release), [])).get("version") == expected


@pytest.mark.parametrize("licence", COMMON)
def test_common_licences_are_known_by_id_and_by_address(licence):
    for name in (licence.id, licence.id.lower(), licence.url, licence.url.rstrip("/"), f" {licence.id} "):
        assert known_licence(name) == licence and url_of(name) == licence.url
    assert known_licence("CC-BY-5.0") is None and url_of("see https://a.example") == url_of("") == ""


def test_tei_says_it_in_the_header():
    root = etree.fromstring(written("tei", STATED))
    schema = etree.DTD(str(SCHEMA))
    assert schema.validate(root), schema.error_log.filter_from_errors()
    header = root.find(f"{TEI}teiHeader")
    licence = header.find(f".//{TEI}licence")
    assert (licence.text, licence.get("target")) == ("CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/")
    assert header.findtext(f".//{TEI}edition") == "version 1.2.0, release 3"
    assert header.findtext(f".//{TEI}authority") == STATED.contact
    assert header.findtext(f".//{TEI}note[@type='citation']") == BIBTEX
    article = root.find(f"{TEI}TEI/{TEI}teiHeader")
    assert {idno.get("type"): idno.text for idno in article.iter(f"{TEI}idno")} == {"id": "7", "external_id": "e-7"}
    assert article.findtext(f".//{TEI}licence") == "CC-BY-4.0"


def test_web_annotations_name_the_licence_by_its_address():
    assert json.loads(written("web-annotation", STATED))["rights"] == "https://creativecommons.org/licenses/by/4.0/"
    assert "rights" not in json.loads(written("web-annotation", Context(licence="Ask the desk")))


@given(licence=LINES, version=LINES, citation=TEXTS, contact=LINES)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_text_goes_through_yaml_json_markdown_and_xml(licence, version, citation, contact):
    context = Context(licence=licence, version=version, citation=citation, contact=contact, release="1")
    page = card(context, {}, [])
    head = yaml.safe_load(page.split("---\n")[1])
    if licence.strip() and not known_licence(licence):
        assert head["license_name"] == " ".join(licence.split())
    if citation.strip():
        fences = [token.content for token in MarkdownIt().parse(page.split("---\n", 2)[2]) if token.type == "fence"]
        assert fences == [citation.strip() + "\n"]
    metadata = json.loads(croissant(context, []))
    assert metadata.get("citeAs", "") == citation and metadata["version"]
    root = etree.fromstring(written("tei", context))
    assert etree.DTD(str(SCHEMA)).validate(root)
    assert (root.findtext(f"{TEI}teiHeader//{TEI}note[@type='citation']") or "") == citation
