"""Detects the format of a file by its first bytes and its name."""

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
_UIMA = ("cas-xmi", "cas-json", "webanno-tsv")
# Formats that are also read from archives.
_IN_ARCHIVES = (*_UIMA, "doccano", "label-studio")
# Limits on nested archives, and on members that are read.
_DEPTH, _SAMPLED = 2, 5
# Bytes of a nested archive that are read.
_MAX_NESTED = 64 * 1024 * 1024
_LINE_END = re.compile("\r\n|\r|\n")


def detect_format(source: IO[bytes], name: str = "") -> str | None:
    """The name of the format; None if unknown. The source must be seekable, and keeps its position."""
    position = source.tell()
    try:
        head = source.read(_HEAD)
        source.seek(position)
        return _archive_format(source) if head.startswith(b"PK") else _head_format(head, name)
    finally:
        source.seek(position)


def _archive_format(source: IO[bytes], depth: int = 0) -> str | None:
    try:
        with zipfile.ZipFile(source) as archive:
            return _members_format(archive, depth)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, ValueError, OSError):
        return None


def _members_format(archive: zipfile.ZipFile, depth: int) -> str | None:
    """The format by the names of the members, else by the content of the first ones."""
    names = sorted(name for name in archive.namelist() if not is_mac_metadata(name))
    if any(name.lower().endswith((".ann", ".a1")) for name in names):
        return "brat"
    if any(name.lower().endswith(".xmi") for name in names):
        return "cas-xmi"
    versions = [name for name in names if "annotation/" in name.lower() and name.lower().endswith(".zip")]
    if versions:
        with archive.open(versions[0]) as version:
            found = _archive_format(io.BytesIO(version.read(_MAX_NESTED)), depth + 1) if depth < _DEPTH else None
        return found if found in _UIMA else "cas-xmi"
    for name in [name for name in names if name.lower().endswith((".jsonl", ".json", ".tsv"))][:_SAMPLED]:
        with archive.open(name) as member:
            found = _head_format(member.read(_HEAD), name.lower())
        if found in _IN_ARCHIVES:
            return found
    return None


def _head_format(head: bytes, name: str) -> str | None:
    wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = head.decode("utf-16" if wide else "utf-8", "replace").removeprefix("\ufeff").lstrip()
    if head[:1] == b"\x78" and (name.endswith(".spacy") or not text.isprintable()):
        return "docbin"
    if text.startswith(("{", "[")):
        return _json_format(text)
    if text.startswith("#FORMAT=WebAnno TSV 3"):
        return "webanno-tsv"
    if text.startswith("<"):
        return "cas-xmi" if "http://www.omg.org/XMI" in text else None
    return "conll" if _is_conll(text, whole=len(head) < _HEAD) else None


def _json_format(text: str) -> str | None:
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
    """Whether this is of Label Studio: JSON-MIN, a target storage, or tasks with their configuration."""
    regions = [value[0] for value in first.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
    flat = "annotation_id" in first or any({"labels", "start"} <= region.keys() for region in regions)
    return flat or isinstance(first.get("tasks"), list) or (isinstance(first.get("task"), dict) and "result" in first)


def _first_object(text: str) -> dict[str, Any]:
    """The first object of an array or of lines; empty if it is cut off."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip("[ \r\n\t"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_conll(text: str, *, whole: bool) -> bool:
    """Whether the text has columns of tags, and most rows fit."""
    lines = _LINE_END.split(text)
    lines = lines if whole else lines[:-1]
    try:
        layout = find_layout(lines)
    except NoLayout:
        return False
    rows = [line for line in lines if line.strip() and not begins_article(line) and not layout.is_comment(line)]
    fitting = sum(layout.fits(layout.split(line.lstrip(" "))) for line in rows)
    return fitting * 10 >= len(rows) * 9 if rows else DOCSTART in text
