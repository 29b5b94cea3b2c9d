"""Which format a file is of, by its first bytes and its name, so that nobody has to say."""

import json
import zipfile
from typing import Any, BinaryIO

_HEAD = 256 * 1024
_DOCCANO = ("label", "labels", "entities", "annotations")


def recognise(source: BinaryIO, name: str = "") -> str | None:
    """The format's name; None where it cannot be told. The source must be one that can be sought, and stays put."""
    position = source.tell()
    try:
        head = source.read(_HEAD)
        source.seek(position)
        return _of_archive(source) if head.startswith(b"PK") else _of_head(head, name)
    finally:
        source.seek(position)


def _of_archive(source: BinaryIO) -> str | None:
    try:
        with zipfile.ZipFile(source) as archive:
            names = [name.lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, ValueError, OSError):
        return None
    if any(name.endswith(".ann") for name in names):
        return "brat"
    packed = any("annotation/" in name and name.endswith(".zip") for name in names)
    return "cas-xmi" if packed or any(name.endswith(".xmi") for name in names) else None


def _of_head(head: bytes, name: str) -> str | None:
    text = head.decode(errors="replace").removeprefix("\ufeff").lstrip()
    if head[:1] == b"\x78" and (name.endswith(".spacy") or not text.isprintable()):
        return "docbin"
    if text.startswith(("{", "[")):
        return _of_json(text)
    if text.startswith("<"):
        return "cas-xmi" if "http://www.omg.org/XMI" in text else None
    return "conll" if _is_conll(text) else None


def _of_json(text: str) -> str | None:
    if "http://www.w3.org/ns/anno.jsonld" in text or '"TextQuoteSelector"' in text or '"TextPositionSelector"' in text:
        return "web-annotation"
    first = _first_object(text)
    if isinstance(first.get("data"), dict) or '"data":{' in "".join(text[:2000].split()):
        return "label-studio"
    if any(key in first for key in _DOCCANO) and "spans" not in first:
        return "doccano"
    return "jsonl" if "text" in first or text.startswith("{") else None


def _first_object(text: str) -> dict[str, Any]:
    """The first object of an array or of lines; empty where it does not end within what was read."""
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip("[ \r\n\t"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_conll(text: str) -> bool:
    lines = [line.split() for line in text.split("\n")[:200]]
    tagged = [columns for columns in lines[:-1] or lines if columns and columns[0] != "-DOCSTART-"]
    tags = [columns[-1] for columns in tagged]
    plain = all(tag == "O" or tag[1:2] == "-" for tag in tags) and all(len(columns) > 1 for columns in tagged)
    return plain and (bool(tags) or "-DOCSTART-" in text)
