"""The memory of a desk, started as `make run` does: `python -m tests.benchmarks.memory --articles 500 --json` (Linux).

Measured at rest with the sample, at rest after an import with suggestions and an export, and at the highest between
these. Each figure is the proportional set size (PSS) in 2**20 bytes of all processes, in which shared pages count once.
"""

import argparse
import contextlib
import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import database
from tests.benchmarks.economy import desk
from tests.benchmarks.economy.client import Client

ARTICLES, REST_SECONDS, _SENTENCES = 500, 70, 25
MOST = {"at rest": 450}
_POLL_SECONDS = 0.5
_PEOPLE = ("Karim Daher", "Leila Moradi", "Omid Rastegar", "Samir Qasim", "Nadia Haddad", "Yusuf Erdem", "Ana Petrov")
_PLACES = ("Damascus", "Tehran", "Aleppo", "Isfahan", "Beirut", "Ankara", "Astana", "Homs", "Mashhad", "Latakia")
_BODIES = ("the Foreign Ministry", "Levant Wire", "the Trade Council", "the Relief Agency", "the World Bank")
_WORDS = ("open", "close", "delay", "review", "new", "joint", "talks", "on", "trade", "water", "grain", "and", "prices")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=ARTICLES)
    parser.add_argument("--rest", type=int, default=REST_SECONDS, help="seconds until idle children have ended (70)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    run = database.start()
    assert run is not None
    try:
        figures = measure(run.folder / "home", options.articles, options.rest)
    finally:
        run.end()
    print(json.dumps(figures, indent=None if options.json else 4))


def measure(home: Path, articles: int, rest: int) -> dict[str, Any]:
    with desk.running(desk.free_port()) as started:
        token = desk.output_of("-m", "tests.benchmarks.economy.preparation", "PERSON", "ORG", "GPE").splitlines()[-1]
        client = Client(started.url, token, timeout=600)
        time.sleep(rest / 3)
        figures: dict[str, Any] = {"articles": articles, "most": MOST, "started": _sizes(started.pid, home)}
        with _highest(started.pid, home) as highest:
            began = time.monotonic()
            client.import_articles(desk.CORPUS, list(_records(articles)))
            figures["seconds"] = round(time.monotonic() - began, 1)
            client.wait_until_idle(desk.CORPUS)
            client.get(f"articles/?corpus={desk.CORPUS}&limit=100")
        figures["highest"] = highest
        time.sleep(rest)
        figures["after_import"] = _sizes(started.pid, home)
    return figures


def _records(articles: int) -> Iterator[dict[str, Any]]:
    """Articles of some thousand characters with names, no two alike."""
    for number in range(articles):
        chance = random.Random(number)
        sentences = (
            f"{chance.choice(_PEOPLE)} said in {chance.choice(_PLACES)} that {chance.choice(_BODIES)} would "
            f"{' '.join(chance.choices(_WORDS, k=8))} before {chance.randrange(1900, 2030)}."
            for _ in range(_SENTENCES)
        )
        yield {"text": f"Report {number}\n\n" + " ".join(sentences), "external_id": str(number)}


@contextlib.contextmanager
def _highest(pid: int, home: Path) -> Iterator[dict[str, float]]:
    """The highest total of the block, and the processes at that moment; filled while it runs."""
    highest: dict[str, float] = {"total": 0.0}
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(_POLL_SECONDS):
            now = _sizes(pid, home)
            if now["total"] > highest["total"]:
                highest.clear()
                highest.update(now)

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield highest
    ended.set()
    watcher.join()


def _sizes(pid: int, home: Path) -> dict[str, float]:
    """MiB by process, named as `ps -o comm` does; those of one name together."""
    sizes: dict[str, float] = {}
    for process in processes_of(pid, home):
        # A process may end meanwhile.
        with contextlib.suppress(OSError):
            name = (process / "comm").read_text().strip()
            name = "supervisor" if process.name == str(pid) else name
            sizes[name] = sizes.get(name, 0.0) + _proportional_kilobytes(process) / 1024
    rounded = {name: round(size, 1) for name, size in sorted(sizes.items())}
    return {"total": round(sum(sizes.values()), 1), **rounded}


def _proportional_kilobytes(process: Path) -> int:
    lines = (process / "smaps_rollup").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def processes_of(pid: int, home: Path) -> list[Path]:
    """The process, all that it started, and the database of its home."""
    parents: dict[int, int] = {}
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            if (process / "cwd").readlink() == home / "postgres" / "data":
                found.add(int(process.name))
    found.add(pid)
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return [Path("/proc") / str(process) for process in sorted(found)]


if __name__ == "__main__":
    main()
