"""PDF: the text layer, read in a child process of bounded memory and time, for what a hostile PDF can do to both."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpusapp.intake.draft import Unfit
from corpusapp.intake.found import draft_from_found
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import taken

_ROOT = Path(__file__).parents[3]
_CHILD = "corpusapp.intake.pdf.child"


def _read(source: Source, reading: Reading) -> Items:
    limits = reading.limits
    data = taken(source.stream, limits.pdf_bytes, "the PDF")
    found = _in_child(data, limits.pdf_pages, limits.pdf_seconds, limits.pdf_memory)
    if reason := found.get("reason"):
        raise Unfit(reason)
    draft = draft_from_found(found["text"], item=source.item, title=found["title"], author=found["author"])
    notes = (*draft.notes, *found["notes"])
    yield replace(draft, notes=notes, encoding="", form="pdf", raw=data)


def _in_child(data: bytes, pages: int, seconds: int, memory: int) -> dict[str, Any]:
    command = [sys.executable, "-m", _CHILD, str(pages), str(seconds), str(memory)]
    wait = 2 * seconds + 5
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=wait, check=False, env=environment)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired as error:
        raise Unfit(f"the PDF took more than {wait} seconds to read: split it") from error
    except ValueError as error:
        raise Unfit(f"the PDF needs more than {seconds} seconds or {memory} bytes to read: split it") from error


def _sees(head: Head, named: bool) -> bool:
    # Readers of PDF take up to 1024 bytes before the mark.
    return head.data.startswith(b"%PDF-") or (named and b"%PDF-" in head.data[:1024])


PDF = Reader("pdf", (".pdf",), _sees, _read, signed=True)
