"""Documents of INCEpTION, WebAnno and other UIMA tools: single ones, archives, and exports of projects.

Archives may be nested. From an export of a project, the curated version of a document is read, else the versions of all
annotators are merged. The content of a document tells its type: XMI, JSON (0.4) or WebAnno TSV 3.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import IO, Any
from zipfile import ZipFile

from annotations.formats.archive import is_archive, is_mac_metadata, open_archive, read_member, seekable
from annotations.formats.cas_documents import STRUCTURES, read_json, read_xmi
from annotations.formats.protocol import Context, Format
from annotations.formats.records import Record
from annotations.formats.report import UNSEEN, Report
from annotations.formats.span_collector import merge_versions
from annotations.formats.webanno_tsv import MARK, read_tsv

_ENDINGS = (".xmi", ".json", ".tsv")
_DEPTH = 3
# The name in reports of a document that is not in an archive.
_SINGLE = "file"
# Versions of a document: by annotator, untouched, and curated.
_PROJECT_MEMBER = re.compile(
    r"(?:.*/)?(?P<kind>annotation|curation)/(?P<document>[^/]+)/(?P<person>[^/]+)\.(?:zip|xmi|json|tsv)\Z"
)
_UNTOUCHED = "INITIAL_CAS"


class _Inception(Format):
    """Read only, because INCEpTION reads the XMI of `cas_xmi`."""

    media_type, extension, writes = "application/zip", "zip", False

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        raise NotImplementedError(f"{self.title} is read only: write UIMA CAS XMI")

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        return read_documents(source, report, self.encoding)


class CasJson(_Inception):
    name, title = "cas-json", "UIMA CAS JSON"


class WebAnnoTsv(_Inception):
    name, title = "webanno-tsv", "WebAnno TSV 3"
    any_encoding = True


def read_documents(source: IO[bytes], report: Report, encoding: str = "") -> Iterator[Record]:
    """The records of a document or an archive. `encoding` is that of documents which do not declare one."""
    with seekable(source) as file:
        if not is_archive(file):
            for record in _read_document(file.read(), _SINGLE, report, encoding):
                yield replace(record, id=None) if record.id == _SINGLE else record
            return
        with open_archive(file, report) as archive:
            yield from _read_archive(archive, "", report, 0, encoding)


def _read_archive(archive: ZipFile | None, within: str, report: Report, depth: int, encoding: str) -> Iterator[Record]:
    names = sorted(name for name in archive.namelist() if not is_mac_metadata(name)) if archive is not None else []
    projects: dict[str, dict[str, dict[str, str]]] = {}
    for name in names:
        if match := _PROJECT_MEMBER.match(name):
            projects.setdefault(match["document"], {}).setdefault(match["kind"], {})[match["person"]] = name
        elif name.lower().endswith((*_ENDINGS, ".zip")):
            yield from _read_entry(archive, name, within, report, depth, encoding)
    for document, kinds in projects.items():
        chosen = kinds.get("curation") or kinds["annotation"]
        if len(chosen) > 1:
            chosen.pop(_UNTOUCHED, None)
        if list(chosen) == [_UNTOUCHED]:
            report.note(UNSEEN, "no annotator has worked on it", within + document)
        members = (_read_entry(archive, name, within, report, depth, encoding) for name in chosen.values())
        found = list(chain.from_iterable(members))
        for record in merge_versions(found, document, report):
            yield record if record.external_id else replace(record, id=document)


def _read_entry(archive: Any, name: str, within: str, report: Report, depth: int, encoding: str) -> Iterator[Record]:
    data = read_member(archive, name, report)
    if data is None:
        return
    if name.lower().endswith(_ENDINGS):
        if _is_document(data, name):
            yield from _read_document(data, within + name, report, encoding)
    elif depth < _DEPTH:
        with open_archive(io.BytesIO(data), report) as inner:
            yield from _read_archive(inner, f"{within}{name}/", report, depth + 1, encoding)
    else:
        report.refuse("file", "archives are nested too deep", within + name)


def _is_document(data: bytes, name: str) -> bool:
    """Whether a member is a document, and not settings of a project or another table."""
    if name.lower().endswith(".json"):
        return f'"{STRUCTURES}"'.encode() in data
    return not name.lower().endswith(".tsv") or MARK in data[:100]


def _read_document(data: bytes, where: str, report: Report, encoding: str) -> Iterator[Record]:
    head = data[:100].removeprefix(b"\xef\xbb\xbf").lstrip()
    name = re.sub(r"\.(xmi|json|tsv)\Z", "", where)
    if head.startswith(MARK):
        return read_tsv(data, name, report, encoding)
    return read_json(data, name, report) if head.startswith(b"{") else read_xmi(data, name, report)
