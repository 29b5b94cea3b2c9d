"""Import speed, its memory, and near copies: `python -m tests.benchmarks.intake --articles 10000 --json`.

A JSONL file of synthetic articles of 500 words, a twentieth of them edited copies of others (a tenth of the words
changed, cut or moved), is imported without suggestions into a database of its own, by the command's own action.
"""

import argparse
import contextlib
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from tests import database

WORDS, COPIES = 500, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    run = database.start()
    try:
        figures = measure(options.articles)
    finally:
        if run is not None:
            run.end()
    print(json.dumps(figures) if options.json else json.dumps(figures, indent=4))


def measure(count: int) -> dict[str, object]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    try:
        call_command("migrate", verbosity=0)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "articles.jsonl"
            truth = write(path, count)
            return _import(path, count, truth)
    finally:
        connections.close_all()


def _import(path: Path, count: int, truth: dict[str, str]) -> dict[str, object]:
    from corpusapp.articles.actions import copies, store
    from corpusapp.articles.actions.import_articles import import_articles
    from corpusapp.intake import complete
    from corpusapp.intake.files import read_paths
    from tests import factories

    corpus, user = factories.make_corpus("bench"), factories.make_superuser()
    spent = {"copies": 0.0}
    timed_group, timed_sketch = _timed(copies.group_copies, spent), _timed(complete.minhash.sketch, spent)
    timed_keys = _timed(complete.minhash.band_keys, spent)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    spent_before = _processor_seconds()
    with (
        mock.patch.object(store, "group_copies", timed_group),
        mock.patch.object(complete.minhash, "sketch", timed_sketch),
        mock.patch.object(complete.minhash, "band_keys", timed_keys),
    ):
        began = time.perf_counter()
        batch = import_articles(user=user, corpus=corpus, items=read_paths([path]), origin="command", suggest=False)
        seconds = time.perf_counter() - began
    processor = _processor_seconds() - spent_before
    return {
        "articles": count,
        "added": batch.added,
        "articles_per_second": round(count / seconds, 1),
        # Of all processes, the embedded server's too: other work on the machine disturbs it less than the time.
        "processor_ms_per_article": round(1000 * processor / count, 2),
        "peak_memory_growth_mb": round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1),
        "near_copies": {**_copies(truth), "share_of_time": round(spent["copies"] / seconds, 3)},
    }


def _processor_seconds() -> float:
    """Of this process, its children that have ended, and the embedded server of this run."""
    from django.conf import settings

    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (process / "cwd").readlink() == settings.HOME.path / "postgres/data":
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def _timed(function, spent):
    def timed(*arguments, **more):
        began = time.perf_counter()
        try:
            return function(*arguments, **more)
        finally:
            spent["copies"] += time.perf_counter() - began

    return timed


def _copies(truth: dict[str, str]) -> dict[str, float]:
    """Precision and recall over pairs of articles in one group."""
    from itertools import combinations

    from corpusapp.articles.models import Article

    groups: dict[int, list[str]] = {}
    for group, name in Article.objects.exclude(copy_group=None).values_list("copy_group", "external_id"):
        groups.setdefault(group, []).append(name)
    found = {frozenset(pair) for names in groups.values() for pair in combinations(names, 2)}
    true = {frozenset(pair) for pair in truth.items()}
    hits = len(found & true)
    return {"pairs": len(true), "recall": round(hits / len(true), 4), "precision": round(hits / (len(found) or 1), 4)}


def write(path: Path, count: int) -> dict[str, str]:
    """Write the file; returns the original's external id by that of its copy."""
    truth: dict[str, str] = {}
    recent: dict[int, str] = {}
    with path.open("w") as file:
        for number, text in enumerate(texts(count)):
            name = f"a{number}"
            if number % COPIES == COPIES - 1:
                truth[name] = f"a{number - 7}"
                text = edited(recent[number - 7], random.Random(number))
            recent[number] = text
            recent.pop(number - COPIES, None)
            file.write(json.dumps({"text": text, "external_id": name, "source": f"Paper {number % 9}"}) + "\n")
    return truth


def texts(count: int) -> Iterator[str]:
    """Articles of words drawn with the frequencies of language, so that unrelated ones share common phrases."""
    chance = random.Random(7)
    words = ["".join(chance.choices("aeioubcdfghklmnprst", k=chance.randint(2, 9))) for _ in range(20_000)]
    weights = [1 / (rank + 3) for rank in range(len(words))]
    for number in range(count):
        drawn = random.Random(number).choices(words, weights, k=WORDS)
        sentences = [" ".join(drawn[at : at + 20]).capitalize() + "." for at in range(0, WORDS, 20)]
        yield "\n\n".join([f"Headline {drawn[0]} {drawn[1]}", *sentences])


def edited(text: str, chance: random.Random) -> str:
    """The text with a tenth of its words changed, cut or moved."""
    words = text.split(" ")
    tenth = len(words) // 10
    kind = chance.choice(("change", "cut", "move"))
    if kind == "change":
        for place in chance.sample(range(len(words)), tenth):
            words[place] = f"edit{chance.randrange(10**6)}"
        return " ".join(words)
    start = chance.randrange(len(words) - tenth)
    part, rest = words[start : start + tenth], words[:start] + words[start + tenth :]
    place = chance.randrange(len(rest))
    return " ".join(rest if kind == "cut" else rest[:place] + part + rest[place:])


if __name__ == "__main__":
    main()
