"""Which format a file is of, by its first bytes and its name, so that nobody has to say."""

import codecs
import io
import json
import re
import zipfile
import zlib
from typing import IO, Any

from annotations.formats.archive import is_mac_metadata
from annotations.formats.conll_layout import DOCSTART, NoLayout, begins_article, find_layout

_HEAD = 256 * 1024
_DOCCANO = ("label", "labels", "entities", "annotations")
_OF_UIMA = ("cas-xmi", "cas-json", "webanno-tsv")
# Formats of which archives are read.
_IN_ARCHIVES = (*_OF_UIMA, "doccano", "label-studio")
# Archives within archives, and members of an archive that are looked at.
_DEPTH, _TRIED = 2, 5
# Bytes of an archive within an archive.
_LOOKED_INTO = 64 * 1024 * 1024
_LINE_END = re.compile("\r\n|\r|\n")


def detect_format(source: IO[bytes], name: str = "") -> str | None:
    """The format's name; None where it cannot be told. The source must be one that can be sought, and stays put."""
    position = source.tell()
    try:
        head = source.read(_HEAD)
        source.seek(position)
        return _of_archive(source) if head.startswith(b"PK") else _of_head(head, name)
    finally:
        source.seek(position)


def _of_archive(source: IO[bytes], depth: int = 0) -> str | None:
    try:
        with zipfile.ZipFile(source) as archive:
            return _of_members(archive, depth)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        return None


def _of_members(archive: zipfile.ZipFile, depth: int) -> str | None:
    """By the names of the members; where these leave a choice, by what the first of them that tells holds."""
    names = sorted(name for name in archive.namelist() if not is_mac_metadata(name))
    if any(name.lower().endswith((".ann", ".a1")) for name in names):
        return "brat"
    if any(name.lower().endswith(".xmi") for name in names):
        return "cas-xmi"
    versions = [name for name in names if "annotation/" in name.lower() and name.lower().endswith(".zip")]
    if versions:
        with archive.open(versions[0]) as version:
            found = _of_archive(io.BytesIO(version.read(_LOOKED_INTO)), depth + 1) if depth < _DEPTH else None
        return found if found in _OF_UIMA else "cas-xmi"
    for name in [name for name in names if name.lower().endswith((".jsonl", ".json", ".tsv"))][:_TRIED]:
        with archive.open(name) as member:
            found = _of_head(member.read(_HEAD), name.lower())
        if found in _IN_ARCHIVES:
            return found
    return None


def _of_head(head: bytes, name: str) -> str | None:
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-16" if wide else "utf-8", "replace").removeprefix("\ufeff").lstrip()
    if head[:1] == b"\x78" and (name.endswith(".spacy") or not text.isprintable()):
        return "docbin"
    if text.startswith(("{", "[")):
        return _of_json(text)
    if text.startswith("#FORMAT=WebAnno TSV 3"):
        return "webanno-tsv"
    if text.startswith("<"):
        return "cas-xmi" if "http://www.omg.org/XMI" in text else None
    return "conll" if _is_conll(text, whole=len(head) < _HEAD) else None


def _of_json(text: str) -> str | None:
    if "http://www.w3.org/ns/anno.jsonld" in text or '"TextQuoteSelector"' in text or '"TextPositionSelector"' in text:
        return "web-annotation"
    if '"%FEATURE_STRUCTURES"' in text or re.match(r'\{\s*"%TYPES"', text):
        return "cas-json"
    first = _first_object(text)
    if _is_task(first):
        return "label-studio"
    if isinstance(first.get("data"), dict) or '"data":{' in "".join(text[:2000].split()):
        return "label-studio"
    if any(key in first for key in _DOCCANO) and "spans" not in first:
        return "doccano"
    return "jsonl" if "text" in first or text.startswith("{") else None


def _is_task(first: dict[str, Any]) -> bool:
    """Whether this is of Label Studio: JSON-MIN, of a target storage, or tasks beside their configuration."""
    regions = [value[0] for value in first.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    flat = "annotation_id" in first or any({"labels", "start"} <= region.keys() for region in regions)
    return flat or isinstance(first.get("tasks"), list) or (isinstance(first.get("task"), dict) and "result" in first)


def _first_object(text: str) -> dict[str, Any]:
    """The first object of an array or of lines; empty where it does not end within what was read."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip("[ \r\n\t"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_conll(text: str, *, whole: bool) -> bool:
    """Whether the text has columns, some of them of tags, and all rows fit."""
    lines = _LINE_END.split(text)
    lines = lines if whole else lines[:-1]
    try:
        layout = find_layout(lines)
    except NoLayout:
        return False
    rows = [line for line in lines if line.strip() and not begins_article(line) and not layout.is_comment(line)]
    fitting = sum(layout.fits(layout.split(line.lstrip(" "))) for line in rows)
    return fitting * 10 >= len(rows) * 9 if rows else DOCSTART in text
