"""The card of a Parquet data set for the Hugging Face Hub, and its Croissant metadata (MLCommons, 1.0)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotations.formats.protocol import Context


@dataclass(frozen=True, slots=True)
class SplitFile:
    """A file of the data set. `size` is in bytes."""

    split: str
    path: str
    sha256: str
    size: int
    articles: int
    spans: int


_ABOUT_SPANS = (
    "`spans` hold `start` and `end` in Unicode code points, the end exclusive: `text[start:end]` in Python. They may "
    "nest and overlap. `state` is confirmed or rejected by a person, or suggested by `pipeline`.\n\n"
    "Articles whose `stage` is `done` were reviewed as a whole: text without a span is an example too. Of any other "
    "one only the ranges in `decided` are known; what lies outside of them is no example of having no entity."
)
# Column, Croissant's type, description.
_COLUMNS = (
    ("id", "sc:Text", "The article's number at the desk."),
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
_RANGE = (("start", "sc:Integer"), ("end", "sc:Integer"))
_ZONE = (*_RANGE, ("kind", "sc:Text"))


def card(context: Context, labels: Mapping[str, str], files: Sequence[SplitFile]) -> str:
    """README.md, with YAML front matter. JSON strings are valid YAML."""
    title = context.title or context.name
    head = [f"pretty_name: {_quoted(title)}", "task_categories:", "- token-classification"]
    if context.language:
        head += ["language:", f"- {_quoted(context.language)}"]
    head += ["configs:", "- config_name: default", "  data_files:"]
    for file in files:
        head += [f"  - split: {file.split}", f"    path: {_quoted(file.path)}"]
    rows = "".join(f"| {file.split} | {file.articles} | {file.spans} |\n" for file in files)
    listed = "".join(f"| {_cell(label)} | {_cell(definition)} |\n" for label, definition in labels.items())
    page = [
        f"# {_line(title)}",
        context.description,
        f"Version {_line(context.version)}." if context.version else "",
        f"Licence: {_line(context.licence)}." if context.licence else "",
        f"| split | articles | spans |\n|---|---|---|\n{rows}".strip(),
        _ABOUT_SPANS,
        f"| label | definition |\n|---|---|\n{listed}".strip() if labels else "",
    ]
    return "---\n" + "\n".join(head) + "\n---\n\n" + "\n\n".join(part for part in page if part) + "\n"


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
        metadata["license"] = context.licence
    if context.version:
        metadata["version"] = context.version
    metadata["distribution"] = [_file(file) for file in files]
    metadata["recordSet"] = [_records(file) for file in files]
    return json.dumps(metadata, ensure_ascii=False, indent=1) + "\n"


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
    fields += [_nested(file, "decided", _RANGE), _nested(file, "spans", _SPAN), _nested(file, "zones", _ZONE)]
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
    return json.dumps(text, ensure_ascii=True)


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
