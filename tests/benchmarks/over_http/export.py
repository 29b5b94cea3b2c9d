"""An export read over HTTP as it comes, and what it takes of the web server's memory."""

import http.client
import os
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks.over_http.desk import Desk

_READ = 256 * 1024


@dataclass(frozen=True)
class Exported:
    """Seconds from the request to the first byte of the body and to the last; what came."""

    first_byte: float
    seconds: float
    lines: int
    size: int


def exported(desk: Desk, query: str, form: str = "jsonl", *, encoding: str = "identity") -> Exported:
    """Bytes and lines are those that are sent: a compressed export has no lines."""
    address = urlsplit(desk.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=600)
    began = time.perf_counter()
    path = f"/api/v1/corpora/{desk.corpus}/export/?format={form}&{query}"
    connection.request("GET", path, headers={"Authorization": f"Bearer {desk.token}", "Accept-Encoding": encoding})
    response = connection.getresponse()
    assert response.status == 200, response.read(1000)
    first, lines, size = 0.0, 0, 0
    while piece := response.read1(_READ):
        first = first or time.perf_counter() - began
        lines += piece.count(b"\n")
        size += len(piece)
    seconds = time.perf_counter() - began
    connection.close()
    return Exported(first, seconds, lines, size)


def web_processes(port: int) -> list[int]:
    """The processes of the web server at this port (Linux)."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                name, command = (folder / "comm").read_text(), (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if name == "web server\n" and str(port).encode() in command:
                found.append(int(folder.name))
    return found


def forget_peaks(processes: list[int]) -> None:
    for process in processes:
        Path(f"/proc/{process}/clear_refs").write_text("5")


def peak_megabytes(processes: list[int]) -> float:
    """The most that one of them held since, in 10**6 bytes."""
    return max(_peak(process) for process in processes)


def _peak(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return float(os.sysconf("SC_PAGE_SIZE"))
