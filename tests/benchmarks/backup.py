"""Backups of a desk that is at work, and of a large one.

`python -m tests.benchmarks.backup --rounds 20 --json`: a desk of its own, into which a thread imports, in which others
decide, and which trains, is saved and restored again and again. Each round counts `differences`: tables whose rows are
not those of the saved moment, decided spans that do not follow from the log, releases and made exports whose file is
not theirs.

`python -m tests.benchmarks.backup --articles 100000 --spans 40 --json`: a made-up desk of that size is saved, restored
and hashed; seconds, bytes and hashes.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import database
from tests.benchmarks.economy.client import Client, Refused
from tests.benchmarks.economy.desk import CORPUS, PROJECT, running_desk

LABELS = ("PERSON", "ORG", "GPE")
_REPLAYS = """
    WITH last AS (SELECT DISTINCT ON (span_id) * FROM review_change ORDER BY span_id, id DESC)
    SELECT count(*) FROM (SELECT * FROM review_span WHERE state <> 'suggested') s
    FULL JOIN (SELECT * FROM last WHERE after_state <> 'suggested') l ON l.span_id = s.id
     AND (l.after_start, l.after_end, l.after_label_id, l.after_state, l.after_revision)
       = (s.start, s."end", s.label_id, s.state, s.revision)
    WHERE s.id IS NULL OR l.span_id IS NULL
"""
_CHECK = f"""
import json
from django.db import connection
from annotations.exports import store
from annotations.exports.models import Export
from annotations.releases.models import Release
from annotations.releases.queries.files import check_release
with connection.cursor() as cursor:
    cursor.execute({_REPLAYS!r})
    (spans,) = cursor.fetchone()
    cursor.execute("SELECT (SELECT count(*) FROM articles_article), (SELECT count(*) FROM review_change)")
    articles, changes = cursor.fetchone()
releases = sum(check_release(each).state != "whole" for each in Release.objects.exclude(sha256=""))
exports = sum(store.file_in(each.folder, each.name) is None for each in Export.objects.filter(state="finished"))
print(json.dumps(dict(spans=spans, releases=releases, exports=exports, articles=articles, changes=changes)))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=0)
    parser.add_argument("--articles", type=int, default=0)
    parser.add_argument("--spans", type=int, default=40)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures: dict[str, Any] = {}
    if options.rounds:
        figures["rounds"] = at_work(options.rounds)
    if options.articles:
        figures["size"] = of_size(options.articles, options.spans)
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=4))


def manage(home: Path, *command: str) -> str:
    environment = {**os.environ, "CORPUSAPP_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)[:80]}: {done.stderr[-2000:]}")
    return done.stdout


@contextmanager
def _place() -> Iterator[Path]:
    """A folder that the server's system user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="corpusapp-backups-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        database.clear(folder)


def at_work(rounds: int) -> dict[str, Any]:
    with running_desk(LABELS) as client, _place() as place:
        home, stop = Path(os.environ["CORPUSAPP_HOME"]), threading.Event()
        writers = [Writer(work, client.again(), stop) for work in (_import, _decide, _decide, _order)]
        found = []
        try:
            for number in range(rounds):
                time.sleep(1)
                found.append(_round(home, place, number))
        finally:
            stop.set()
            for writer in writers:
                writer.join()
    return {
        "rounds": rounds,
        "differences": sum(one["differences"] for one in found),
        "seconds": [one["seconds"] for one in found],
        "articles": [one["articles"] for one in found],
        "changes": [one["changes"] for one in found],
        "written": {writer.name: writer.done for writer in writers},
        "failed": [error for writer in writers for error in writer.errors],
    }


def _round(home: Path, place: Path, number: int) -> dict[str, Any]:
    archive, target = place / f"{number}.tar", place / f"home-{number}"
    began = time.perf_counter()
    saved = json.loads(manage(home, "backup", str(archive), "--json"))
    seconds = round(time.perf_counter() - began, 2)
    # Refuses where a table or a file is another than the one that was saved.
    restored = manage(target, "restore", str(archive))
    now = json.loads(manage(target, "shell", "--verbosity=0", "-c", _CHECK))
    differences = (saved["content"] not in restored) + len(saved["missing"])
    differences += now["spans"] + now["releases"] + now["exports"]
    database.clear(target)
    archive.unlink()
    return {"seconds": seconds, "differences": differences, "articles": now["articles"], "changes": now["changes"]}


class Writer(threading.Thread):
    """Does one thing after the other until it is told to stop."""

    def __init__(self, work: "Callable[[Client, random.Random, int], None]", client: Client, stop: Any) -> None:
        super().__init__(daemon=True, name=work.__name__.strip("_"))
        self.done, self.errors = 0, []
        self._work, self._client, self._stop_told = work, client, stop
        self.start()

    def run(self) -> None:
        rng = random.Random(self.name)
        while not self._stop_told.is_set():
            try:
                self._work(self._client, rng, self.done)
                self.done += 1
            except Refused as refused:
                # Others decide on the same spans; a corpus is trained once at a time.
                if refused.status not in (404, 409, 412):
                    self.errors.append(str(refused)[:300])
                    return


def _import(client: Client, rng: random.Random, number: int) -> None:
    people, places = ("Ann Larkin", "Omar Sultani", "Li Wei"), ("Tehran", "Damascus", "Lyon")
    records = [
        {"text": f"{rng.choice(people)} went to {rng.choice(places)} on day {number}-{each}, {rng.random()}."}
        for each in range(5)
    ]
    client.post(f"articles/?corpus={CORPUS}", records)


def _decide(client: Client, rng: random.Random, number: int) -> None:
    spans = client.get(f"spans/?corpus={CORPUS}&state=suggested&limit=20")["results"]
    if not spans:
        time.sleep(0.2)
        return
    span = rng.choice(spans)
    body = {"revision": span["revision"], "state": rng.choice(("confirmed", "rejected"))}
    client.ask("PATCH", f"spans/{span['id']}/", body)


def _order(client: Client, rng: random.Random, number: int) -> None:
    time.sleep(2)
    what = number % 3
    if what == 0:
        client.post(f"corpora/{CORPUS}/exports/", {"format": "jsonl", "filter": {"stage": ["any"]}})
    elif what == 1:
        client.post(f"corpora/{CORPUS}/releases/", {"name": f"r{number}", "filter": {"stage": ["any"]}})
    else:
        client.post(f"corpora/{CORPUS}/models/", {})


def of_size(articles: int, spans: int) -> dict[str, Any]:
    with _place() as place:
        home, target, archive = place / "home", place / "target", place / "one.tar"
        manage(home, "upgrade")
        manage(home, "make_corpus", "large", "--articles", str(articles), "--spans", str(spans))
        found: dict[str, Any] = {"articles": articles, "spans": articles * spans}
        for name, command, where in (
            ("hash", ("content_hash",), home), ("backup", ("backup", str(archive)), home),
            ("restore", ("restore", str(archive)), target), ("hash_restored", ("content_hash",), target),
        ):  # fmt: skip
            began = time.perf_counter()
            said = manage(where, *command)
            found[f"{name}_seconds"] = round(time.perf_counter() - began, 1)
            found.setdefault("content", said.split()[-1])
            assert found["content"] in said, f"{name}: another content"
        return found | {"archive_bytes": archive.stat().st_size}


if __name__ == "__main__":
    main()
