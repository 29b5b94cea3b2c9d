"""The card of a Parquet data set for the Hugging Face Hub, and its Croissant metadata (MLCommons, 1.0)."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.formats.protocol import Context
from corpusapp.core.licences import known_licence, url_of


@dataclass(frozen=True, slots=True)
class SplitFile:
    """A file of the data set. `size` is in bytes."""

    split: str
    path: str
    sha256: str
    size: int
    articles: int
    spans: int
    links: int = 0


_ABOUT_SPANS = (
    "`spans` hold `start` and `end` in Unicode code points, the end exclusive: `text[start:end]` in Python. They may "
    "nest and overlap. `state` is confirmed or rejected by a person, or suggested by `pipeline`.\n\n"
    "Articles whose `stage` is `done` were reviewed as a whole: text without a span is an example too. Of any other "
    "one only the ranges in `decided` are known; what lies outside of them is no example of having no entity."
)
# Column, Croissant's type, description.
_COLUMNS = (
    ("id", "sc:Integer", "The article's number at the desk."),
    ("external_id", "sc:Text", "Its name with its source."),
    ("title", "sc:Text", "Its title."),
    ("language", "sc:Text", "BCP 47."),
    ("stage", "sc:Text", "How far its review has come: new, suggested, in_review, done."),
    ("finished_at", "sc:Text", "When it was done."),
    ("finished_by", "sc:Text", "By whom, where that was asked for."),
    ("text", "sc:Text", "The text, whole; offsets count its Unicode code points."),
    ("meta", "sc:Text", "What else came with the article, a JSON object."),
)
_SPAN = (
    ("id", "sc:Integer"),
    ("start", "sc:Integer"),
    ("end", "sc:Integer"),
    ("label", "sc:Text"),
    ("text", "sc:Text"),
    ("state", "sc:Text"),
    ("score", "sc:Float"),
    ("pipeline", "sc:Text"),
    ("revision", "sc:Integer"),
)
_ENTITY = (
    ("id", "sc:Integer"),
    ("name", "sc:Text"),
    ("state", "sc:Text"),
    ("score", "sc:Float"),
    ("revision", "sc:Integer"),
)
_ABOUT_LINKS = (
    "`entity` of a span is the person, place or thing in the world that it names, across all articles: its `id` and "
    "preferred `name` at the desk, and its `identifiers` in other databases, each a `scheme` such as wikidata and a "
    "`value`. `state`, `score` and `revision` are those of the link. A span without one is not linked, which says "
    "nothing of what it names."
)
_VERSION = re.compile(r"(0|[1-9][0-9]*)(\.(?:0|[1-9][0-9]*))?(\.(?:0|[1-9][0-9]*))?\Z")
_EMAIL = re.compile(r"[^\s<>,;]+@[^\s<>,;]+")
_URL = re.compile(r"https?://[^\s<>,;]+")
_RANGE = (("start", "sc:Integer"), ("end", "sc:Integer"))
_ZONE = (*_RANGE, ("kind", "sc:Text"))


_HEADS = "| split | articles | spans |\n|---|---|---|"


def card(context: Context, labels: Mapping[str, str], files: Sequence[SplitFile]) -> str:
    """README.md, with YAML front matter. JSON strings are valid YAML."""
    title = context.title or context.name
    head = [f"pretty_name: {_quoted(title)}", "task_categories:", "- token-classification"]
    if context.language:
        head += ["language:", f"- {_quoted(context.language)}"]
    head += [*_licence_lines(context.licence), "configs:", "- config_name: default", "  data_files:"]
    for file in files:
        head += [f"  - split: {file.split}", f"    path: {_quoted(file.path)}"]
    linked = any(file.links for file in files)
    rows = "".join(
        f"| {file.split} | {file.articles} | {file.spans} |{f' {file.links} |' if linked else ''}\n" for file in files
    )
    heads = "| split | articles | spans | linked spans |\n|---|---|---|---|" if linked else _HEADS
    listed = "".join(f"| {_cell(label)} | {_cell(definition)} |\n" for label, definition in labels.items())
    page = [
        f"# {_line(title)}",
        context.description,
        *_terms(context),
        f"{heads}\n{rows}".strip(),
        _ABOUT_SPANS,
        _ABOUT_LINKS if linked else "",
        f"| label | definition |\n|---|---|\n{listed}".strip() if labels else "",
    ]
    return "---\n" + "\n".join(head) + "\n---\n\n" + "\n\n".join(part for part in page if part) + "\n"


def _licence_lines(licence: str) -> list[str]:
    """The licence as the Hub names it."""
    if not licence:
        return []
    if known := known_licence(licence):
        return [f"license: {known.hub}"]
    link = [f"license_link: {_quoted(url)}"] if (url := url_of(licence)) else []
    return ["license: other", f"license_name: {_quoted(_line(licence))}", *link]


def _terms(context: Context) -> list[str]:
    """What users of the data have to know, and what is not known."""
    licence, url = known_licence(context.licence), url_of(context.licence)
    named = f"{licence.title} ({licence.id})" if licence else _line(context.licence)
    link = f", <{url}>" if licence else ""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", context.citation)), default=0))
    kind = "bibtex" if context.citation.lstrip().startswith("@") else "text"
    version = f"Version {_line(context.version)}" if context.version else "No version is stated"
    release = f", release {context.release}" if context.release else ""
    return [
        f"{version}{release}{f', {context.published}' if context.published else ''}.",
        f"Licence: {f'<{url}>' if url and not licence else named}{link}."
        if context.licence
        else "**No licence is stated.** Ask who publishes these articles before you use or share them.",
        f"Contact: {_line(context.contact)}" if context.contact else "No contact is stated.",
        f"Please cite:\n\n{fence}{kind}\n{context.citation.strip()}\n{fence}"
        if context.citation
        else "No citation is stated.",
    ]


def croissant(context: Context, files: Sequence[SplitFile]) -> str:
    metadata: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": context.name,
        "description": context.description or context.title or context.name,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "url": f"{context.base}corpora/{context.name}",
    }
    if context.licence:
        metadata["license"] = url_of(context.licence) or context.licence
    if version := _semantic_version(context):
        metadata["version"] = version
    if context.citation:
        metadata["citeAs"] = context.citation
    if context.contact:
        metadata["creator"] = _creator(context.contact)
    if context.published:
        metadata["datePublished"] = context.published
    if context.language:
        metadata["inLanguage"] = context.language
    metadata["distribution"] = [_file(file) for file in files]
    metadata["recordSet"] = [_records(file) for file in files]
    return json.dumps(metadata, ensure_ascii=False, indent=1) + "\n"


def _semantic_version(context: Context) -> str:
    """Major, minor and patch, as Croissant asks for: of the data set, else of the release; empty if there is none."""
    for version in (context.version, context.release):
        if match := _VERSION.match(version.removeprefix("v")):
            return match[1] + (match[2] or ".0") + (match[3] or ".0")
    return ""


def _creator(contact: str) -> dict[str, str]:
    """A name with an e-mail address or a URL, each where it is given."""
    email, url = _EMAIL.search(contact), _URL.search(contact)
    rest = _URL.sub("", _EMAIL.sub("", contact)).strip(" \t<>,;()")
    creator = {"@type": "sc:Organization", "name": rest or contact}
    return creator | ({"email": email[0]} if email else {}) | ({"url": url[0]} if url else {})


def _file(file: SplitFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": f"file-{file.split}",
        "name": f"file-{file.split}",
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": file.sha256,
    }


def _records(file: SplitFile) -> dict[str, Any]:
    fields = [_field(file, name, kind) | {"description": text} for name, kind, text in _COLUMNS]
    spans = [*_SPAN, *((f"entity.{name}", kind) for name, kind in _ENTITY)] if file.links else _SPAN
    fields += [_nested(file, "decided", _RANGE), _nested(file, "spans", spans), _nested(file, "zones", _ZONE)]
    return {"@type": "cr:RecordSet", "@id": file.split, "name": file.split, "field": fields}


def _field(file: SplitFile, name: str, kind: str) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{file.split}/{name}",
        "name": name,
        "dataType": kind,
        "source": {"fileObject": {"@id": f"file-{file.split}"}, "extract": {"column": name}},
    }


def _nested(file: SplitFile, name: str, parts: Sequence[tuple[str, str]]) -> dict[str, Any]:
    source = {"fileObject": {"@id": f"file-{file.split}"}, "extract": {"column": name}}
    return {
        "@type": "cr:Field",
        "@id": f"{file.split}/{name}",
        "name": name,
        "repeated": True,
        "source": source,
        "subField": [
            {
                "@type": "cr:Field",
                "@id": f"{file.split}/{name}/{part}",
                "name": part,
                "dataType": kind,
                "source": source | {"transform": {"jsonPath": part}},
            }
            for part, kind in parts
        ],
    }


def _quoted(text: str) -> str:
    """For YAML, which has no surrogate pairs."""
    return '"' + "".join(char if char > "\uffff" else json.dumps(char)[1:-1] for char in text) + '"'


def _line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


# The context that Croissant 1.0 prescribes.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{
        term: f"cr:{term}"
        for term in (
            "citeAs",
            "column",
            "extract",
            "field",
            "fileProperty",
            "fileObject",
            "fileSet",
            "format",
            "includes",
            "isLiveDataset",
            "jsonPath",
            "key",
            "md5",
            "parentField",
            "path",
            "recordSet",
            "references",
            "regex",
            "repeated",
            "replace",
            "samplingRate",
            "separator",
            "source",
            "subField",
            "transform",
        )
    },
}
